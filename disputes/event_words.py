"""What happened in a dispute, in sentences: for its chronology, its paper and the admin."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy

from config.money import format_minor
from disputes.models import Dispute, DisputeEvent

SENTENCES: dict[str, Any] = {
    "open": gettext_lazy("%(who)s opened the dispute %(dispute)s about %(held)s and offered %(sum)s"),
    "offer": gettext_lazy("%(who)s offered %(sum)s for the freelancer"),
    "evidence": gettext_lazy("%(who)s added evidence: %(reference)s"),
    "accept": gettext_lazy("%(who)s accepted the offer of %(sum)s for the freelancer"),
    "execute": gettext_lazy("%(who)s had the offer of %(sum)s executed, since nobody had answered it in time"),
    "escalate": gettext_lazy("%(who)s called an arbitrator"),
    "withdraw": gettext_lazy("%(who)s withdrew the dispute: the money is held again as before"),
    "resolve": gettext_lazy("The money was split: %(sum)s for the freelancer, %(rest)s back to the employer"),
    "absence": gettext_lazy("%(who)s said to be away for a while"),
    "take": gettext_lazy("%(who)s took the dispute as its arbitrator"),
    "hand_over": gettext_lazy("%(who)s handed the dispute over"),
    "ask": gettext_lazy("%(who)s asked a question: %(reference)s"),
    "propose": gettext_lazy("%(who)s proposed %(sum)s for the freelancer"),
    "accept_proposal": gettext_lazy("%(who)s accepted the arbitrator's proposal"),
    "refuse_proposal": gettext_lazy("%(who)s refused the arbitrator's proposal"),
    "decide": gettext_lazy("%(who)s wrote a verdict"),
    "confirm": gettext_lazy("%(who)s confirmed the verdict as second arbitrator"),
    "send_back": gettext_lazy("%(who)s sent the verdict back as second arbitrator"),
    "charge": gettext_lazy("The fee for the arbitration was charged"),
    "remind": gettext_lazy("%(who)s reminded of a deadline"),
}


def rows(dispute: Dispute, events: Iterable[DisputeEvent]) -> list[dict[str, Any]]:
    """Return *events* in sentences, each with its time and with what was said in words. In four queries."""
    said = _said(dispute)
    return [
        {
            "at": event.at,
            "number": event.number,
            "action": event.action,
            "sentence": sentence(dispute, event),
            "note": said.get((event.action, _row_of(event)), ""),
            "digest": event.digest,
        }
        for event in events
    ]


def sentence(dispute: Dispute, event: DisputeEvent) -> str:
    """Return what *event*, which comes with its actor, was."""
    split = event.data.get("to_freelancer")
    theirs = sum(split) if split else 0
    words = {
        "who": str(event.actor) if event.actor else settings.SITE_NAME,
        "dispute": dispute.reference,
        "held": format_minor(dispute.disputed, dispute.currency),
        "sum": format_minor(theirs, dispute.currency),
        "rest": format_minor(dispute.disputed - theirs, dispute.currency),
        "reference": f"E{event.data['evidence']}" if "evidence" in event.data else f"Q{event.data.get('question', '')}",
    }
    return str(SENTENCES.get(event.action, event.words)) % words


def _row_of(event: DisputeEvent) -> int:
    for name in ("offer", "question", "proposal", "verdict"):
        if name in event.data:
            return int(event.data[name])
    return 0


def _said(dispute: Dispute) -> dict[tuple[str, int], str]:
    """Return what was said with the steps, by the action and the row that the event names."""
    said: dict[tuple[str, int], str] = {("open", offer): dispute.claim for offer in _first_offer(dispute)}
    said.update({("offer", pk): words for pk, words in dispute.offers.values_list("pk", "words")})
    said.update({("ask", number): text for number, text in dispute.questions.values_list("number", "text")})
    said.update({("propose", pk): words for pk, words in dispute.proposals.values_list("pk", "words")})
    return said


def _first_offer(dispute: Dispute) -> list[int]:
    return list(dispute.offers.order_by("pk").values_list("pk", flat=True)[:1])
