"""What ``verify_ledger`` says of disputes: they and the milestones tell one story, and every split is what moved."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Sum

from disputes import arbitration_fee
from disputes.models import Dispute
from milestones.models import MilestoneEvent

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
    "T%s took %s for an arbitration that no verdict has charged": """
        SELECT t.id, t.amount FROM ledger_transfer t
        WHERE t.kind = 'arbitration' AND NOT EXISTS (
            SELECT 1 FROM disputes_disputeevent e JOIN disputes_dispute d ON d.id = e.dispute_id
            WHERE e.key = t.key AND e.action = 'charge' AND d.outcome = 'verdict')""",
    "D%s charged %s (employer) and %s (freelancer) for its arbitration; %s and %s left their wallets": """
        WITH moved AS (
            SELECT e.id, coalesce(sum(t.amount) FILTER (WHERE w.owner_id = a.employer_id), 0) AS employer,
                   coalesce(sum(t.amount) FILTER (WHERE w.owner_id = a.freelancer_id), 0) AS freelancer,
                   coalesce(sum(t.amount), 0) AS everything
            FROM disputes_disputeevent e JOIN disputes_dispute d ON d.id = e.dispute_id
            JOIN projects_award a ON a.id = d.award_id
            LEFT JOIN ledger_transfer t ON t.key = e.key AND t.kind = 'arbitration'
            LEFT JOIN ledger_account w ON w.id = t.debit_account_id AND w.kind = 'wallet'
            WHERE e.action = 'charge' GROUP BY e.id)
        SELECT e.dispute_id, e.data -> 'employer', e.data -> 'freelancer', moved.employer, moved.freelancer
        FROM disputes_disputeevent e JOIN moved ON moved.id = e.id
        WHERE ((e.data ->> 'employer')::bigint, (e.data ->> 'freelancer')::bigint,
               (e.data ->> 'employer')::bigint + (e.data ->> 'freelancer')::bigint)
              IS DISTINCT FROM (moved.employer, moved.freelancer, moved.everything)""",
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
    yield from _fees()


def _fees() -> Iterator[str]:
    """Yield a sentence for every verdict whose fee is not what the dispute's own rules say."""
    verdicts = Dispute.objects.filter(outcome=Dispute.Outcome.VERDICT).select_related("award")
    for dispute in verdicts.order_by("pk").iterator(chunk_size=500):
        charged = dispute.events.filter(action="charge").values_list("data", flat=True)
        released = MilestoneEvent.objects.filter(cause=dispute.reference, action="release")
        sums = released.aggregate(paid=Sum("amount", default=0), fees=Sum("freelancer_fee", default=0))
        due = arbitration_fee.parts(
            dispute.rules.fee(dispute.disputed), dispute.disputed, sums["paid"], sums["paid"] - sums["fees"]
        )
        said = [arbitration_fee.Parts(data["employer"], data["freelancer"]) for data in charged]
        if said != ([due] if any(due) else []):
            yield f"{dispute.reference} charged {said} for its arbitration; by its rules it is {due}"
