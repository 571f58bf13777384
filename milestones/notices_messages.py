"""Who hears of a message: the other side, once until they have read it, however many follow in a burst."""

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.notices import has_unread, mark_seen, register, tell
from projects.models import Award

if TYPE_CHECKING:
    from milestones.models import Message

KIND = "message"
register(KIND, _("%(who)s wrote to you: %(project)s"))


def written(message: "Message") -> None:
    """Tell the other side of a new *message*, unless they have been told of an earlier one and have not looked yet."""
    award = message.award
    other = award.freelancer if message.author_id == award.employer_id else award.employer
    path = _path(award)
    if not has_unread(other, KIND, path):
        tell(other, KIND, path, who=message.author.name, project=award.project.title)


def seen(award: Award, member: Member) -> None:
    """What *member* was told of messages of *award* is read: they have just been shown them."""
    mark_seen(member, KIND, _path(award))


def _path(award: Award) -> str:
    return reverse("milestones:messages", args=[award.pk])
