"""What disputes want of a member, and what they wait for in them."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.todo import MOST, Todo
from disputes import moves
from disputes.models import Dispute


def disputes_under_way(member: Member) -> Iterator[Todo]:
    """Yield the member's disputes without an end, each with whose move it is. Few queries for each, and few of them."""
    for dispute in Dispute.objects.visible_to(member).under_way().with_people().with_sums().order_by("pk")[:MOST]:
        move = moves.of(dispute, member)
        yield Todo(
            mine=move.mine,
            words=f"{dispute.reference}: {move.words}",
            about=dispute.award.project.title,
            url=dispute.get_absolute_url(),
            action=_("Answer") if move.mine else _("View"),
            since=dispute.opened_at,
            minor=dispute.disputed_sum,
            currency=dispute.currency,
            until=move.until,
        )
