""" "Work it out": the employer asks the freelancer to return some or all of what was released (P36)."""

import uuid
from typing import ClassVar

from django.db import models, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config.lifecycle import Action
from config.money import LARGEST, format_minor
from config.refusals import WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from milestones import escrow, lifecycle, notices_back, statements
from milestones.models.asks import Ask
from milestones.models.milestones import TAKE_BACK, Milestone, MilestoneEvent


class ReturnRequest(Ask):
    """Asks for ``amount`` minor units of what was released of ``milestone``; ``note`` is the employer's reason.

    Nothing moves unless the freelancer agrees: then from their available funds to the employer's. What is held is
    another matter, and fees stay with the site. It goes on waiting whatever becomes of the rest of the milestone, or of
    the award.
    """

    kind = "return-request"
    after_end: ClassVar[str | None] = None
    ends_with_award: ClassVar[bool] = False
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.RETURN_REQUEST
    states: ClassVar[dict[str, Promise | str]] = {
        Ask.NEW: gettext_lazy("Not asked yet"),
        Ask.WAITING: gettext_lazy("Waiting"),
        Ask.AGREED: gettext_lazy("Returned"),
        Ask.REFUSED: gettext_lazy("Refused"),
        Ask.WITHDRAWN: gettext_lazy("Taken back"),
    }

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="return_requests")
    amount = models.BigIntegerField()

    class Meta:
        verbose_name = gettext_lazy("request to return what was released")
        verbose_name_plural = gettext_lazy("requests to return what was released")
        constraints = [
            models.UniqueConstraint(
                fields=["milestone"], condition=Q(state="waiting"), name="return_request_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=LARGEST), name="return_request_amount_in_bounds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"

    def require(self, action: str, by: Member) -> Action:
        """Also say why it can't be asked, or given, where that is so."""
        self.require_who(action, by)
        if action == "ask" and (words := self.why_not()):
            raise WrongState(words)
        row = super().require(action, by)
        if action in ("ask", "agree") and not self._fits():
            words = _("%(sum)s was released and can still be asked back.")
            raise WrongState(words % {"sum": format_minor(self.milestone.returnable(), self.milestone.currency)})
        return row

    def why_not(self) -> str:
        """Return why the employer can't ask for any of it now, as a sentence; nothing where they can."""
        milestone = self.milestone
        if not milestone.released_in_all():
            return _("Nothing of this milestone was released, so there is nothing to return.")
        if milestone.returnable() <= 0:
            return _("All that was released of this milestone has been returned.")
        if ReturnRequest.objects.filter(milestone=milestone, state=Ask.WAITING).exists():
            return _("You have asked for it already, and it was not answered yet.")
        return ""

    def _fits(self) -> bool:
        return self.amount is None or 0 < self.amount <= self.milestone.returnable()

    @retried
    def agree(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> MilestoneEvent:
        """Give the sum back from the freelancer's available funds to the employer's, for good. Returns the receipt.

        A repeat of *key* returns the first one's and moves nothing. InsufficientFunds where the freelancer has less:
        then nothing moves and the request goes on waiting. WrongState where anything changed since it was *seen*.
        """
        with transaction.atomic():
            ask = self.locked()
            if ask._done(key, "agree", ask.pk):
                return MilestoneEvent.objects.get(key=key)  # type: ignore[no-any-return]
            row = ask.require("agree", by)
            seen.require(ask.seen_version)
            milestone = ask.milestone
            transfer = escrow.take_back(milestone, ask.amount, key=key)
            milestone.version += 1  # what was returned is on every dialog about it
            statements.settle(milestone)
            ask.award.touch()  # what is committed has changed
            event = milestone.record(TAKE_BACK, transfer, by=by, key=key, seen=seen)
            ask.settle(row.target or ask.state)
            ask.record("agree", by=by, key=key, seen=seen)
            notices_back.returned(ask, event)
        return event

    def tell(self, action: str) -> None:
        """The other side hears of it."""
        notices_back.of_return_request(self, action)
