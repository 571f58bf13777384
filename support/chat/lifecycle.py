"""Who may do what in a conversation with support, from which state to which."""

import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lifecycle import Action, table

if TYPE_CHECKING:
    from support.chat.models import Conversation

ANSWER = "chat.answer_conversation"
REOPENED_WITHIN = datetime.timedelta(days=14)  # after closing; later a new conversation is begun

OPEN = ("waiting", "answered")


def is_member(conversation: "Conversation", user: Any) -> bool:
    return bool(conversation.member_id == user.pk)


def is_support(conversation: "Conversation", user: Any) -> bool:
    """Staff with the right; nobody answers themselves."""
    may = user.is_active and user.is_staff and user.has_perm(ANSWER)
    return bool(may and conversation.member_id != user.pk)


def is_either(conversation: "Conversation", user: Any) -> bool:
    return is_member(conversation, user) or is_support(conversation, user)


def _lately(conversation: "Conversation") -> bool:
    return conversation.closed_at is None or conversation.closed_at > timezone.now() - REOPENED_WITHIN


def _has_answer(conversation: "Conversation") -> bool:
    return conversation.first_answer_at is not None


ONLY_MEMBER = _("Only who asked can do this.")
ONLY_SUPPORT = _("Only support can do this, and nobody in a conversation of their own.")

CONVERSATION = table(
    Action("write", _("Write"), is_member, ONLY_MEMBER, OPEN, "waiting"),
    Action(
        "reopen",
        _("Open again"),
        is_member,
        ONLY_MEMBER,
        ("closed",),
        "waiting",
        when=_lately,
        when_words=_("This conversation was closed too long ago. Begin a new one."),
    ),
    Action("answer", _("Answer"), is_support, ONLY_SUPPORT, OPEN, "answered"),
    Action("note", _("Write a note for staff"), is_support, ONLY_SUPPORT, (*OPEN, "closed")),
    Action("take", _("Take"), is_support, ONLY_SUPPORT, OPEN),
    Action("hand-over", _("Hand over"), is_support, ONLY_SUPPORT, OPEN),
    Action("close", _("Close"), is_either, ONLY_MEMBER, OPEN, "closed"),
    Action(
        "rate",
        _("Rate"),
        is_member,
        ONLY_MEMBER,
        ("closed",),
        when=_has_answer,
        when_words=_("Nobody answered in this conversation, so there is nothing to rate."),
    ),
)
