"""All that happened between the two sides, in one list: what they wrote, asked, ticked, paid, offered and showed.

So an arbitrator reads one page. Messages, requests and money are read from the award's conversation; the dispute adds
its own steps.
"""

from typing import Any, NamedTuple

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import Member
from disputes import event_words
from disputes.models import Dispute
from milestones import conversation, stream
from milestones.models import ReleaseRequest

MOST = 1000  # entries of the conversation; of a longer one the newest
KINDS: dict[str, str | Promise] = {
    "messages": gettext_lazy("Messages"),
    "requests": gettext_lazy("Requests"),
    "money": gettext_lazy("Money"),
    "award": gettext_lazy("Award"),
    "dispute": gettext_lazy("Dispute"),
}
OF_SOURCE = {stream.AWARD: "award", stream.ASK: "requests", stream.MONEY: "money", stream.MESSAGE: "messages"}


class Chronology(NamedTuple):
    """The *entries*, oldest first; *cut* where there are earlier ones that are not in it."""

    entries: list[dict[str, Any]]
    cut: bool


def of(dispute: Dispute, reader: Member, kind: str = "") -> Chronology:
    """Return what happened, of one *kind* of ``KINDS`` or of all, as *reader* may see it. A bounded number of queries.

    Of fees a side sees its own. Each entry has ``at``, ``kind``, ``sentence``, and where there is more to it ``who``,
    ``text``, ``note``, ``about`` (a milestone), ``ticks``, ``files``, ``receipt``.
    """
    award = dispute.award
    page = stream.before(award, None, MOST)
    shown = conversation.shown(page.entries, award, reader, settings.SITE_NAME)
    ticks = _ticks(dispute)
    entries = []
    for entry, row in zip(page.entries, shown, strict=True):
        row["kind"] = OF_SOURCE[entry.place.source]
        if entry.place.source == stream.ASK and entry.row.kind == ReleaseRequest.kind and entry.row.action == "ask":
            row["ticks"] = ticks.get(entry.row.ask_id, [])
        entries.append(row)
    events = dispute.events.select_related("actor").order_by("number")
    entries += [{**row, "kind": "dispute"} for row in event_words.rows(dispute, events)]
    if kind:
        entries = [entry for entry in entries if entry["kind"] == kind]
    return Chronology(sorted(entries, key=lambda entry: entry["at"]), page.more)


def _ticks(dispute: Dispute) -> dict[int, list[dict[str, Any]]]:
    """Return what was ticked as done with each request for release, by the request's number."""
    return dict(ReleaseRequest.objects.filter(award=dispute.award_id).values_list("pk", "ticks"))
