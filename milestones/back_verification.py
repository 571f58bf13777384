"""What ``verify_ledger`` says of what is asked back: only what was released comes back, and with consent (P36)."""

# The event just before, of the same milestone: it says what is held.
BEFORE = """
    SELECT held_after FROM milestones_milestoneevent p
    WHERE p.milestone_id = e.milestone_id AND p.id < e.id ORDER BY p.id DESC LIMIT 1
"""

STORIES: dict[str, str] = {
    "R%s says that %s came back with %s held, its transfer T%s says “%s” of %s; %s was held before": f"""
        SELECT e.id, e.amount, e.held_after, t.id, t.kind, t.amount, ({BEFORE})
        FROM milestones_milestoneevent e LEFT JOIN ledger_transfer t ON t.id = e.transfer_id
        WHERE e.action = 'take-back'
          AND ((t.kind, t.amount) IS DISTINCT FROM ('refund', e.amount) OR e.held_after IS DISTINCT FROM ({BEFORE}))""",
    "R%s of M%s took money back from others than its freelancer, or gave it to others than its employer (T%s)": """
        SELECT e.id, m.id, t.id FROM milestones_milestoneevent e
        JOIN milestones_milestone m ON m.id = e.milestone_id
        JOIN ledger_transfer t ON t.id = e.transfer_id
        LEFT JOIN ledger_account payer ON payer.id = t.debit_account_id
        LEFT JOIN ledger_account payee ON payee.id = t.credit_account_id
        WHERE e.action = 'take-back'
          AND (payer.kind, payer.owner_id, payee.kind, payee.owner_id, t.currency)
              IS DISTINCT FROM ('wallet', m.freelancer_id, 'wallet', m.employer_id, m.currency)""",
    "T%s took %s back that was released, without an event": """
        SELECT t.id, t.amount FROM ledger_transfer t
        WHERE t.kind = 'refund' AND NOT EXISTS (
            SELECT 1 FROM milestones_milestoneevent e WHERE e.transfer_id = t.id AND e.action = 'take-back')""",
    "M%s: with R%s %s had come back, of %s that was released until then": """
        SELECT milestone_id, id, back, released FROM (
            SELECT e.milestone_id, e.id, e.action,
                   sum(e.amount) FILTER (WHERE e.action = 'take-back') OVER until_then AS back,
                   coalesce(sum(e.amount) FILTER (WHERE e.action = 'release') OVER until_then, 0) AS released
            FROM milestones_milestoneevent e
            WHERE e.milestone_id IN (SELECT milestone_id FROM milestones_milestoneevent WHERE action = 'take-back')
            WINDOW until_then AS (PARTITION BY e.milestone_id ORDER BY e.id)) steps
        WHERE action = 'take-back' AND back > released""",
    "R%s took %s back without its freelancer's consent to exactly that": """
        SELECT e.id, e.amount FROM milestones_milestoneevent e JOIN milestones_milestone m ON m.id = e.milestone_id
        WHERE e.action = 'take-back' AND (e.actor_id IS DISTINCT FROM m.freelancer_id OR NOT EXISTS (
            SELECT 1 FROM milestones_askevent consent
            JOIN milestones_returnrequest asked ON asked.id = consent.ask_id
            WHERE consent.key = e.key AND consent.kind = 'return-request' AND consent.action = 'agree'
              AND consent.actor_id = m.freelancer_id AND asked.state = 'agreed'
              AND asked.milestone_id = m.id AND asked.amount = e.amount))""",
    "the %s %s of M%s was agreed to, and nothing was done": """
        SELECT kind, id, milestone_id FROM (
            SELECT 'return-request' AS kind, id, milestone_id, 'take-back' AS deed
            FROM milestones_returnrequest WHERE state = 'agreed'
            UNION ALL
            SELECT 'cancel-request', id, milestone_id, 'cancel'
            FROM milestones_cancelrequest WHERE state = 'agreed') asked
        WHERE NOT EXISTS (
            SELECT 1 FROM milestones_askevent consent JOIN milestones_milestoneevent e ON e.key = consent.key
            WHERE consent.kind = asked.kind AND consent.ask_id = asked.id AND consent.action = 'agree'
              AND e.milestone_id = asked.milestone_id AND e.action = asked.deed)""",
    "R%s gave %s back by %s, to which not both sides have consented, or which one person did alone": """
        SELECT e.id, e.amount, e.cause FROM milestones_milestoneevent e
        JOIN milestones_milestone m ON m.id = e.milestone_id
        WHERE e.cause LIKE 'G%%' AND NOT EXISTS (
            SELECT 1 FROM milestones_consentrequest c
            WHERE 'G' || c.id = e.cause AND c.milestone_id = m.id AND c.state = 'agreed'
              AND (e.amount <= c.alone_limit OR e.actor_id <> c.asked_by_id)
              AND 2 = (SELECT count(*) FROM (
                  SELECT DISTINCT ON (actor_id) actor_id, action FROM milestones_askevent
                  WHERE kind = 'consent-request' AND ask_id = c.id AND action IN ('consent', 'revoke')
                    AND actor_id IN (m.employer_id, m.freelancer_id) ORDER BY actor_id, id DESC) last
                  WHERE action = 'consent'))""",
    "the %s %s is about M%s, which is not of its award": """
        SELECT asked.kind, asked.id, asked.milestone_id FROM (
            SELECT 'return-request' AS kind, id, milestone_id, award_id FROM milestones_returnrequest
            UNION ALL SELECT 'cancel-request', id, milestone_id, award_id FROM milestones_cancelrequest) asked
        JOIN milestones_milestone m ON m.id = asked.milestone_id WHERE m.award_id <> asked.award_id""",
}
