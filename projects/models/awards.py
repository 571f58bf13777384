"""Awards: what employer and freelancer have agreed on, and what became of it."""

import datetime
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Event, Member
from config import fees
from config.lifecycle import Action, HasLifecycle
from config.money import format_minor
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from projects import lifecycle, notices, ports
from projects.models.standing import StandingDue

REMIND_BEFORE = datetime.timedelta(days=2)


class AwardQuerySet(models.QuerySet["Award"]):
    def visible_to(self, user: Member) -> "AwardQuerySet":
        """Awards in which the user is a party."""
        return self.filter(Q(employer=user) | Q(freelancer=user))

    def overdue(self) -> "AwardQuerySet":
        """Awards whose deadline for an answer has passed."""
        return self.filter(state=Award.State.AWAITING, answer_by__lte=timezone.now())

    def soon_overdue(self) -> "AwardQuerySet":
        """Awards whose deadline is near and of which nobody was reminded yet; those whose time is up are not."""
        near = timezone.now() + datetime.timedelta(hours=settings.AWARD_REMINDER_HOURS)
        reminded = AwardEvent.objects.filter(award=models.OuterRef("pk"), action="remind")
        found = self.filter(state=Award.State.AWAITING, answer_by__gt=timezone.now(), answer_by__lte=near)
        return found.filter(~models.Exists(reminded))

    def reviews_to_tell_of(self) -> "AwardQuerySet":
        """Completed awards whose time for reviews is over and whose parties were not told yet."""
        return self.filter(review_by__lte=timezone.now(), reviews_told_at=None)

    def reviews_to_remind_of(self) -> "AwardQuerySet":
        """Completed awards whose time for reviews is nearly over, without both reviews and not reminded of yet.

        Where there is no more time than that in the first place, being told of the completion is enough.
        """
        now = timezone.now()
        nearly = self.filter(review_by__gt=now, review_by__lte=now + REMIND_BEFORE, reviews_told_at=None)
        return nearly.filter(review_reminded_at=None, completed_at__lt=F("review_by") - REMIND_BEFORE)


