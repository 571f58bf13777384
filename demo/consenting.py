"""Money that goes back because both sides consent: one that has, one that can, and one that waits for a side."""

import uuid

from django.db.models import QuerySet

from demo.stage import Stage, Story, days, hours
from milestones.models import ConsentRequest, Milestone

SMALL = 10_000  # minor units that one person of the staff gives back alone
NOTES = (
    "This part ends early, and you both wrote to us that no more is due.",
    "You both told us that this part is not needed any more.",
)
OLD = 14  # days after which nobody in the demo still works on a part of a milestone


def stories(stage: Stage) -> Story:
    """Sue asks both sides of milestones that are stuck: two that she gives back alone, and one of any sum."""
    small = _stuck(stage).filter(currency__in=("EUR", "GBP", "USD"), escrow__balance__lte=SMALL)
    both = [_begin(stage, each, note) for each, note in zip(small.order_by("-pk")[:2], NOTES, strict=True)]
    rest = _stuck(stage).exclude(consent_requests__in=both).order_by("-pk")[:1]
    waits = [_begin(stage, each, "You asked us to give back what is left of this part.") for each in rest]
    yield hours(2)
    for asked in (*both, *waits):
        _consent(asked, "freelancer")
    yield hours(1)
    for asked in both:
        _consent(asked, "employer")
    yield hours(1)
    ConsentRequest.objects.get(pk=both[0].pk).give_back(by=stage.cast["sue"], key=_key(both[0], "back"))


def _stuck(stage: Stage) -> QuerySet[Milestone]:
    """Return the milestones that are held since long ago, of others than Erin, about whom the README speaks."""
    held = Milestone.objects.filter(state=Milestone.State.HELD, award__state="accepted", escrow__balance__gt=0)
    return held.filter(created_at__lt=stage.clock.now - days(OLD)).exclude(employer=stage.cast["erin"])


def _begin(stage: Stage, milestone: Milestone, note: str) -> ConsentRequest:
    return ConsentRequest.begin(milestone, note=note, by=stage.cast["sue"], key=stage.key())


def _consent(asked: ConsentRequest, side: str) -> None:
    asked = ConsentRequest.objects.get(pk=asked.pk)
    asked.answer_with("consent", by=getattr(asked.award, side), key=_key(asked, side))


def _key(asked: ConsentRequest, what: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"consent {asked.pk} {what}")
