"""How much of a member's work was disputed (P3)."""

from collections.abc import Sequence

from milestones.statements import run

# Per mille of the milestones of accepted awards. A dispute that was withdrawn counts nothing: anybody could open one.
SHARE = """
    SELECT m.{who}, round(1000.0 * count(*) FILTER (WHERE EXISTS (
               SELECT FROM disputes_disputedmilestone p JOIN disputes_dispute d ON d.id = p.dispute_id
               WHERE p.milestone_id = m.id AND d.state <> 'withdrawn')) / count(*))::int
    FROM milestones_milestone m JOIN projects_award a ON a.id = m.award_id
    WHERE m.{who} = ANY(%(members)s) AND a.state IN ('accepted', 'completed')
    GROUP BY 1
"""


def shares(members: Sequence[int], who: str) -> dict[int, int]:
    """Return which share of the milestones of *members* was disputed, in per mille, by the member's number.

    *who* is the column of their side. Those without any milestone are left out.
    """
    return dict(run(SHARE.format(who=who), {"members": list(members)}))
