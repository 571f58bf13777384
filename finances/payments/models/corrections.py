"""What the staff put right in the books: money moved between members, or between a member and the site's fees (P71)."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Event, Member
from config.lifecycle import Action, HasLifecycle
from config.money import LARGEST, format_minor
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import InsufficientFunds, Leg, post
from finances.payments import lifecycle

# Held by whoever proposes or makes one: what the fees have, and what is left of a transfer, is read and used as one.
LOCK = 0x636F7272
ALONE_WITHIN = timedelta(hours=24)  # for which sums that one person makes alone add up
WAITS = timedelta(days=14)  # how long a proposal waits for a second person


class Correction(HasLifecycle, models.Model):
    """``amount`` minor units of ``currency``, from ``debit_account`` to ``credit_account``: wallets or fees.

    Up to ``alone_limit`` (what was left of CORRECTION_ALONE_LIMIT to who proposed it, ``limit_of``) who proposes it
    makes it at once; above it a second person does. ``corrects`` is the transfer that was wrong, where there is one.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", gettext_lazy("Awaits a second person")
        MADE = "made", gettext_lazy("Made")
        REFUSED = "refused", gettext_lazy("Refused")
        WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
        EXPIRED = "expired", gettext_lazy("Expired")

    debit_account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    credit_account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.TextField(max_length=2000)  # the members concerned read it
    note = models.TextField(max_length=2000, blank=True)  # for the staff alone
    corrects = models.ForeignKey(Transfer, models.PROTECT, null=True, related_name="corrections")
    alone_limit = models.BigIntegerField()
    proposed_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    key = models.UUIDField(unique=True)  # of the proposal, and of the transfer
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    transfer = models.OneToOneField(Transfer, models.PROTECT, null=True, related_name="correction")

    lifecycle: ClassVar[dict[str, Action]] = lifecycle.CORRECTION

    class Meta:
        verbose_name = gettext_lazy("correction")
        verbose_name_plural = gettext_lazy("corrections")
        permissions = (
            ("propose_correction", gettext_lazy("Can propose corrections")),
            ("confirm_correction", gettext_lazy("Can confirm corrections as a second person")),
        )
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=LARGEST), name="correction_amount_in_bounds"),
            models.CheckConstraint(
                condition=Q(state="made", transfer__isnull=False, confirmed_by__isnull=False)
                | ~Q(state="made") & Q(transfer=None, confirmed_by=None),
                name="correction_moved_if_made",
            ),
            # Above the limit two people made it, whoever wrote the row.
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(amount__lte=F("alone_limit")) | ~Q(confirmed_by=F("proposed_by")),
                name="correction_by_two_above_limit",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="proposed"), name="correction_waiting"),
        ]

    def __str__(self) -> str:
        return self.display_reference

    @property
    def display_reference(self) -> str:
        """What people quote: C and the number."""
        return f"C{self.pk}"

    @property
    def seen_version(self) -> str:
        """What changes with each step."""
        return str(self.version)

    @property
    def needs_second(self) -> bool:
        """Whether who proposed it can't make it alone."""
        return self.amount > self.alone_limit

    @property
    def way(self) -> str:
        """How it is made: a confirmation holds for the way that it said."""
        return "two" if self.needs_second else "alone"

    @classmethod
    def limit_of(cls, member: Member, currency: str) -> int:
        """Return up to how many minor units *member* may correct alone now.

        That is CORRECTION_ALONE_LIMIT less what they made alone in the last 24 hours, in that currency: many small
        ones are no way around a second person.
        """
        alone = cls.objects.filter(proposed_by=member, confirmed_by=member, currency=currency, state=cls.State.MADE)
        lately = alone.filter(created_at__gt=timezone.now() - ALONE_WITHIN)
        made: int = lately.aggregate(sum=Sum("amount"))["sum"] or 0
        return max(0, int(settings.CORRECTION_ALONE_LIMIT.get(currency, 0)) - made)

    @property
    def is_late(self) -> bool:
        """Whether it has waited too long to be made."""
        return self.expires_at <= timezone.now()

    @classmethod
    def ways_without_actions(cls) -> list[tuple[str, str, str]]:
        """What becomes of it by itself, for the drawing of its life."""
        proposed = cls.State.PROPOSED
        return [
            ("new", cls.State.MADE, _("proposed, up to the limit for one person")),
            (proposed, cls.State.EXPIRED, _("no second person confirmed it in time")),
        ]

    def concerns(self, member: Member) -> bool:
        """Whether *member*'s own money is part of it."""
        accounts = [self.debit_account, self.credit_account]
        if self.corrects:
            accounts += [self.corrects.debit_account, self.corrects.credit_account]
        return any(account.owner_id == member.pk for account in accounts)

    @classmethod
    @retried
    def propose(
        cls,
        payer: Account,
        payee: Account,
        amount: int,
        *,
        reason: str,
        note: str = "",
        corrects: Transfer | None = None,
        by: Member,
        key: uuid.UUID,
        seen: Seen = UNSEEN,
    ) -> "Correction":
        """Propose to move *amount* minor units from *payer* to *payee*; up to the limit it is made at once.

        The same *key* again returns what it did then, or raises KeyConflict for other content. PermissionDenied with
        words for who may not; WrongState where the accounts don't fit, the payer has less (InsufficientFunds), or of
        *corrects* less is left to be corrected.
        """
        with transaction.atomic():
            _lock()
            about = {
                "debit_account": payer, "credit_account": payee, "amount": amount, "currency": payer.currency,
                "reason": reason, "note": note, "corrects": corrects, "proposed_by": by,
            }  # fmt: skip
            if done := cls.objects.filter(key=key).first():
                if any(getattr(done, name) != value for name, value in about.items()):
                    raise KeyConflict(f"operation {key} was {done}")
                return done
            correction = cls(
                **about,
                key=key,
                alone_limit=cls.limit_of(by, payer.currency),
                expires_at=timezone.now() + WAITS,
            )
            correction.require_who("propose", by)
            seen.require(correction.way)
            correction.check_fits()
            correction.save()
            correction.record("propose", by=by, seen=seen)
            if correction.needs_second:
                _notices().waiting(correction)
            else:
                correction._make(by=by, seen=seen)
        return correction

    @retried
    def confirm(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Correction":
        """Make it, as a second person: the money moves. Raises as ``propose`` does."""
        with transaction.atomic():
            _lock()
            locked = self._locked()
            if locked._done("confirm", key):
                return locked
            locked.require("confirm", by)
            seen.require(locked.seen_version)
            locked.check_fits()
            locked.record("confirm", by=by, key=key, seen=seen)
            locked._make(by=by, seen=seen)
        return locked

    def refuse(self, *, note: str, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Correction":
        """End it, as a second person, with the reason for who proposed it. Nothing moves."""
        return self._end("refuse", note=note, by=by, key=key, seen=seen)

    def withdraw(self, *, note: str, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Correction":
        """Take the own proposal back. Nothing moves."""
        return self._end("withdraw", note=note, by=by, key=key, seen=seen)

    def expire(self) -> bool:
        """End it if it waited too long; return whether it did."""
        with transaction.atomic():
            locked = self._locked()
            if locked.state != self.State.PROPOSED or not locked.is_late:
                return False
            locked._move(self.State.EXPIRED)
            locked.record("expire")
            _notices().ended(locked, "expired")
        return True

    def check_fits(self) -> None:
        """Raise WrongState, with words, where it can't be made as things stand. The caller holds the lock."""
        kinds = {self.debit_account.kind, self.credit_account.kind}
        if not kinds <= {Account.Kind.WALLET, Account.Kind.FEES} or self.debit_account_id == self.credit_account_id:
            raise WrongState(_("A correction moves money between two wallets, or between a wallet and the fees."))
        if self.credit_account.currency != self.currency:
            raise WrongState(_("Both accounts must be in the same currency."))
        has = self.debit_account.true_balance()
        if has < self.amount:
            words = _("There is too little: %(has)s is available, and %(sum)s would be taken.")
            sums = {"has": format_minor(has, self.currency), "sum": format_minor(self.amount, self.currency)}
            raise InsufficientFunds(words % sums)
        if self.corrects:
            self._check_reference(self.corrects)

    def _check_reference(self, wrong: Transfer) -> None:
        if wrong.credit_account_id != self.debit_account_id:
            words = _("%(transfer)s brought nothing to the account that would pay.")
            raise WrongState(words % {"transfer": wrong.reference})
        others = Correction.objects.filter(corrects=wrong).exclude(pk=self.pk)
        others = others.filter(Q(state=self.State.MADE) | Q(state=self.State.PROPOSED, expires_at__gt=timezone.now()))
        left = wrong.amount - (others.aggregate(sum=Sum("amount"))["sum"] or 0)
        if self.amount > left:
            words = _("Of %(transfer)s only %(left)s is left to be corrected.")
            sums = {"transfer": wrong.reference, "left": format_minor(left, wrong.currency)}
            raise WrongState(words % sums)

    def record(
        self,
        action: str,
        *,
        by: Member | None = None,
        key: uuid.UUID | None = None,
        seen: Seen = UNSEEN,
        note: str = "",
    ) -> "CorrectionEvent":
        """Write the lasting record of a step (P26)."""
        return CorrectionEvent.objects.create(  # type: ignore[misc]
            correction=self, action=action, actor=by, key=key, shown=seen.shown, address=seen.address, note=note
        )

    def _make(self, *, by: Member, seen: Seen) -> None:
        leg = Leg(self.debit_account, self.credit_account, self.amount, Transfer.Kind.CORRECTION)
        (self.transfer,) = post(self.key, leg)
        self.confirmed_by = by
        self._move(self.State.MADE, "transfer", "confirmed_by")
        self.record("make", by=by, seen=seen)
        _notices().made(self)

    @retried
    def _end(self, action: str, *, note: str, by: Member, key: uuid.UUID, seen: Seen) -> "Correction":
        with transaction.atomic():
            locked = self._locked()
            if locked._done(action, key):
                return locked
            row = locked.require(action, by)
            seen.require(locked.seen_version)
            locked._move(str(row.target))
            locked.record(action, by=by, key=key, seen=seen, note=note)
            if action == "refuse":
                _notices().ended(locked, "refused", note)
        return locked

    def _move(self, state: str, *also: str) -> None:
        self.state = state
        self.version += 1
        self.save(update_fields=["state", "version", *also])

    def _done(self, action: str, key: uuid.UUID) -> bool:
        """Return whether *key* did this already. KeyConflict where it did something else."""
        before = CorrectionEvent.objects.filter(key=key).first()
        if before and (before.correction_id, before.action) != (self.pk, action):
            raise KeyConflict(f"operation {key} was {before}")
        return before is not None

    def _locked(self) -> "Correction":
        rows = Correction.objects.select_for_update(of=("self",), no_key=True)
        return rows.select_related("debit_account__owner", "credit_account__owner", "proposed_by").get(pk=self.pk)

    def get_absolute_url(self) -> str:
        """Where staff read it."""
        return reverse("admin:payments_correction_change", args=[self.pk])


class CorrectionEvent(Event):
    """What happened to a correction. Append-only."""

    ACTIONS: ClassVar[dict[str, Any]] = {
        "propose": gettext_lazy("Proposed"),
        "confirm": gettext_lazy("Confirmed by a second person"),
        "make": gettext_lazy("Made"),
        "refuse": gettext_lazy("Refused"),
        "withdraw": gettext_lazy("Withdrawn"),
        "expire": gettext_lazy("Expired"),
    }

    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="events")
    note = models.TextField(max_length=2000, blank=True)

    class Meta:
        verbose_name = gettext_lazy("event of a correction")
        verbose_name_plural = gettext_lazy("events of the correction")

    def __str__(self) -> str:
        return f"{self.correction}: {self.action}"


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _notices() -> Any:
    from finances.payments import notices_corrections  # it needs the models

    return notices_corrections
