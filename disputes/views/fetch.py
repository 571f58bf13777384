"""Fetch helpers: a stranger gets 404."""

from django.shortcuts import get_object_or_404

from accounts.models import Member
from disputes.models import Dispute


def visible_dispute(user: Member, pk: int) -> Dispute:
    """Return the dispute with the people that a page names; 404 for anybody but its two sides."""
    return get_object_or_404(Dispute.objects.visible_to(user).with_people(), pk=pk)  # type: ignore[no-any-return]
