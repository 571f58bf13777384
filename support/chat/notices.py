"""Who hears of what in a conversation with support: the member, by e-mail only if they are away."""

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.notices import has_unread, mark_seen, register, skip_mail, tell_away

if TYPE_CHECKING:
    from support.chat.models import Conversation

ANSWERED, CLOSED = "support-answered", "support-closed"
register(ANSWERED, _("Support answered you: %(title)s"))
register(CLOSED, _("Support closed the conversation “%(title)s”. You can open it again by writing in it."))


def answered(conversation: "Conversation") -> None:
    """Tell of an answer, once until it is read, however many follow in a burst."""
    _tell(conversation, ANSWERED)


def closed(conversation: "Conversation") -> None:
    """Tell that support has closed it."""
    _tell(conversation, CLOSED)


def _tell(conversation: "Conversation", kind: str) -> None:
    path = conversation.get_absolute_url()
    if not has_unread(conversation.member, kind, path):
        pause = datetime.timedelta(minutes=settings.SUPPORT_MAIL_MINUTES)
        tell_away(conversation.member, kind, path, pause, title=conversation.title)


def seen(conversation: "Conversation") -> None:
    """What the member was told of it is read, and not mailed any more."""
    for kind in (ANSWERED, CLOSED):
        skip_mail(conversation.member, kind, conversation.get_absolute_url())
        mark_seen(conversation.member, kind, conversation.get_absolute_url())
