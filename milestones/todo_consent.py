"""What the staff ask both sides to consent to, on the home page of who has not answered yet."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.todo import MOST, Todo
from milestones.models import ConsentRequest


def todo(member: Member) -> Iterator[Todo]:
    """Yield the requests for consent that wait, in one query; those that wait for the other side as theirs."""
    waiting = ConsentRequest.objects.visible_to(member).waiting()
    for ask in waiting.select_related("milestone__escrow", "award")[:MOST]:
        mine = not ask.consents(member)
        yield Todo(
            mine=mine,
            words=_("Our staff ask whether what is held shall go back."),
            about=ask.milestone.task,
            url=reverse("milestones:consent", args=[ask.milestone_id]),
            action=_("Answer") if mine else _("View"),
            since=ask.asked_at,
            minor=ask.milestone.held,
            currency=ask.award.currency,
            dialog=mine,
        )
