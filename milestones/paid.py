"""What milestones have paid for good: what was released, less what was given back afterwards."""

from milestones.statements import run

# Steps that give back what was released before, by the event's action.
GIVEN_BACK: tuple[str, ...] = ("take-back",)
STEPS = ("release", *GIVEN_BACK)
# Of an event ``e``; to be read where ``e.action`` is one of STEPS.
NET = "CASE e.action WHEN 'release' THEN e.amount ELSE -e.amount END"
OF_AWARD = f"""
    SELECT coalesce(sum({NET}), 0)::bigint
    FROM milestones_milestoneevent e JOIN milestones_milestone m ON m.id = e.milestone_id
    WHERE m.award_id = %s AND e.action = ANY(%s)
"""


def for_award(award: int) -> int:
    """Return what the award with this number has paid, in minor units of its currency."""
    ((paid,),) = run(OF_AWARD, [award, list(STEPS)])
    return int(paid)
