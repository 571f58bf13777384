"""What waits about releases and checklists, on both sides."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.todo import MOST, Todo
from milestones.models import CriteriaChange, ReleaseRequest


def requests_for_release(member: Member) -> Iterator[Todo]:
    """Yield the requests for release that wait. One query."""
    waiting = ReleaseRequest.objects.visible_to(member).waiting()
    for asked in waiting.select_related("milestone__escrow", "award__employer", "award__freelancer")[:MOST]:
        mine = asked.asked_of_id == member.pk
        words = _("%(name)s asks for a release") if mine else _("%(name)s has yet to release what you asked for")
        other = asked.award.freelancer if mine else asked.award.employer
        yield Todo(
            mine=mine,
            words=words % {"name": other.get_short_name()},
            about=asked.milestone.task,
            url=reverse("milestones:release", args=[asked.milestone_id])
            if mine
            else asked.milestone.get_absolute_url(),
            action=_("Release") if mine else _("View"),
            since=asked.asked_at,
            minor=asked.sum,
            currency=asked.milestone.currency,
            dialog=mine,
        )


def changes_of_criteria(member: Member) -> Iterator[Todo]:
    """Yield the changes of checklists that wait. One query."""
    waiting = CriteriaChange.objects.visible_to(member).waiting()
    for change in waiting.select_related("milestone__escrow", "award__employer", "award__freelancer")[:MOST]:
        mine = change.proposed_by_id != member.pk
        other = change.award.freelancer if member.pk == change.award.employer_id else change.award.employer
        words = (
            _("%(name)s proposes to change what done means") if mine else _("%(name)s has yet to answer your change")
        )
        yield Todo(
            mine=mine,
            words=words % {"name": other.get_short_name()},
            about=change.milestone.task,
            url=f"{change.milestone.get_absolute_url()}#criteria",
            action=_("Answer") if mine else _("View"),
            since=change.asked_at,
            minor=change.milestone.held,
            currency=change.milestone.currency,
        )
