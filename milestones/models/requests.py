"""A freelancer asks the employer for a milestone: nothing is held until the employer makes one of it (P30, P31)."""

import uuid
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config.lifecycle import Action
from config.money import LARGEST
from config.refusals import WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from finances.payments.models import Payment
from milestones import lifecycle, notices_requests
from milestones.models.asks import Ask, AskQuerySet
from milestones.models.funding import Funding
from milestones.models.milestones import Milestone
from projects.models import Award

# What a dialog that makes a milestone of a request has shown of it: which, and in which version (``Seen.shown``).
SHOWN_REQUEST, SHOWN_VERSION = "request", "request_version"


class MilestoneRequestQuerySet(AskQuerySet):
    def with_payments(self) -> "MilestoneRequestQuerySet":
        """Annotate ``being_paid``, so that a list asks once for all of its lines."""
        under_way = Funding.objects.filter(
            award=OuterRef("award"), parts__request=OuterRef("pk"), payment__state__in=Payment.OPEN
        )
        return self.annotate(being_paid=Exists(under_way))  # type: ignore[return-value]

    def with_people(self) -> "MilestoneRequestQuerySet":
        """Join what a page names."""
        related = ("award__project", "award__employer", "award__freelancer", "made")
        return self.select_related(*related)  # type: ignore[return-value]

    def for_panels(self, answered: int) -> "MilestoneRequestQuerySet":
        """Those that wait, and of each award the newest *answered* of the others; those that wait first."""
        place = Window(RowNumber(), partition_by="award", order_by="-answered_at")
        others = self.exclude(state=Ask.WAITING).order_by().annotate(place=place).filter(place__lte=answered)
        shown = self.filter(Q(state=Ask.WAITING) | Q(pk__in=others.values("pk")))
        return shown.order_by(models.F("answered_at").desc(nulls_first=True), "id")  # type: ignore[return-value]


class MilestoneRequest(Ask):
    """``amount`` minor units of the award's currency, wanted for ``task``; paid before the work where ``advance``.

    ``made`` is the milestone that the employer made of it. Its amount is the employer's choice: it may be another one.
    """

    kind = "milestone-request"
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.REQUEST
    states: ClassVar[dict[str, Promise | str]] = {
        Ask.NEW: gettext_lazy("New"),
        Ask.WAITING: gettext_lazy("Requested"),
        Ask.AGREED: gettext_lazy("Milestone created"),
        Ask.REFUSED: gettext_lazy("Declined"),
        Ask.WITHDRAWN: gettext_lazy("Withdrawn"),
        Ask.OVERTAKEN: gettext_lazy("Award ended"),
    }

    task = models.CharField(gettext_lazy("task"), max_length=200)
    amount = models.BigIntegerField()
    advance = models.BooleanField(gettext_lazy("advance"), default=False)
    # Not called ``milestone``: an ask that has one is about it, and ends with it.
    made = models.OneToOneField(Milestone, on_delete=models.PROTECT, null=True, related_name="request")

    objects: ClassVar[Any] = MilestoneRequestQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("request for a milestone")
        verbose_name_plural = gettext_lazy("requests for milestones")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=LARGEST), name="request_amount_in_bounds"),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "agreed", "refused", "withdrawn", "overtaken")), name="request_state"
            ),
            models.CheckConstraint(
                condition=Q(state="agreed", made__isnull=False) | ~Q(state="agreed") & Q(made__isnull=True),
                name="request_agreed_is_made",
            ),
        ]
        indexes = [
            models.Index(fields=["award", "id"], condition=Q(state="waiting"), name="request_waiting"),
            models.Index(fields=["award", "-answered_at"], name="request_answered"),
        ]

    def __str__(self) -> str:
        return self.task

    def get_absolute_url(self) -> str:
        return reverse("milestones:request", args=[self.pk])

    @property
    def reference(self) -> str:
        """What people quote: Q and the number."""
        return f"Q{self.pk}"

    @cached_property
    def waiting_beside(self) -> int:
        """How many requests wait for its award now."""
        return type(self).objects.filter(award=self.award_id, state=Ask.WAITING).count()  # type: ignore[no-any-return]

    @cached_property
    def being_paid(self) -> bool:
        """Whether a payment source is being charged for the milestone that is to be made of it."""
        return Funding.objects.filter(  # type: ignore[no-any-return]
            award=self.award_id, parts__request=self.pk, payment__state__in=Payment.OPEN
        ).exists()

    def can_be_asked(self) -> bool:
        """Whether the award stands, with time left to answer it, and there is room among what waits."""
        return self.award.allows("fund", self.award.employer) and self.waiting_beside < lifecycle.MOST_WAITING

    @retried
    def edit(
        self,
        *,
        by: Member,
        key: uuid.UUID,
        task: str,
        amount: int,
        advance: bool,
        note: str = "",
        seen: Seen = UNSEEN,
    ) -> "MilestoneRequest":
        """Ask for something else. A dialog in which the employer was about to make a milestone of it is stale now."""
        with transaction.atomic():
            request = self.locked()
            if request._done(key, "edit", request.pk):
                then = (request.task, request.amount, request.advance, request.note)
                if then != (task, amount, advance, note):
                    raise WrongState(_("You have sent this form before, and the request was changed again since."))
                return request
            request.require("edit", by)
            seen.require(request.seen_version)
            request.task, request.amount, request.advance, request.note = task, amount, advance, note
            request.version += 1
            request.save(update_fields=["task", "amount", "advance", "note", "version"])
            request.record("edit", by=by, key=key, seen=seen, note=note)
            request.tell("edit")
        return request

    @classmethod
    def require_fulfil(cls, number: int, award: Award, *, by: Member, seen: Seen) -> "MilestoneRequest":
        """Return the request *number*, its row locked, if *by* can make a milestone of *award* of it now.

        WrongState where it can't be (any more), or isn't what the dialog showed. The award's row is locked already.
        """
        waiting: Any = cls.objects.select_for_update(of=("self",), no_key=True)
        request: MilestoneRequest | None = waiting.filter(pk=number, award=award).first()
        if request is None:
            raise WrongState(_("There is no such request for this award."))
        request.award = award
        request.require("fulfil", by)
        if seen.shown.get(SHOWN_VERSION, request.version) != request.version:
            words = _("%(name)s has changed the request since you were asked, so nothing was done.")
            raise WrongState(words % {"name": award.freelancer.get_short_name()})
        return request

    @classmethod
    def fulfil_number(cls, number: int, milestone: Milestone, *, by: Member, key: uuid.UUID, seen: Seen) -> None:
        """Answer the request *number* with *milestone*: what ``requests_port`` calls."""
        cls(pk=number).fulfil(milestone, by=by, key=key, seen=seen)

    def fulfil(self, milestone: Milestone, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "MilestoneRequest":
        """Answer it with *milestone*, which was made in this transaction. The award's row is locked."""
        request = self.require_fulfil(self.pk, milestone.award, by=by, seen=seen)
        request.made, request.state, request.answered_at = milestone, Ask.AGREED, timezone.now()
        request.version += 1
        request.save(update_fields=["made", "state", "answered_at", "version"])
        request.record("fulfil", by=by, key=key, seen=seen, amount=milestone.amount)
        request.tell("fulfil")
        return request

    def tell(self, action: str) -> None:
        """Tell the other side, in this transaction."""
        notices_requests.tell_of(self, action)
