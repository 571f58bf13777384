"""What waits about requests for milestones: the employer's answer (P30)."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Case, When
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.todo import MOST, Todo
from milestones.models import MilestoneRequest


def requests_to_answer(member: Member) -> Iterator[Todo]:
    """Yield the requests that wait: those that the member is to answer first, then the member's own. One query."""
    waiting: Any = MilestoneRequest.objects.visible_to(member).filter(state=MilestoneRequest.WAITING)
    first = Case(When(award__employer=member, then=0), default=1)
    for asked in waiting.with_people().with_payments().annotate(first=first).order_by("first", "id")[:MOST]:
        award = asked.award
        mine = award.employer_id == member.pk and not asked.being_paid
        yield Todo(
            mine=mine,
            words=_words(asked, member),
            about=f"{asked.task} · {award.project.title}",
            url=asked.get_absolute_url(),
            action=_("Answer") if mine else _("View"),
            since=asked.asked_at,
            minor=asked.amount,
            currency=award.currency,
        )


def _words(asked: MilestoneRequest, member: Member) -> str:
    award = asked.award
    if award.employer_id != member.pk:
        return _("%(name)s has yet to answer your request") % {"name": award.employer.get_short_name()}
    words = _("%(name)s asks you for a milestone")
    if asked.being_paid:
        words = _("A payment for what %(name)s asked for is under way")
    elif asked.advance:
        words = _("%(name)s asks you for an advance")
    return words % {"name": award.freelancer.get_short_name()}
