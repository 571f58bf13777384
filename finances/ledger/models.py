"""Accounts and transfers: the whole of the books. ``docs/money.md`` explains the rules.

Balances are changed by inserting a transfer and in no other way; the triggers of migration 0002 do it and refuse
everything else. Amounts are whole minor units of the row's ISO 4217 currency.
"""

from typing import ClassVar

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Account(models.Model):
    """A place where money stands: a member's wallet, one milestone's escrow, one of the platform's own accounts."""

    class Kind(models.TextChoices):
        WALLET = "wallet", _("wallet")
        ESCROW = "escrow", _("escrow")
        PAYOUT = "payout", _("payouts in flight")
        FEES = "fees", _("fees")
        # Mirrors what the payment provider holds for us: it goes below zero by what came in from outside.
        CLEARING = "clearing", _("provider clearing")

    # Everybody's money passes through these, so their balances are folded in the background (see folding.py).
    FOLDED: ClassVar[tuple[str, ...]] = (Kind.FEES, Kind.CLEARING)

    # Found through account_once_a_member, which begins with it: each further index would slow every transfer.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="accounts", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    currency = models.CharField(max_length=3)
    balance = models.BigIntegerField(default=0, db_default=0)
    sequence = models.BigIntegerField(default=0, db_default=0)  # how many transfers have touched it

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        # The trigger ledger_open_account (migration 0002) sees to it that the currency is a code and the owner fits
        # the kind: a constraint here would be evaluated again with each change of the balance.
        constraints = [
            models.UniqueConstraint(fields=["owner", "kind", "currency"], name="account_once_a_member"),
            models.UniqueConstraint(
                fields=["kind", "currency"], condition=Q(kind__in=("fees", "clearing")), name="account_once_on_platform"
            ),
            models.CheckConstraint(condition=Q(balance__gte=0) | Q(kind="clearing"), name="account_never_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.currency} {self.pk}"

    @classmethod
    def wallet(cls, owner_id: int, currency: str) -> "Account":
        """Return the member's wallet in *currency*, made if it is their first money in it."""
        return cls._ensure(owner_id, cls.Kind.WALLET, currency)

    @classmethod
    def payout(cls, owner_id: int, currency: str) -> "Account":
        """Return the account in which the member's withdrawals in *currency* wait until they have arrived."""
        return cls._ensure(owner_id, cls.Kind.PAYOUT, currency)

    @classmethod
    def platform(cls, kind: str, currency: str) -> "Account":
        """Return the platform's account of *kind* (fees, clearing) in *currency*, made if need be."""
        return cls._ensure(None, kind, currency)

    @classmethod
    def open_escrow(cls, currency: str) -> "Account":
        """Make a new escrow account. Each milestone has its own."""
        return cls.objects.create(kind=cls.Kind.ESCROW, currency=currency)

    @staticmethod
    def _ensure(owner_id: int | None, kind: str, currency: str) -> "Account":
        found = Account.objects.filter(owner_id=owner_id, kind=kind, currency=currency).first()
        if found is None:
            # Two that need it at once: the second insert does nothing, and both read the one row.
            new = Account(owner_id=owner_id, kind=kind, currency=currency)
            Account.objects.bulk_create([new], ignore_conflicts=True)
            found = Account.objects.get(owner_id=owner_id, kind=kind, currency=currency)
        return found

    def true_balance(self) -> int:
        """Return the balance with what is still to be folded into it, in minor units."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT a.balance + coalesce(sum(p.amount), 0)::bigint FROM ledger_account a"
                " LEFT JOIN ledger_pending p ON p.account_id = a.id WHERE a.id = %s GROUP BY a.balance",
                [self.pk],
            )
            return int(cursor.fetchone()[0])


class Transfer(models.Model):
    """One movement of money, from the debit account to the credit account. Never changed, never deleted.

    The legs of one operation share its ``key``. Each side carries the account's sequence number and balance after
    it; a folded account's are stamped when it is folded, and are None until then.
    """

    class Kind(models.TextChoices):
        DEPOSIT = "deposit", _("Deposit")
        WITHDRAWAL = "withdrawal", _("Withdrawal")
        HOLD = "hold", _("Put on hold")
        RELEASE = "release", _("Released")
        RETURN = "return", _("Returned")
        # From the freelancer's wallet to the employer's: what was released comes back.
        REFUND = "refund", _("Returned after release")
        FEE = "fee", _("Fee")
        # What a verdict costs the side whose wallet it comes from.
        ARBITRATION = "arbitration", _("Fee for arbitration")
        CORRECTION = "correction", _("Correction")

    # Every milestone makes these; the others are looked for by indexes of their own. The condition is written out,
    # since a planner that knows a statement's parameters only later could not tell that it holds.
    FREQUENT: ClassVar[tuple[str, ...]] = (Kind.HOLD, Kind.RELEASE, Kind.FEE)
    RARELY: ClassVar[str] = "ledger_transfer.kind NOT IN ('hold', 'release', 'fee')"

    id = models.BigIntegerField(primary_key=True, editable=False)  # given by the trigger, once the locks are held
    key = models.UUIDField()
    leg = models.SmallIntegerField(default=0)
    debit_account = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    credit_account = models.ForeignKey(
        Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=12, choices=Kind)
    created_at = models.DateTimeField(default=timezone.now)
    debit_sequence = models.BigIntegerField(null=True)
    debit_balance = models.BigIntegerField(null=True)
    credit_sequence = models.BigIntegerField(null=True)
    credit_balance = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            # Deferrable, since PostgreSQL refuses ON CONFLICT on such a table: a row skipped that way would have
            # moved the balances (the trigger runs first) and left no transfer behind.
            models.UniqueConstraint(
                fields=["key", "leg"], name="transfer_once_a_key", deferrable=models.Deferrable.IMMEDIATE
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & ~Q(debit_account=models.F("credit_account")),
                name="transfer_moves_something",
            ),
        ]
        indexes = [
            models.Index(fields=["debit_account", "id"], name="transfer_of_debit_account"),
            models.Index(fields=["credit_account", "id"], name="transfer_of_credit_account"),
            *(
                models.Index(
                    fields=[f"{side}_account", "id"],
                    name=f"transfer_rare_{side}",
                    condition=~Q(kind__in=("hold", "release", "fee")),
                )
                for side in ("debit", "credit")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"

    @property
    def reference(self) -> str:
        """What people quote: T and the number."""
        return f"T{self.pk}"


class Pending(models.Model):
    """A side of a transfer that its folded account has not taken in yet. Deleting the row is what folds it."""

    pk = models.CompositePrimaryKey("transfer_id", "account_id")
    transfer = models.ForeignKey(Transfer, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False)
    amount = models.BigIntegerField()  # what the account's balance changes by; below zero on the debit side


class Verification(models.Model):
    """One recomputation of the books, as the staff's books page tells of it."""

    at = models.DateTimeField(default=timezone.now)
    seconds = models.FloatField()
    transfers = models.BigIntegerField()
    differences = models.JSONField(default=list)  # of {"check": …, "sentence": …}; empty when all is well

    class Meta:
        get_latest_by = "at"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {len(self.differences)}"
