"""Fetch helpers: a stranger gets 404."""

from django.shortcuts import get_object_or_404

from accounts.models import Member
from milestones.models import Milestone


def visible_milestone(user: Member, pk: int) -> Milestone:
    """Return the milestone with the people and the escrow that a page names; 404 for anybody but its parties."""
    milestones = Milestone.objects.visible_to(user).with_people().with_money()
    return get_object_or_404(milestones, pk=pk)  # type: ignore[no-any-return]
