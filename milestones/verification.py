"""Every milestone's story, added up anew from the ledger's transfers (architecture: ``verify_ledger``)."""

from collections.abc import Iterator

from django.db import connection

from milestones import back_verification, fee_verification

# Each statement returns one row a difference: a sentence's words. All are set-based: a million rows take seconds.
STORIES: dict[str, str] = {
    "M%s is “%s” but %s is held": """
        SELECT m.id, m.state, a.balance FROM milestones_milestone m JOIN ledger_account a ON a.id = m.escrow_id
        WHERE (m.state IN ('held', 'disputed')) <> (a.balance > 0)""",
    "M%s keeps its money in an account of another kind or currency (%s %s)": """
        SELECT m.id, a.kind, a.currency FROM milestones_milestone m JOIN ledger_account a ON a.id = m.escrow_id
        WHERE a.kind <> 'escrow' OR a.currency <> m.currency""",
    "M%s was made for %s but %s was put on hold": """
        SELECT m.id, m.amount, coalesce(sum(t.amount), 0)
        FROM milestones_milestone m LEFT JOIN ledger_transfer t ON t.credit_account_id = m.escrow_id
        GROUP BY m.id, m.amount HAVING coalesce(sum(t.amount), 0) <> m.amount""",
    "T%s moved a milestone's money without an event": """
        SELECT t.id FROM ledger_transfer t
        JOIN ledger_account a ON a.kind = 'escrow' AND a.id IN (t.debit_account_id, t.credit_account_id)
        WHERE NOT EXISTS (SELECT 1 FROM milestones_milestoneevent e WHERE e.transfer_id = t.id)
          AND NOT EXISTS (SELECT 1 FROM milestones_milestone m WHERE m.fee_escrow_id = a.id)""",
    "R%s says “%s” of %s with %s held afterwards, its transfer T%s says “%s” of %s": """
        SELECT e.id, e.action, e.amount, e.held_after, t.id, t.kind, t.amount FROM milestones_milestoneevent e
        JOIN milestones_milestone m ON m.id = e.milestone_id
        LEFT JOIN ledger_transfer t ON t.id = e.transfer_id
        WHERE e.action <> 'take-back' AND (
           t.id IS NULL OR t.amount <> e.amount OR m.escrow_id NOT IN (t.debit_account_id, t.credit_account_id)
           OR e.held_after <> CASE m.escrow_id WHEN t.debit_account_id THEN t.debit_balance ELSE t.credit_balance END
           OR t.kind <> CASE e.action WHEN 'create' THEN 'hold' WHEN 'release' THEN 'release' ELSE 'return' END)
       """,
    "R%s of M%s moved money between others than its milestone's employer and freelancer (T%s)": """
        SELECT e.id, m.id, t.id FROM milestones_milestoneevent e
        JOIN milestones_milestone m ON m.id = e.milestone_id
        JOIN ledger_transfer t ON t.id = e.transfer_id
        JOIN ledger_account other
            ON other.id = CASE e.action WHEN 'create' THEN t.debit_account_id ELSE t.credit_account_id END
        WHERE e.action <> 'take-back' AND (
            m.escrow_id <> CASE e.action WHEN 'create' THEN t.credit_account_id ELSE t.debit_account_id END
            OR other.kind <> 'wallet'
            OR other.owner_id <> CASE e.action WHEN 'release' THEN m.freelancer_id ELSE m.employer_id END)""",
    "M%s holds %s for an award that has ended (%s)": """
        SELECT m.id, b.balance, a.state FROM milestones_milestone m
        JOIN projects_award a ON a.id = m.award_id JOIN ledger_account b ON b.id = m.escrow_id
        WHERE b.balance > 0 AND a.state NOT IN ('awaiting', 'accepted')""",
    "the %s total of member %s in %s says %s in %s milestones; there is %s in %s": """
        WITH sums AS (
            SELECT side, member_id, m.currency, sum(a.balance) AS held, count(*) AS milestones
            FROM milestones_milestone m JOIN ledger_account a ON a.id = m.escrow_id AND a.balance > 0
            CROSS JOIN LATERAL (VALUES ('outgoing', m.employer_id), ('incoming', m.freelancer_id)) p (side, member_id)
            GROUP BY 1, 2, 3)
        SELECT side, member_id, currency, coalesce(t.held, 0), coalesce(t.milestones, 0),
               coalesce(s.held, 0), coalesce(s.milestones, 0)
        FROM milestones_heldtotal t FULL JOIN sums s USING (side, member_id, currency)
        WHERE (coalesce(t.held, 0), coalesce(t.milestones, 0))
              IS DISTINCT FROM (coalesce(s.held, 0), coalesce(s.milestones, 0))""",
    "the %s total of member %s in %s in the month of %s says %s held, %s released, %s back; there is %s, %s, %s": """
        WITH folded AS (SELECT up_to, zone FROM milestones_foldedmonths),
        sums AS (
            SELECT side, member_id, m.currency, date_trunc('month', e.at AT TIME ZONE folded.zone)::date AS month,
                   coalesce(sum(e.amount) FILTER (WHERE action = 'create'), 0) AS held,
                   coalesce(sum(e.amount) FILTER (WHERE action = 'release'), 0) AS released,
                   coalesce(sum(e.amount) FILTER (WHERE action IN ('withdraw', 'cancel', 'return', 'take-back')), 0)
                       AS returned
            FROM folded JOIN milestones_milestoneevent e ON e.id <= folded.up_to
            JOIN milestones_milestone m ON m.id = e.milestone_id
            CROSS JOIN LATERAL (VALUES ('outgoing', m.employer_id), ('incoming', m.freelancer_id)) p (side, member_id)
            GROUP BY 1, 2, 3, 4)
        SELECT side, member_id, currency, month,
               coalesce(t.held, 0), coalesce(t.released, 0), coalesce(t.returned, 0),
               coalesce(s.held, 0), coalesce(s.released, 0), coalesce(s.returned, 0)
        FROM milestones_monthtotal t FULL JOIN sums s USING (side, member_id, currency, month)
        WHERE (coalesce(t.held, 0), coalesce(t.released, 0), coalesce(t.returned, 0))
              IS DISTINCT FROM (coalesce(s.held, 0), coalesce(s.released, 0), coalesce(s.returned, 0))""",
}


def differences() -> Iterator[str]:
    """Yield a sentence for everything in which milestones and the ledger disagree."""
    with connection.cursor() as cursor:
        for sentence, query in {**STORIES, **back_verification.STORIES, **fee_verification.STORIES}.items():
            cursor.execute(query)
            for row in cursor.fetchall():
                yield sentence % row
