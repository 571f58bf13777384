"""What is asked back and waits: for the freelancer to answer, and the employer who waits for it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.todo import MOST, Todo
from milestones.back_rows import KINDS, Back, address, sentence
from milestones.models import CancelRequest


def todo(member: Member) -> Iterator[Todo]:
    """Yield the requests to cancel and to return that wait, in two queries."""
    for kind in KINDS:
        waiting = kind.objects.visible_to(member).waiting()
        named = ("milestone__escrow", "award__employer", "award__freelancer")
        for ask in waiting.select_related(*named)[: MOST // len(KINDS)]:
            yield _entry(ask, member)


def _entry(ask: Back, member: Member) -> Todo:
    mine = member.pk == ask.award.freelancer_id
    return Todo(
        mine=mine,
        words=sentence(ask, member),
        about=ask.milestone.task,
        url=address(ask, "agree") if mine else ask.milestone.get_absolute_url(),
        action=_("Answer") if mine else _("View"),
        since=ask.asked_at,
        minor=ask.milestone.held if isinstance(ask, CancelRequest) else ask.amount,
        currency=ask.award.currency,
        dialog=mine,
    )
