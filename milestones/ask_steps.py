"""The steps of asks in a milestone's history, between those that moved money."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.money import format_minor
from milestones.models import AskEvent, Milestone

# Sentences by the ask's kind and the step's action; ``who`` did it, ``sum`` is the ask's amount. A step that has no
# sentence here is told by the money's own.
SENTENCES: dict[tuple[str, str], str | Promise] = {
    ("release-request", "ask"): _("%(who)s asked for the release of %(sum)s"),
    ("release-request", "send_back"): _("%(who)s asked for more before the release"),
    ("release-request", "withdraw"): _("%(who)s took the request for release back"),
    ("criteria", "edit"): _("%(who)s changed what done means"),
    ("criteria-change", "ask"): _("%(who)s proposed to change what done means"),
    ("criteria-change", "agree"): _("%(who)s agreed to change what done means"),
    ("criteria-change", "refuse"): _("%(who)s refused to change what done means"),
    ("criteria-change", "withdraw"): _("%(who)s took back the change of what done means"),
    ("cancel-request", "ask"): _("%(who)s asked to cancel the milestone"),
    ("cancel-request", "agree"): _("%(who)s agreed to cancel"),
    ("cancel-request", "refuse"): _("%(who)s refused to cancel"),
    ("cancel-request", "withdraw"): _("%(who)s took the request to cancel back"),
    ("return-request", "ask"): _("%(who)s asked for %(sum)s of what was released"),
    ("return-request", "refuse"): _("%(who)s refused to return %(sum)s"),
    ("return-request", "withdraw"): _("%(who)s took the request to return %(sum)s back"),
}


def merged(steps: list[dict[str, Any]], milestone: Milestone) -> list[dict[str, Any]]:
    """Return the timeline's *steps*, newest first, with those of the milestone's asks put in between. One query."""
    events = milestone.ask_events.select_related("actor").order_by("-id")
    told = [event for event in events if (event.kind, event.action) in SENTENCES]
    asks = [_step(event, milestone.currency) for event in told]
    return sorted([*steps, *asks], key=lambda step: step["at"], reverse=True)


def _step(event: AskEvent, currency: str) -> dict[str, Any]:
    words = {"who": event.actor, "sum": format_minor(event.amount or 0, currency)}
    return {"sentence": SENTENCES[event.kind, event.action] % words, "at": event.at, "note": event.note}
