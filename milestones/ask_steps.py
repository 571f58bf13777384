"""The steps of asks in a milestone's history, between those that moved money."""

from typing import Any

from milestones import stream_words
from milestones.models import AskEvent, Milestone

# The money's own step tells it.
SILENT = {("return-request", "agree"), ("consent-request", "give_back")}


def merged(steps: list[dict[str, Any]], milestone: Milestone) -> list[dict[str, Any]]:
    """Return the timeline's *steps*, newest first, with those of the milestone's asks put in between. One query."""
    events = milestone.ask_events.select_related("actor").order_by("-id")
    asks = [_step(event, milestone.currency) for event in events if (event.kind, event.action) not in SILENT]
    return sorted([*steps, *asks], key=lambda step: step["at"], reverse=True)


def _step(event: AskEvent, currency: str) -> dict[str, Any]:
    return {"sentence": stream_words.of_ask(event, currency), "at": event.at, "note": event.note}
