"""What ``verify_ledger`` says of disputes: they and the milestones tell one story, and every split is what moved."""

from collections.abc import Iterator

from django.db import connection

STORIES: dict[str, str] = {
    "M%s is “%s” but is in %s open disputes": """
        SELECT m.id, m.state, count(p.id) FROM milestones_milestone m
        LEFT JOIN disputes_disputedmilestone p ON p.milestone_id = m.id AND p.open
        WHERE m.state = 'disputed' OR p.id IS NOT NULL
        GROUP BY m.id, m.state HAVING (m.state = 'disputed') <> (count(p.id) = 1)""",
    "D%s is “%s” but M%s is “%s” in it, with %s for the freelancer": """
        SELECT d.id, d.state, p.milestone_id, CASE WHEN p.open THEN 'open' ELSE 'closed' END, p.to_freelancer
        FROM disputes_disputedmilestone p JOIN disputes_dispute d ON d.id = p.dispute_id
        WHERE p.open <> (d.state IN ('opened', 'negotiation', 'arbitration'))
           OR (p.to_freelancer IS NOT NULL) <> (d.state = 'resolved')""",
    "D%s disputes %s of M%s, of which %s is held": """
        SELECT d.id, p.held, p.milestone_id, a.balance
        FROM disputes_disputedmilestone p JOIN disputes_dispute d ON d.id = p.dispute_id
        JOIN milestones_milestone m ON m.id = p.milestone_id JOIN ledger_account a ON a.id = m.escrow_id
        WHERE p.open AND p.held <> a.balance""",
    "D%s is about M%s, which belongs to another award": """
        SELECT d.id, m.id FROM disputes_disputedmilestone p JOIN disputes_dispute d ON d.id = p.dispute_id
        JOIN milestones_milestone m ON m.id = p.milestone_id
        WHERE (m.award_id, m.currency) IS DISTINCT FROM (d.award_id, d.currency)""",
    "D%s split M%s into %s and %s; its events say %s and %s": """
        WITH moved AS (
            SELECT e.milestone_id, e.cause, coalesce(sum(e.amount) FILTER (WHERE e.action = 'release'), 0) AS released,
                   coalesce(sum(e.amount) FILTER (WHERE e.action = 'return'), 0) AS returned
            FROM milestones_milestoneevent e WHERE e.cause LIKE 'D%%' GROUP BY 1, 2)
        SELECT d.id, p.milestone_id, p.to_freelancer, p.held - p.to_freelancer,
               coalesce(moved.released, 0), coalesce(moved.returned, 0)
        FROM disputes_disputedmilestone p JOIN disputes_dispute d ON d.id = p.dispute_id
        LEFT JOIN moved ON moved.milestone_id = p.milestone_id AND moved.cause = 'D' || d.id
        WHERE (coalesce(p.to_freelancer, 0), coalesce(p.held - p.to_freelancer, 0))
              IS DISTINCT FROM (coalesce(moved.released, 0), coalesce(moved.returned, 0))""",
    "R%s moved %s by %s, which knows nothing of M%s": """
        SELECT e.id, e.amount, e.cause, e.milestone_id FROM milestones_milestoneevent e
        WHERE e.cause LIKE 'D%%' AND NOT EXISTS (
            SELECT 1 FROM disputes_disputedmilestone p
            WHERE p.milestone_id = e.milestone_id AND 'D' || p.dispute_id = e.cause AND p.to_freelancer IS NOT NULL)""",
    "D%s was split as no offer, proposal or verdict says (%s)": """
        SELECT d.id, d.outcome FROM disputes_dispute d
        CROSS JOIN LATERAL (
            SELECT array_agg(p.to_freelancer ORDER BY p.milestone_id) AS split
            FROM disputes_disputedmilestone p WHERE p.dispute_id = d.id) s
        WHERE d.state = 'resolved' AND NOT CASE d.outcome
            WHEN 'accepted' THEN EXISTS (
                SELECT 1 FROM disputes_offer o WHERE o.dispute_id = d.id AND o.to_freelancer = s.split)
            WHEN 'executed' THEN (
                SELECT count(*) = 1 AND bool_and(o.to_freelancer = s.split AND o.by_id = d.opened_by_id)
                FROM disputes_offer o WHERE o.dispute_id = d.id)
            WHEN 'proposal' THEN EXISTS (
                SELECT 1 FROM disputes_proposal o WHERE o.dispute_id = d.id AND o.to_freelancer = s.split)
            WHEN 'verdict' THEN EXISTS (
                SELECT 1 FROM disputes_verdict o WHERE o.dispute_id = d.id AND o.to_freelancer = s.split)
            ELSE false END""",
}


def differences() -> Iterator[str]:
    """Yield a sentence for everything in which disputes, milestones and the ledger disagree."""
    with connection.cursor() as cursor:
        for sentence, query in STORIES.items():
            cursor.execute(query)
            for row in cursor.fetchall():
                yield sentence % row
