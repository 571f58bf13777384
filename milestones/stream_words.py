"""The sentences of what happened in an award, as its conversation says them.

Requests are of many kinds. A kind gives its words with ``say(kind, action, sentence)``; where it gave none, a sentence
that fits every kind is taken. Sentences have ``%(who)s`` and ``%(sum)s``, the sum as text, "" where there is none.
"""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.money import format_minor
from milestones.models import AskEvent
from projects.models import AwardEvent

AWARD: dict[str, Any] = {
    "award": gettext_lazy("%(who)s awarded the project"),
    "accept": gettext_lazy("%(who)s accepted the project"),
    "decline": gettext_lazy("%(who)s declined the project: everything that was held went back"),
    "revoke": gettext_lazy("%(who)s revoked the award: everything that was held went back"),
    "lapse": gettext_lazy("The award lapsed unanswered: everything that was held went back"),
    "complete": gettext_lazy("%(who)s marked the work as complete"),
    "remind": gettext_lazy("%(who)s reminded of the deadline for an answer"),
}
ANY_ASK: dict[str, Any] = {
    "ask": gettext_lazy("%(who)s made a request"),
    "agree": gettext_lazy("%(who)s agreed to a request"),
    "refuse": gettext_lazy("%(who)s refused a request"),
    "withdraw": gettext_lazy("%(who)s took a request back"),
}


# Kinds of requests, and what they say of each action.
KINDS: dict[str, dict[str, Any]] = {
    "milestone-request": {
        "ask": gettext_lazy("%(who)s requested a milestone"),
        "edit": gettext_lazy("%(who)s changed the request for a milestone"),
        "fulfil": gettext_lazy("%(who)s created the milestone that was requested"),
        "decline": gettext_lazy("%(who)s declined to create the milestone that was requested"),
        "withdraw": gettext_lazy("%(who)s took the request for a milestone back"),
    },
    "release-request": {
        "ask": gettext_lazy("%(who)s asked for the release of %(sum)s"),
        "send_back": gettext_lazy("%(who)s asked for more before the release"),
        "withdraw": gettext_lazy("%(who)s took the request for release back"),
    },
    "criteria": {"edit": gettext_lazy("%(who)s changed what done means")},
    "criteria-change": {
        "ask": gettext_lazy("%(who)s proposed to change what done means"),
        "agree": gettext_lazy("%(who)s agreed to change what done means"),
        "refuse": gettext_lazy("%(who)s refused to change what done means"),
        "withdraw": gettext_lazy("%(who)s took back the change of what done means"),
    },
    "cancel-request": {
        "ask": gettext_lazy("%(who)s asked to cancel the milestone"),
        "agree": gettext_lazy("%(who)s agreed to cancel"),
        "refuse": gettext_lazy("%(who)s refused to cancel"),
        "withdraw": gettext_lazy("%(who)s took the request to cancel back"),
    },
    "consent-request": {
        "ask": gettext_lazy("%(who)s asked both sides to consent that what is held goes back"),
        "consent": gettext_lazy("%(who)s consented that %(sum)s goes back"),
        "revoke": gettext_lazy("%(who)s took the consent back"),
        "refuse": gettext_lazy("%(who)s refused to give back what is held"),
        "withdraw": gettext_lazy("%(who)s asks no more for consent"),
        "give_back": gettext_lazy("%(who)s gave %(sum)s back, as both sides had consented"),
    },
    "return-request": {
        "ask": gettext_lazy("%(who)s asked for %(sum)s of what was released"),
        "agree": gettext_lazy("%(who)s agreed to return %(sum)s"),
        "refuse": gettext_lazy("%(who)s refused to return %(sum)s"),
        "withdraw": gettext_lazy("%(who)s took the request to return %(sum)s back"),
    },
}


def say(kind: str, action: str, sentence: str | Promise) -> None:
    """Give *action* of the requests of *kind* its own sentence."""
    KINDS.setdefault(kind, {})[action] = sentence


def of_award(event: AwardEvent) -> str:
    """Return the sentence of a step of the award; its label where a step has no sentence here."""
    who = _who(event)
    sentence = AWARD.get(event.action)
    if sentence is None:
        return f"{who}: {AwardEvent.ACTIONS.get(event.action, event.action)}"
    return str(sentence) % {"who": who}


def of_ask(event: AskEvent, currency: str) -> str:
    """Return the sentence of a step of a request; the sum stands behind it where the sentence has no place for it."""
    total = "" if event.amount is None else format_minor(event.amount, currency)
    own = KINDS.get(event.kind, {}).get(event.action) or ANY_ASK.get(event.action)
    text = str(own or gettext_lazy("%(who)s answered a request"))
    said = text % {"who": _who(event), "sum": total}
    return said if not total or "%(sum)s" in text else f"{said}: {total}"


def _who(event: Any) -> str:
    return str(event.actor or _("The site"))
