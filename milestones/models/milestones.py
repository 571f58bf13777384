"""Milestone payments: money that is set aside for one task of one award, and moves when it is said twice."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value, Window
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, RowNumber, Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Event, Member
from config import fees
from config.lifecycle import Action, HasLifecycle
from config.money import LARGEST, format_minor
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from finances.ledger.models import Account, Transfer
from milestones import escrow, lifecycle, making, notices, paid, statements
from milestones.parts import Part
from projects.models import Award


class Newest(models.Func):
    """Sorts rows newest first by minus their id, which only the indexes made for a member's lists hold.

    Sorted by the id itself, a prepared plan may walk the primary key instead: fine for the member who owns most rows,
    and past a million rows of others for everybody else.
    """

    template = "(-%(expressions)s)"
    output_field = models.BigIntegerField()


class Sums(NamedTuple):
    """What milestones come to: how many they are, and in minor units what was put on hold, is held, was released.

    ``taken_back`` is what the freelancer returned of that after it was released.
    """

    number: int = 0
    funded: int = 0
    held: int = 0
    released: int = 0
    taken_back: int = 0

    @property
    def committed(self) -> int:
        """What the employer has bound: held or released, and not returned since."""
        return self.held + self.released - self.taken_back

    @property
    def kept(self) -> int:
        """What was released and not returned since."""
        return self.released - self.taken_back


TAKE_BACK = "take-back"  # what the event is called by which a freelancer returns what was released


def _released() -> "models.QuerySet[Transfer, Any]":
    """What was released of a milestone, for a subquery; nothing where nothing was."""
    return (
        Transfer.objects.filter(debit_account=OuterRef("escrow"), kind=Transfer.Kind.RELEASE)
        .order_by()
        .values("debit_account")
        .annotate(total=Sum("amount"))
        .values("total")
    )


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def visible_to(self, user: Member) -> "MilestoneQuerySet":
        """Milestones in which the user is a party. Another freelancer on the same project sees none of them."""
        return self.filter(Q(employer=user) | Q(freelancer=user))

    def with_money(self) -> "MilestoneQuerySet":
        """Annotate ``held_now`` and ``released_so_far`` in minor units, both read from the ledger."""
        return self.annotate(
            held_now=F("escrow__balance"),
            released_so_far=Coalesce(Subquery(_released(), output_field=models.BigIntegerField()), Value(0)),
        )

    def with_people(self) -> "MilestoneQuerySet":
        """Join what a page names: the award, its project and both parties."""
        return self.select_related("award__project", "employer", "freelancer", "escrow", "fee_escrow")

    def sums_by_award(self) -> dict[int, "Sums"]:
        """Return what was put on hold, is held, was released and taken back of these milestones, by the award's id.

        In three queries. What is held and was released is the ledger's; what was put on hold is each milestone's
        amount, and what was taken back that of the events that did it.
        """
        held = (
            self.order_by()
            .values("award")
            .annotate(number=models.Count("pk"), funded=Sum("amount"), held=Sum("escrow__balance"))
        )
        released = (
            self.order_by()
            .values("award")
            .annotate(released=Sum(Subquery(_released(), output_field=models.BigIntegerField()), default=Value(0)))
        )
        paid = dict(released.values_list("award", "released"))
        back = MilestoneEvent.objects.taken_back_by("milestone__award", milestone__in=self.order_by())
        return {
            row["award"]: Sums(
                row["number"], row["funded"], row["held"], int(paid[row["award"]]), back.get(row["award"], 0)
            )
            for row in held
        }

    def newest_of_each_award(self, number: int) -> "MilestoneQuerySet":
        """Of each award no more than its newest *number*."""
        place = Window(RowNumber(), partition_by="award", order_by="-id")
        return self.filter(pk__in=self.order_by().annotate(place=place).filter(place__lte=number).values("pk"))

    def newest_first(self, before: int | None = None) -> "MilestoneQuerySet":
        """Sort newest first; *before* is the id that the page before ended with."""
        rows = self.annotate(newest=Newest("id")).order_by("newest")
        return rows.filter(newest__gt=-before) if before else rows  # type: ignore[no-any-return]

    def for_list(self) -> "MilestoneQuerySet":
        """Read no more than a line of a list shows: a page of whole rows takes twice the time."""
        names = ("employer__name", "freelancer__name", "award__state", "award__project__title")
        own = ("task", "amount", "currency", "state", "advance", "created_at", "escrow_id")
        return (
            self.with_money()
            .select_related("award__project", "employer", "freelancer")
            .only(*own, *names, "award__project_id", "award__employer_id", "award__freelancer_id")
        )


class Milestone(HasLifecycle, models.Model):
    """``amount`` minor units of ``currency``, put on hold for ``task``.

    What is held is the balance of ``escrow``, an account of its own; what was released is the sum of that account's
    transfers. Employer, freelancer and currency are the award's: a foreign key of four columns proves it.
    ``fee_escrow`` keeps the employer's fee for what is held, where there is one; "held" never means it.
    """

    class State(models.TextChoices):
        HELD = "held", gettext_lazy("Held")
        RELEASED = "released", gettext_lazy("Released")
        CANCELLED = "cancelled", gettext_lazy("Cancelled")
        DISPUTED = "disputed", gettext_lazy("In dispute")  # still held, but only the dispute can move it

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="milestones")
    employer = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="milestones_made", db_index=False)
    freelancer = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="milestones_got", db_index=False)
    currency = models.CharField(max_length=3)
    task = models.CharField(gettext_lazy("task"), max_length=200)
    amount = models.BigIntegerField()
    escrow = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="milestone")
    fee_escrow = models.OneToOneField(Account, on_delete=models.PROTECT, null=True, related_name="milestone_of_fee")
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    # Paid before the work is done, on trust (P31).
    advance = models.BooleanField(gettext_lazy("advance"), default=False, db_default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    HOLDING: ClassVar = (State.HELD, State.DISPUTED)  # states in which something is held

    # Annotated by ``with_money``, in minor units.
    held_now: int
    released_so_far: int
    # The freelancer's wallet, where a step has read it along.
    payee: Account | None = None

    objects: ClassVar[Any] = MilestoneQuerySet.as_manager()
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.MILESTONE

    class Meta:
        verbose_name = gettext_lazy("milestone")
        verbose_name_plural = gettext_lazy("milestones")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=LARGEST), name="milestone_amount_in_bounds"),
            models.CheckConstraint(
                condition=Q(state__in=("held", "released", "cancelled", "disputed")), name="milestone_state"
            ),
        ]
        indexes = [
            models.Index("employer", "currency", Newest("id"), name="milestone_outgoing"),
            models.Index("freelancer", "currency", Newest("id"), name="milestone_incoming"),
            models.Index("employer", "currency", "state", Newest("id"), name="milestone_outgoing_state"),
            models.Index("freelancer", "currency", "state", Newest("id"), name="milestone_incoming_state"),
            # Finds any part of a task's words, in capitals or not.
            GinIndex(OpClass(Upper("task"), name="gin_trgm_ops"), name="milestone_words"),
        ]

    def __str__(self) -> str:
        return self.task

    def get_absolute_url(self) -> str:
        return reverse("milestones:detail", args=[self.pk])

    @property
    def reference(self) -> str:
        """What people quote: M and the number."""
        return f"M{self.pk}"

    @property
    def held(self) -> int:
        """What is held now, in minor units."""
        return self.escrow.balance

    def fees_of(self, amount: int) -> fees.Sums:
        """Return what releasing *amount* minor units of what is held now costs each side (P52)."""
        released = self.amount - self.held  # while anything is held, all the rest was released
        return self.award.terms.between(released, released + amount)

    def taken_back(self) -> int:
        """Return what the freelancer has returned of what was released, in minor units."""
        return MilestoneEvent.objects.taken_back_by("milestone", milestone=self).get(self.pk, 0)

    def released_in_all(self) -> int:
        """Return what was released of it, in minor units, whatever was returned of that later."""
        legs = Transfer.objects.filter(debit_account=self.escrow_id, kind=Transfer.Kind.RELEASE)
        return int(legs.aggregate(sum=Sum("amount"))["sum"] or 0)

    def returnable(self) -> int:
        """Return what was released and can still be asked back, in minor units."""
        return self.released_in_all() - self.taken_back()

    def fee_set_aside(self) -> int:
        """Return what is set aside for the employer's fee on all that is held now, in minor units."""
        return self.fees_of(self.held).employer

    @property
    def seen_version(self) -> str:
        """What a dialog about this milestone was shown: stale after any change of it, or of the award's state."""
        return f"{self.version}.{self.award.state}"

    @classmethod
    def create(
        cls, award: Award, *, task: str, amount: int, by: Member, key: uuid.UUID, seen: Seen = UNSEEN, **more: Any
    ) -> "Milestone":
        """Hold *amount* minor units of the employer's available funds for *task*, and return the milestone.

        *more* is what else a ``Part`` can say. It is ``create_many`` with one part.
        """
        return cls.create_many(award, [Part(task, amount, **more)], by=by, key=key, seen=seen)[0]

    @classmethod
    @retried
    def create_many(
        cls, award: Award, parts: Sequence[Part], *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN
    ) -> "list[Milestone]":
        """Hold money of the employer's available funds for each of *parts*, and return the milestones in that order.

        The employer's fee on all of it is set aside with it, since it must be there when the money is released.
        A repeat of *key* returns what it made first. Raises InsufficientFunds where the funds don't suffice for all:
        then there is no milestone (P16). WrongState where the award has ended or isn't what was *seen*;
        PermissionDenied for anybody but its employer.
        """
        with transaction.atomic():
            award = Award.locked(award.pk)
            if done := making.made(cls, award, parts, key):
                return done
            award.require("fund", by)
            seen.require(str(award.version))
            return making.make(cls, award, parts, by=by, key=key, seen=seen)

    @retried
    def release(self, amount: int, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "MilestoneEvent":
        """Pay *amount* minor units of what is held to the freelancer, for good. Returns the event: its receipt.

        The freelancer's fee leaves their wallet in the same operation, and the employer's what was set aside for it.

        A repeat of *key* returns the first one's event and moves nothing (P23). WrongState where anything changed
        since it was *seen* or less is held; PermissionDenied for anybody but the employer.
        """
        with transaction.atomic():
            milestone = statements.lock(Milestone, self.pk)
            done = milestone._done_before("release", key)
            if done:
                if done.amount != amount:
                    raise KeyConflict(f"operation {key} released another amount of {milestone.reference}")
                return done
            row = milestone.require("release", by)
            seen.require(milestone.seen_version)
            if not 0 < amount <= milestone.held:
                raise WrongState(
                    _("%(held)s is held now.") % {"held": format_minor(milestone.held, milestone.currency)}
                )
            cost = milestone.fees_of(amount)
            transfer = escrow.release(milestone, amount, cost, key=key)
            milestone._settle(transfer, row.last or milestone.state)
            statements.overtake([milestone.pk], released=True, ended=milestone.held == 0)
            event = milestone.record("release", transfer, by=by, key=key, seen=seen, cost=cost)
            notices.released(milestone, event)
        return event

    @retried
    def cancel(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN, reason: str = "") -> "MilestoneEvent":
        """Give all that is held back to the employer; what was released stays released. Returns the event.

        The freelancer may do so whenever something is held, the employer until the award is accepted (P33, P34).
        """
        with transaction.atomic():
            milestone = statements.lock(Milestone, self.pk)
            action = milestone.cancel_action(by)
            done = milestone._done_before(action, key)
            if done:
                return done
            milestone.require(action, by)
            seen.require(milestone.seen_version)
            back = milestone.fee_set_aside()
            (transfer,) = escrow.give_back([milestone], [back], key=key)
            milestone._settle(transfer, self.State.CANCELLED)
            statements.overtake([milestone.pk], released=False, ended=True)
            milestone.award.touch()
            cost = fees.Sums(employer=back)
            event = milestone.record(action, transfer, by=by, key=key, seen=seen, note=reason, cost=cost)
            notices.cancelled(milestone, event)
        return event

    def why_not_held(self) -> str:
        """Return, where it isn't simply held, why nothing can be done with what was, as a sentence."""
        if self.state == self.State.DISPUTED:
            return _("This milestone is in dispute. Nothing of it can be moved or changed until the dispute has ended.")
        return _("Nothing of this milestone is held any more.")

    def require(self, action: str, by: Any) -> Action:
        """Also say of what is in dispute that it can't be done now, to whoever could do it otherwise."""
        if self.state == self.State.DISPUTED and self.require_who(action, by):
            raise WrongState(self.why_not_held())
        return super().require(action, by)

    @classmethod
    def ways_without_actions(cls) -> list[tuple[str, str, str]]:
        """What becomes of it by a step on its award, for the drawing of its life."""
        held, disputed = cls.State.HELD, cls.State.DISPUTED
        return [
            (held, cls.State.CANCELLED, _("the award ended without being accepted")),
            (held, disputed, _("a dispute was opened")),
            (disputed, held, _("the dispute was withdrawn")),
            (disputed, cls.State.RELEASED, _("the dispute gave some of it to the freelancer")),
            (disputed, cls.State.CANCELLED, _("the dispute gave all of it to the employer")),
        ]

    @classmethod
    def held_for(cls, award: Award) -> int:
        """Return all that is held for *award* now, in minor units."""
        held = cls.objects.filter(award=award, state__in=cls.HOLDING).aggregate(held=Sum("escrow__balance"))["held"]
        return int(held or 0)

    @classmethod
    def set_aside_for(cls, award: Award) -> int:
        """Return all that is set aside for the employer's fees of *award* now, in minor units."""
        return int(cls.objects.filter(award=award).aggregate(aside=Sum("fee_escrow__balance"))["aside"] or 0)

    @classmethod
    def paid_for(cls, award: Award) -> int:
        """Return what *award* has paid so far: released, less what was given back, in minor units."""
        return paid.for_award(award.pk)

    @classmethod
    def wind_up(cls, award: Award) -> None:
        """End all that waits about *award*, which is completed in this transaction. Its row is locked."""
        statements.overtake_of_award(award.pk)

    @classmethod
    def fees_paid_for(cls, award: Award) -> fees.Sums:
        """Return what each side has paid in fees on what was released for *award*, in minor units."""
        releases = MilestoneEvent.objects.filter(milestone__award=award, action="release")
        paid = releases.aggregate(freelancer=Sum("freelancer_fee"), employer=Sum("employer_fee"))
        return fees.Sums(paid["freelancer"] or 0, paid["employer"] or 0)

    @classmethod
    def give_back_all(cls, award: Award, *, by: Member | None, key: uuid.UUID, seen: Seen) -> None:
        """Give back all that is held for *award*, which ends in this transaction. Its row is locked by the caller.

        The transfers carry the operation's *key*; each milestone's event has one of its own, made from it.
        WrongState while some of it is in dispute.
        """
        if cls.objects.filter(award=award, state=cls.State.DISPUTED).exists():
            raise WrongState(_("Some of its money is in dispute. The award can end once the dispute has."))
        statements.overtake_of_award(award.pk)
        milestones = list(
            cls.objects.select_for_update(of=("self",), no_key=True)
            .filter(award=award, state=cls.State.HELD)
            .with_people()
            .order_by("id")
        )
        if not milestones:
            return
        back = [milestone.fee_set_aside() for milestone in milestones]
        transfers = escrow.give_back(milestones, back, key=key)
        for milestone, transfer, fee in zip(milestones, transfers, back, strict=True):
            milestone._settle(transfer, cls.State.CANCELLED)
            own, cost = uuid.uuid5(key, str(milestone.pk)), fees.Sums(employer=fee)
            milestone.record("return", transfer, by=by, key=own, seen=seen, cost=cost)

    def cancel_action(self, by: Member) -> str:
        """Return which row of the table *by*'s cancelling is: the employer's or the freelancer's."""
        return "withdraw" if by.pk == self.employer_id else "cancel"

    def record(
        self,
        action: str,
        transfer: Transfer,
        *,
        by: Member | None,
        key: uuid.UUID,
        seen: Seen,
        cost: fees.Sums = fees.NONE,
        note: str = "",
        cause: str = "",
    ) -> "MilestoneEvent":
        """Write the lasting record of a step (P26), and what it came to in fees."""
        event = MilestoneEvent(  # type: ignore[misc]  # held_after is stamped already
            milestone=self,
            actor_id=by.pk if by else None,
            action=action,
            key=key,
            transfer=transfer,
            amount=transfer.amount,
            held_after=self._held_after(action, transfer),
            freelancer_fee=cost.freelancer,
            employer_fee=cost.employer,
            address=seen.address,
            shown=seen.shown,
            note=note,
            cause=cause,
        )
        statements.record(event)
        return event

    def _held_after(self, action: str, transfer: Transfer) -> int | None:
        """What *transfer* left on hold: what was taken back after its release touched none of it."""
        if action == TAKE_BACK:
            return self.held
        return transfer.credit_balance if action == "create" else transfer.debit_balance

    def _done_before(self, action: str, key: uuid.UUID) -> "MilestoneEvent | None":
        """Read what is held now; return the event if *key* did this before. KeyConflict if it did anything else."""
        event = statements.read(self, key)
        if event is None:
            return None
        pk, milestone_id, done = event
        if (milestone_id, done) != (self.pk, action):
            raise KeyConflict(f"operation {key} was “{done}” of M{milestone_id}")
        return MilestoneEvent.objects.get(pk=pk)

    def _settle(self, transfer: Transfer, end: str) -> None:
        """Note what the transfer left: nothing held is the end of the milestone, and every dialog is stale."""
        self.escrow.balance = transfer.debit_balance or 0
        if self.escrow.balance == 0:
            self.state = end
        self.version += 1
        statements.settle(self)


class MilestoneEventQuerySet(models.QuerySet["MilestoneEvent"]):
    def taken_back_by(self, group: str, **of: Any) -> dict[int, int]:
        """Return the sums that were returned after release of the events that fit *of*, by *group*: an id's column.

        The condition is written out, so that a planner that knows the parameters only later sees that the small index
        of these events is enough.
        """
        written_out = RawSQL(
            f"milestones_milestoneevent.action = '{TAKE_BACK}'", [], output_field=models.BooleanField()
        )
        rows = self.filter(written_out, **of).order_by().values(group)
        return dict(rows.annotate(sum=Sum("amount")).values_list(group, "sum"))


class MilestoneEvent(Event):
    """What happened to a milestone, and the transfer that did it. Append-only; also the receipt.

    ``freelancer_fee`` came off what a release paid; ``employer_fee`` was set aside, taken or given back by the step.
    Their transfers have the key of ``transfer``.
    """

    ACTIONS: ClassVar[dict[str, Any]] = {
        "create": gettext_lazy("Milestone created"),
        "release": gettext_lazy("Released"),
        "withdraw": gettext_lazy("Cancelled by the employer"),
        "cancel": gettext_lazy("Cancelled by the freelancer"),
        "return": gettext_lazy("Returned, because the award ended"),
        TAKE_BACK: gettext_lazy("Returned after release"),
    }

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="events")
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    held_after = models.BigIntegerField()
    freelancer_fee = models.BigIntegerField(default=0, db_default=0)
    employer_fee = models.BigIntegerField(default=0, db_default=0)
    note = models.TextField(blank=True)
    # By what else it happened, as people quote it: "D12" by that dispute.
    cause = models.CharField(max_length=20, blank=True, default="", db_default="")

    objects: ClassVar[Any] = MilestoneEventQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("event of a milestone")
        verbose_name_plural = gettext_lazy("events of the milestone")
        indexes = [
            models.Index(fields=["milestone", "-id"], name="milestone_events"),
            models.Index(fields=["milestone"], condition=Q(action="take-back"), name="milestone_events_back"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("milestones:receipt", args=[self.pk])

    @property
    def reference(self) -> str:
        """What people quote: R and the number."""
        return f"R{self.pk}"

    @property
    def words(self) -> str:
        """What happened, and by what where it was neither of the two sides."""
        if not self.cause:
            return str(self.ACTIONS[self.action])
        if self.cause.startswith("G"):
            return _("Given back with both sides' consent (%(cause)s)") % {"cause": self.cause}
        sentences = {
            "release": _("Released by the dispute %(cause)s"),
            "return": _("Returned by the dispute %(cause)s"),
        }
        return sentences[self.action] % {"cause": self.cause}
