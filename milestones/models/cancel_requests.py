"""The employer asks the freelancer to cancel a milestone, once they can't do so by themselves (P35)."""

import uuid
from dataclasses import replace
from typing import ClassVar

from django.db import models, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config.lifecycle import Action
from config.refusals import WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from milestones import lifecycle, notices_back
from milestones.models.asks import Ask
from milestones.models.milestones import Milestone, MilestoneEvent


class CancelRequest(Ask):
    """Asks that all that is held of ``milestone`` goes back; ``note`` is the employer's reason.

    Agreeing is cancelling: what is held then goes back, whatever was held when it was asked.
    """

    kind = "cancel-request"
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.CANCEL_REQUEST
    states: ClassVar[dict[str, Promise | str]] = {
        Ask.NEW: gettext_lazy("Not asked yet"),
        Ask.WAITING: gettext_lazy("Waiting"),
        Ask.AGREED: gettext_lazy("Cancelled"),
        Ask.REFUSED: gettext_lazy("Refused"),
        Ask.WITHDRAWN: gettext_lazy("Taken back"),
        Ask.OVERTAKEN: gettext_lazy("Settled otherwise"),
    }

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="cancel_requests")

    class Meta:
        verbose_name = gettext_lazy("request to cancel")
        verbose_name_plural = gettext_lazy("requests to cancel")
        constraints = [
            models.UniqueConstraint(
                fields=["milestone"], condition=Q(state="waiting"), name="cancel_request_waits_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"

    def require(self, action: str, by: Member) -> Action:
        """Also say why it can't be asked now, where that is so."""
        self.require_who(action, by)
        if action == "ask" and (words := self.why_not()):
            raise WrongState(words)
        return super().require(action, by)

    def why_not(self) -> str:
        """Return why the employer can't ask for it now, as a sentence; nothing where they can."""
        milestone = self.milestone
        if milestone.state != Milestone.State.HELD:
            return milestone.why_not_held()
        if self.award.state == "awaiting":
            return _("The freelancer has not accepted yet. Until then you can cancel a milestone by yourself.")
        if CancelRequest.objects.filter(milestone=milestone, state=Ask.WAITING).exists():
            return _("You have asked for it already, and it was not answered yet.")
        return ""

    @retried
    def agree(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> MilestoneEvent:
        """Cancel the milestone, as the freelancer always can: all that is held goes back. Returns the receipt.

        A repeat of *key* returns the first one's. WrongState where anything changed since it was *seen*.
        """
        with transaction.atomic():
            ask = self.locked()
            if ask._done(key, "agree", ask.pk):
                return MilestoneEvent.objects.get(key=key)  # type: ignore[no-any-return]
            ask.require("agree", by)
            seen.require(ask.seen_version)
            # Before the milestone ends, which overtakes what still waits about it.
            ask.settle(Ask.AGREED)
            ask.record("agree", by=by, key=key, seen=seen, amount=ask.milestone.held)
            of_milestone = replace(seen, version=ask.milestone.seen_version)
            return ask.milestone.cancel(by=by, key=key, seen=of_milestone)

    def tell(self, action: str) -> None:
        """The other side hears of it. That it was agreed to, they hear as that the milestone was cancelled."""
        notices_back.of_cancel_request(self, action)