class Award(HasLifecycle, models.Model):
    """The employer's choice of a bid. ``amount`` is what was agreed, in minor units of ``currency``.

    ``version`` changes with everything that matters to a decision about the award as a whole: its own state, and
    which milestones were made or cancelled. ``terms``, the fees, are those of the moment it was made, for good.
    """

    class State(models.TextChoices):
        AWAITING = "awaiting", gettext_lazy("Awaiting acceptance")
        ACCEPTED = "accepted", gettext_lazy("In progress")
        DECLINED = "declined", gettext_lazy("Declined")
        REVOKED = "revoked", gettext_lazy("Revoked")
        LAPSED = "lapsed", gettext_lazy("Lapsed")
        COMPLETED = "completed", gettext_lazy("Completed")

    STANDING: ClassVar[tuple[str, ...]] = (State.AWAITING, State.ACCEPTED)

    bid = models.ForeignKey("projects.Bid", on_delete=models.PROTECT, related_name="awards")
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="awards")
    employer = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="awards_made")
    freelancer = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="awards_received")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    days = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.AWAITING)
    version = models.PositiveIntegerField(default=1)
    awarded_at = models.DateTimeField(default=timezone.now)
    answer_by = models.DateTimeField()
    freelancer_fee_percent = models.DecimalField(max_digits=6, decimal_places=fees.PLACES, default=0, db_default=0)
    freelancer_fee_least = models.BigIntegerField(default=0, db_default=0)
    employer_fee_percent = models.DecimalField(max_digits=6, decimal_places=fees.PLACES, default=0, db_default=0)
    employer_fee_least = models.BigIntegerField(default=0, db_default=0)
    completed_at = models.DateTimeField(null=True)
    # Until then both can review each other, and nobody reads a review unless both are in.
    review_by = models.DateTimeField(null=True)
    # When the site reminded who had not reviewed yet, and when it told both that the reviews can be read.
    review_reminded_at = models.DateTimeField(null=True)
    reviews_told_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = AwardQuerySet.as_manager()
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.AWARD

    class Meta:
        verbose_name = gettext_lazy("award")
        verbose_name_plural = gettext_lazy("awards")
        constraints = [
            models.UniqueConstraint(
                fields=["bid"], condition=Q(state__in=("awaiting", "accepted")), name="award_once_a_bid"
            ),
            # Lets a milestone's foreign key prove that its employer, freelancer and currency are the award's.
            models.UniqueConstraint(fields=["id", "employer", "freelancer", "currency"], name="award_parties"),
            models.CheckConstraint(condition=~Q(employer=F("freelancer")), name="award_between_two_people"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="award_agrees_on_something"),
            models.CheckConstraint(
                condition=Q(freelancer_fee_percent__range=(0, 100), employer_fee_percent__range=(0, 100)),
                name="award_fees_are_per_cent",
            ),
            models.CheckConstraint(
                condition=Q(freelancer_fee_least__gte=0, employer_fee_least__gte=0), name="award_fees_not_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(state="completed", completed_at__isnull=False, review_by__isnull=False)
                | ~Q(state="completed") & Q(completed_at=None, review_by=None),
                name="award_completed_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["answer_by"], condition=Q(state="awaiting"), name="award_deadline"),
            models.Index(
                fields=["review_by"],
                condition=Q(review_by__isnull=False, reviews_told_at=None),
                name="award_reviews_awaited",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.freelancer}"

    @property
    def terms(self) -> fees.Terms:
        """The fees of its milestones: they never change, whatever the settings say later (P52)."""
        return fees.Terms(
            fees.Fee(self.freelancer_fee_percent, self.freelancer_fee_least),
            fees.Fee(self.employer_fee_percent, self.employer_fee_least),
        )

    def accept(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Award":
        """Take the work on. From here on the employer can't cancel its milestones (P33)."""
        return self._answer("accept", by=by, key=key, seen=seen)

    def decline(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Award":
        """Say no; every held milestone goes back to the employer at once (P4)."""
        return self._answer("decline", by=by, key=key, seen=seen)

    def revoke(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Award":
        """Take the award back before it is answered; every held milestone comes back at once (P4)."""
        return self._answer("revoke", by=by, key=key, seen=seen)

    def lapse(self, *, key: uuid.UUID) -> "Award":
        """End an award that was not answered in time; every held milestone goes back at once (P4)."""
        return self._answer("lapse", by=None, key=key, seen=UNSEEN)

    @retried
    def complete(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Award":
        """Say that the work is done, for good (P7). From here on both can review each other, for REVIEW_DAYS.

        WrongState while anything is held for it, or a floor above says that something about it is open still; what
        only waits for an answer is overtaken in the same transaction.
        """
        with transaction.atomic():
            award = Award.locked(self.pk)
            if award.done_before("complete", key):
                return award
            row = award.require("complete", by)
            seen.require(str(award.version))
            award.require_nothing_open()
            ports.wind_up(award)
            award.state = row.target or award.state
            award.completed_at = timezone.now()
            award.review_by = award.completed_at + datetime.timedelta(days=settings.REVIEW_DAYS)
            award.touch("state", "completed_at", "review_by")
            award.record("complete", by=by, key=key, seen=seen)
            StandingDue.note(award.employer_id, award.freelancer_id)
            notices.completed(award)
        return award

    def told_of_reviews(self, *, any_there: bool = True) -> None:
        """Tell both sides that the reviews can be read now, if *any_there*, and note it. The row is locked.

        Their standings are computed anew: what nobody could read counted nothing until now.
        """
        if any_there:
            notices.reviews_readable(self)
            StandingDue.note(self.employer_id, self.freelancer_id)
        self.reviews_told_at = timezone.now()
        self.save(update_fields=["reviews_told_at"])

    def require_nothing_open(self) -> None:
        """Raise WrongState with words while money is held for it or a floor above knows of anything that is open."""
        if matters := ports.open_matters(self):
            raise WrongState(" ".join(matters))
        if held := ports.held_for(self):
            raise WrongState(
                _("%(held)s is held for this award. Release it, or let the freelancer cancel it, before you complete.")
                % {"held": format_minor(held, self.currency)}
            )

    @property
    def remind_at(self) -> datetime.datetime:
        """When its freelancer is reminded: AWARD_REMINDER_HOURS before the deadline, half-way if that is later."""
        before = datetime.timedelta(hours=settings.AWARD_REMINDER_HOURS)
        return self.answer_by - min(before, (self.answer_by - self.awarded_at) / 2)

    @retried
    def remind(self, *, key: uuid.UUID) -> "Award":
        """Remind the freelancer that the award is to be answered, once. WrongState where it was, or its time is up."""
        with transaction.atomic():
            award = Award.locked(self.pk)
            if not award.done_before("remind", key):
                award.require("remind", None)
                award.record("remind", by=None, key=key, seen=UNSEEN)
                notices.reminded(award)
        return award

    @retried
    def _answer(self, action: str, *, by: Member | None, key: uuid.UUID, seen: Seen) -> "Award":
        with transaction.atomic():
            award = Award.locked(self.pk)
            if award.done_before(action, key):
                return award
            row = award.require(action, by)
            seen.require(str(award.version))
            if row.target != self.State.ACCEPTED:
                ports.give_back_all(award, by=by, key=key, seen=seen)
                award.bid.reopen()
            award.state = row.target or award.state
            award.touch("state")
            award.record(action, by=by, key=key, seen=seen)
            notices.answered(award, action)
        return award

    @staticmethod
    def locked(pk: int) -> "Award":
        """Return the award with its row locked: the first lock of every operation on it or its milestones."""
        return (  # type: ignore[no-any-return]
            Award.objects.select_for_update(of=("self",), no_key=True)
            .select_related("project", "employer", "freelancer", "bid")
            .get(pk=pk)
        )

    def done_before(self, action: str, key: uuid.UUID) -> bool:
        """Return whether *key* did *action* to this award before. KeyConflict if it did anything else."""
        event = AwardEvent.objects.filter(key=key).first()
        if event is None:
            return False
        if (event.award_id, event.action) != (self.pk, action):
            raise KeyConflict(f"operation {key} was another one")
        return True

    def touch(self, *fields: str) -> None:
        """Save *fields* and make every confirmation that was shown before stale. The row is locked."""
        self.version += 1
        self.save(update_fields=[*fields, "version"])

    def record(self, action: str, *, by: Member | None, key: uuid.UUID, seen: Seen) -> "AwardEvent":
        """Write the lasting record of a step."""
        return AwardEvent.objects.create(
            award=self, actor=by, action=action, key=key, address=seen.address, shown=seen.shown
        )


class AwardEvent(Event):
    """What happened to an award. Append-only."""

    ACTIONS: ClassVar[dict[str, Any]] = {
        "award": gettext_lazy("Awarded"),
        "accept": gettext_lazy("Accepted"),
        "decline": gettext_lazy("Declined"),
        "revoke": gettext_lazy("Revoked"),
        "lapse": gettext_lazy("Lapsed"),
        "remind": gettext_lazy("Reminded"),
        "complete": gettext_lazy("Completed"),
    }

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="events")

    class Meta:
        verbose_name = gettext_lazy("event of an award")
        verbose_name_plural = gettext_lazy("events of the award")
        indexes = [models.Index(fields=["award", "id"], name="award_events")]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What people quote: A, the award's number and the step's."""
        return f"A{self.award_id}-{self.pk}"
