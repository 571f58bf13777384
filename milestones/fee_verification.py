"""What ``verify_ledger`` says of fees: the rule of config/fees.py in SQL, and every leg that must follow from it."""


def due(released: str, side: str) -> str:
    """Return SQL for the fee that is due once *released* of milestone ``m`` of award ``a`` is released in all.

    Half-even, which PostgreSQL's round() is not: it rounds a half up, so half of the halves are one too many.
    """
    part = f"({released})::numeric * a.{side}_fee_percent * 0.01"
    rounded = f"round({part}) - CASE WHEN mod({part}, 1) = 0.5 AND mod(round({part}), 2) = 1 THEN 1 ELSE 0 END"
    return f"least({released}, greatest({rounded}, a.{side}_fee_least))::bigint"


def _between(before: str, after: str, side: str) -> str:
    return f"{due(after, side)} - {due(before, side)}"


# A step takes what was released from one sum to another: at a release by what it paid, and at an end that gave the
# rest back the employer's fee on that rest came back. What was set aside at first was the fee on the whole. What is
# taken back after its release changes neither: fees stay with the site.
BEFORE = "m.amount - e.held_after - e.amount"
AFTER = "m.amount - e.held_after"
# Where there are none, zero needs no arithmetic: most awards of many sites.
COLUMNS = "a.freelancer_fee_percent, a.freelancer_fee_least, a.employer_fee_percent, a.employer_fee_least"
HAS_TERMS = f"({COLUMNS}) <> (0, 0, 0, 0)"
RULE = f"""
    SELECT e.id,
        CASE e.action WHEN 'release' THEN {_between(BEFORE, AFTER, "freelancer")} ELSE 0 END AS freelancer_fee,
        CASE e.action WHEN 'create' THEN {due("m.amount", "employer")} WHEN 'take-back' THEN 0
            ELSE {_between(BEFORE, AFTER, "employer")} END AS employer_fee
    FROM milestones_milestoneevent e
    JOIN milestones_milestone m ON m.id = e.milestone_id
    JOIN projects_award a ON a.id = m.award_id
    WHERE {HAS_TERMS} OR e.freelancer_fee <> 0 OR e.employer_fee <> 0
"""
# Every transfer that is a fee or touches what is set aside for one, with the event whose operation it belongs to, and
# whose fee it is. NULL where no event's step makes such a transfer. It is to be materialized: asked for those with an
# event, the planner would otherwise begin with the events and look into a whole wallet for each.
LEGS = """
    SELECT t.id, t.amount, 'freelancer' AS side, e.id AS event_id
    FROM ledger_transfer t
    LEFT JOIN (ledger_transfer main JOIN milestones_milestoneevent e ON e.transfer_id = main.id)
        ON main.key = t.key AND e.action = 'release' AND main.credit_account_id = t.debit_account_id
        AND EXISTS (SELECT 1 FROM ledger_account s WHERE s.id = t.credit_account_id AND s.kind = 'fees')
    WHERE t.kind = 'fee'
      AND NOT EXISTS (SELECT 1 FROM milestones_milestone m WHERE m.fee_escrow_id = t.debit_account_id)
    UNION ALL
    SELECT t.id, t.amount, 'employer', e.id
    FROM milestones_milestone m JOIN ledger_transfer t ON t.debit_account_id = m.fee_escrow_id
    LEFT JOIN (ledger_transfer main JOIN milestones_milestoneevent e ON e.transfer_id = main.id)
        ON main.key = t.key AND e.milestone_id = m.id AND (
            e.action = 'release' AND t.kind = 'fee'
                AND EXISTS (SELECT 1 FROM ledger_account s WHERE s.id = t.credit_account_id AND s.kind = 'fees')
            OR e.action IN ('withdraw', 'cancel', 'return') AND t.kind = 'return'
                AND t.credit_account_id = main.credit_account_id)
    UNION ALL
    SELECT t.id, t.amount, 'employer', e.id
    FROM milestones_milestone m JOIN ledger_transfer t ON t.credit_account_id = m.fee_escrow_id
    LEFT JOIN (ledger_transfer main JOIN milestones_milestoneevent e ON e.transfer_id = main.id)
        ON main.key = t.key AND e.milestone_id = m.id AND e.action = 'create' AND t.kind = 'hold'
        AND t.debit_account_id = main.debit_account_id
"""

STORIES: dict[str, str] = {
    "R%s says fees of %s (freelancer) and %s (employer); by the award's terms they are %s and %s": f"""
        SELECT e.id, e.freelancer_fee, e.employer_fee, rule.freelancer_fee, rule.employer_fee
        FROM milestones_milestoneevent e JOIN ({RULE}) rule ON rule.id = e.id
        WHERE (e.freelancer_fee, e.employer_fee) IS DISTINCT FROM (rule.freelancer_fee, rule.employer_fee)""",
    # Both say what is wrong with the same legs, which take most of the time to find.
    "%s": f"""
        WITH legs AS MATERIALIZED ({LEGS}), moved AS (
            SELECT event_id, coalesce(sum(amount) FILTER (WHERE side = 'freelancer'), 0) AS freelancer,
                   coalesce(sum(amount) FILTER (WHERE side = 'employer'), 0) AS employer
            FROM legs WHERE event_id IS NOT NULL GROUP BY event_id)
        SELECT format('R%s says fees of %s (freelancer) and %s (employer); its transfers moved %s and %s',
                      e.id, e.freelancer_fee, e.employer_fee,
                      coalesce(moved.freelancer, 0), coalesce(moved.employer, 0))
        FROM milestones_milestoneevent e LEFT JOIN moved ON moved.event_id = e.id
        WHERE (e.freelancer_fee, e.employer_fee)
              IS DISTINCT FROM (coalesce(moved.freelancer, 0), coalesce(moved.employer, 0))
        UNION ALL
        SELECT format('T%s moved a fee of %s without an event that says so', id, amount)
        FROM legs WHERE event_id IS NULL""",
    "M%s keeps %s for its employer's fee; by the award's terms it is %s": f"""
        SELECT m.id, coalesce(f.balance, 0), {_between("m.amount - b.balance", "m.amount", "employer")}
        FROM milestones_milestone m
        JOIN projects_award a ON a.id = m.award_id
        JOIN ledger_account b ON b.id = m.escrow_id
        LEFT JOIN ledger_account f ON f.id = m.fee_escrow_id
        WHERE ({HAS_TERMS} OR f.balance <> 0)
          AND coalesce(f.balance, 0) <> {_between("m.amount - b.balance", "m.amount", "employer")}""",
    "M%s keeps its employer's fee in an account of another kind or currency, or one that is not its own (%s %s)": """
        SELECT m.id, f.kind, f.currency
        FROM milestones_milestone m JOIN ledger_account f ON f.id = m.fee_escrow_id
        WHERE f.kind <> 'escrow' OR f.currency <> m.currency
           OR EXISTS (SELECT 1 FROM milestones_milestone other WHERE other.escrow_id = f.id)""",
}
