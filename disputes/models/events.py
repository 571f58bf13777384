"""What happened in a dispute, chained. Append-only."""

import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import Event
from disputes import chain


class DisputeEvent(Event):
    """A step of a dispute, chained to the one before it (``disputes.chain``). Append-only.

    ``data`` says what the step was about: numbers of rows, sums in minor units, digests of what was written.
    """

    ACTIONS: ClassVar[dict[str, Any]] = {
        "open": gettext_lazy("Dispute opened"),
        "offer": gettext_lazy("Offer made"),
        "evidence": gettext_lazy("Evidence added"),
        "accept": gettext_lazy("Offer accepted"),
        "execute": gettext_lazy("Offer executed, because nobody answered it"),
        "escalate": gettext_lazy("Arbitrator called"),
        "withdraw": gettext_lazy("Dispute withdrawn"),
        "resolve": gettext_lazy("Money split, dispute resolved"),
        "absence": gettext_lazy("Absence"),
        "take": gettext_lazy("Taken by an arbitrator"),
        "hand_over": gettext_lazy("Handed over"),
        "ask": gettext_lazy("Question of the arbitrator"),
        "propose": gettext_lazy("Proposal of the arbitrator"),
        "accept_proposal": gettext_lazy("Proposal accepted"),
        "refuse_proposal": gettext_lazy("Proposal refused"),
        "decide": gettext_lazy("Verdict written"),
        "confirm": gettext_lazy("Verdict confirmed by a second arbitrator"),
        "send_back": gettext_lazy("Verdict sent back by a second arbitrator"),
        "charge": gettext_lazy("Fee for the arbitration charged"),
        "remind": gettext_lazy("Reminder sent"),
    }

    dispute = models.ForeignKey("disputes.Dispute", on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    role = models.CharField(max_length=10)
    data = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = gettext_lazy("event of a dispute")
        verbose_name_plural = gettext_lazy("events of disputes")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["dispute", "number"], name="dispute_event_numbered")]

    def __str__(self) -> str:
        return f"{self.dispute.reference} {self.number}: {self.action}"

    @property
    def words(self) -> str:
        """What happened, in words."""
        return str(self.ACTIONS.get(self.action, self.action))

    def expected_digest(self, previous: str) -> str:
        """Return the digest that the event has after the one with the digest *previous*."""
        at: datetime.datetime = self.at
        body = chain.content(
            dispute=self.dispute_id, number=self.number, at=at, actor=self.actor_id, role=self.role,
            action=self.action, data=self.data,
        )  # fmt: skip
        return chain.digest(previous, body)
