"""The staff ask both sides to consent that what is held goes back, and give it back once both have (P71)."""

import uuid
from dataclasses import replace
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config import fees
from config.lifecycle import Action
from config.refusals import WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from milestones import escrow, lifecycle, notices_consent, statements
from milestones.models.asks import Ask, AskEvent
from milestones.models.milestones import Milestone, MilestoneEvent


class ConsentRequest(Ask):
    """Asks employer and freelancer of ``milestone`` to consent that all that is held goes back to the employer.

    ``note`` is the staff's reason, which both read. Each consents by themselves, and can take it back until it was
    done; what moves the milestone's money meanwhile overtakes it. It is done by the staff, above
    CORRECTION_ALONE_LIMIT by another person than who asked.
    """

    kind = "consent-request"
    after_release = Ask.OVERTAKEN
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.CONSENT_REQUEST
    states: ClassVar[dict[str, Promise | str]] = {
        Ask.NEW: gettext_lazy("Not asked yet"),
        Ask.WAITING: gettext_lazy("Waiting"),
        Ask.AGREED: gettext_lazy("Given back"),
        Ask.REFUSED: gettext_lazy("Refused"),
        Ask.WITHDRAWN: gettext_lazy("Taken back"),
        Ask.OVERTAKEN: gettext_lazy("Settled otherwise"),
    }

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="consent_requests")
    asked_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    alone_limit = models.BigIntegerField(default=0)
    employer_consents = models.BooleanField(default=False)
    freelancer_consents = models.BooleanField(default=False)

    class Meta:
        verbose_name = gettext_lazy("request for both sides' consent")
        verbose_name_plural = gettext_lazy("requests for both sides' consent")
        permissions = (("give_back_by_consent", gettext_lazy("Can give back what is held, with both sides' consent")),)
        constraints = [
            models.UniqueConstraint(
                fields=["milestone"], condition=Q(state="waiting"), name="consent_request_waits_once"
            ),
            # Nothing is given back by it without both.
            models.CheckConstraint(
                condition=~Q(state="agreed") | Q(employer_consents=True, freelancer_consents=True),
                name="consent_request_by_both",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What people quote: G and the number."""
        return f"G{self.pk}"

    @property
    def needs_second(self) -> bool:
        """Whether another person than who asked has to give it back."""
        return bool(self.milestone.held > self.alone_limit)

    def concerns(self, user: Member) -> bool:
        """Whether *user* is one of the two sides."""
        return user.pk in (self.award.employer_id, self.award.freelancer_id)

    def consents(self, user: Member) -> bool:
        """Whether *user*, one of the two sides, has consented."""
        return self.employer_consents if user.pk == self.award.employer_id else self.freelancer_consents

    def require(self, action: str, by: Member) -> Action:
        """Also say why it can't be asked now, where that is so."""
        self.require_who(action, by)
        if action == "ask" and (words := self.why_not()):
            raise WrongState(words)
        return super().require(action, by)

    def why_not(self) -> str:
        """Return why it can't be asked now, as a sentence; nothing where it can."""
        if self.milestone.state != Milestone.State.HELD:
            return self.milestone.why_not_held()
        if ConsentRequest.objects.filter(milestone=self.milestone, state=Ask.WAITING).exists():
            return _("Both have been asked already.")
        return ""

    @classmethod
    def begin(
        cls, milestone: Milestone, *, note: str, by: Member, key: uuid.UUID, seen: Seen = UNSEEN
    ) -> "ConsentRequest":
        """Ask both sides of *milestone*, with the reason *note*. Raises as ``Ask.ask`` does."""
        limit = settings.CORRECTION_ALONE_LIMIT.get(milestone.currency, 0)
        about: dict[str, Any] = {"milestone": milestone, "note": note, "asked_by": by, "alone_limit": limit}
        return cls.ask(milestone.award, by=by, key=key, seen=seen, **about)

    @retried
    def answer_with(self, action: str, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "ConsentRequest":
        """Record that *by*, one of the two sides, consents ("consent") or takes that back ("revoke")."""
        with transaction.atomic():
            ask = self.locked()
            if ask._done(key, action, ask.pk):
                return ask
            ask.require(action, by)
            seen.require(ask.seen_version)
            if ask.consents(by) == (action == "consent"):
                raise WrongState(_("You have answered already."))
            side = "employer_consents" if by.pk == ask.award.employer_id else "freelancer_consents"
            setattr(ask, side, action == "consent")
            ask.version += 1
            ask.save(update_fields=[side, "version"])
            ask.record(action, by=by, key=key, seen=seen, amount=ask.milestone.held)
            ask.tell(action)
        return ask

    @retried
    def give_back(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> MilestoneEvent:
        """Give all that is held back to the employer, as both have consented. Returns the receipt.

        A repeat of *key* returns the first one's. WrongState where a consent is missing or anything changed.
        """
        with transaction.atomic():
            ask = self.locked()
            if ask._done(key, "give_back", ask.pk):
                return MilestoneEvent.objects.get(key=key)  # type: ignore[no-any-return]
            ask.require("give_back", by)
            seen.require(ask.seen_version)
            milestone = ask.milestone
            statements.read(milestone, key)
            ask.settle(Ask.AGREED)
            ask.record("give_back", by=by, key=key, seen=seen, amount=milestone.held)
            back = milestone.fee_set_aside()
            (transfer,) = escrow.give_back([milestone], [back], key=key)
            milestone._settle(transfer, Milestone.State.CANCELLED)
            statements.overtake([milestone.pk], released=False, ended=True)
            milestone.award.touch()
            event = milestone.record(
                "return",
                transfer,
                by=by,
                key=key,
                seen=replace(seen, version=None),
                cost=fees.Sums(employer=back),
                note=ask.note,
                cause=ask.reference,
            )
            notices_consent.given_back(ask, event)
        return event

    def last_step(self) -> AskEvent:
        """Return the newest record of it."""
        return AskEvent.objects.filter(kind=self.kind, ask_id=self.pk).select_related("actor").latest("pk")

    def tell(self, action: str) -> None:
        """Both sides hear that they are asked, the staff what was answered."""
        notices_consent.of_consent(self, action)
