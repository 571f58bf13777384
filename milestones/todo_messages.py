"""Messages that wait to be read, in the list of what waits for a member."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.todo import MOST, Todo
from milestones.models.messages import awards_with_unread


def unread_messages(member: Member) -> Iterable[Todo]:
    """One entry for each award in which the other side wrote what *member* has not read yet."""
    for award in awards_with_unread(member, MOST):
        other = award.freelancer if member.pk == award.employer_id else award.employer
        yield Todo(
            mine=True,
            words=_("%(who)s wrote to you.") % {"who": other},
            about=award.project.title,
            url=reverse("milestones:messages", args=[award.pk]),
            action=_("Read"),
            since=award.unread_since,
        )
