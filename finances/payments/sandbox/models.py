"""The sandbox's own books. Nothing of the site points into them: it knows their references only, as text."""

import secrets
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finances.payments.gateways.base import Outcome
from finances.payments.sandbox.instruments import BANKS, CARDS, PAYOUT_ACCOUNTS, Behaviour, Instrument

CODE_TRIES = 5  # wrong codes after which a source can't be verified any more
BRAND = "Test"  # of every card and bank: a name, not a word


def _reference(prefix: str) -> str:
    """A name that nobody guesses; who may see what it names is checked all the same."""
    return f"sb_{prefix}_{secrets.token_hex(10)}"


def setup_reference() -> str:
    return _reference("setup")


def instrument_reference() -> str:
    return _reference("account")


def charge_reference() -> str:
    return _reference("charge")


def refund_reference() -> str:
    return _reference("refund")


def payout_reference() -> str:
    return _reference("payout")


def new_code() -> str:
    """The four digits that the owner of an account reads on its statement."""
    return f"{secrets.randbelow(10_000):04}"


class SandboxInstrument(models.Model):
    """A card or account that a member has added: a source of money, or a destination."""

    class Use(models.TextChoices):
        SOURCE = "source", _("source")
        DESTINATION = "destination", _("destination")

    class Kind(models.TextChoices):
        CARD = "card", _("card")
        BANK = "bank", _("bank account")

    reference = models.CharField(max_length=40, unique=True, default=instrument_reference)
    owner_id = models.BigIntegerField()  # a member; no foreign key, for a provider has its books elsewhere
    use = models.CharField(max_length=12, choices=Use)
    kind = models.CharField(max_length=4, choices=Kind)
    number = models.CharField(max_length=30)
    expires = models.CharField(max_length=7, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    behaviour = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Behaviour])
    code = models.CharField(max_length=4, default=new_code)
    tries = models.PositiveSmallIntegerField(default=0)
    verified = models.BooleanField(default=False)
    forgotten = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("test card or account")
        verbose_name_plural = _("test cards and accounts")

    @property
    def last4(self) -> str:
        return self.number[-4:]

    def get_absolute_url(self) -> str:
        """Its statement, as its owner sees it at their bank."""
        return reverse("sandbox:statement", args=[self.reference])


class SandboxSetup(models.Model):
    """A card or account that is being added on the sandbox's page."""

    reference = models.CharField(max_length=40, unique=True, default=setup_reference)
    owner_id = models.BigIntegerField()
    use = models.CharField(max_length=12, choices=SandboxInstrument.Use)
    kind = models.CharField(max_length=4, choices=SandboxInstrument.Kind)
    currency = models.CharField(max_length=3, blank=True)
    back = models.TextField()
    instrument = models.OneToOneField(SandboxInstrument, on_delete=models.PROTECT, null=True, related_name="setup")
    begun_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("card or account being added")
        verbose_name_plural = _("cards and accounts being added")

    def get_absolute_url(self) -> str:
        return reverse("sandbox:setup", args=[self.reference])

    @property
    def choices(self) -> list[Instrument]:
        """What can be added here."""
        if self.use == SandboxInstrument.Use.DESTINATION:
            return PAYOUT_ACCOUNTS
        return CARDS if self.kind == SandboxInstrument.Kind.CARD else BANKS

    def add(self, chosen: Instrument) -> SandboxInstrument:
        """Save *chosen*, unless this setup has saved something before. In a transaction with this row locked."""
        if self.instrument is None:
            card = self.kind == SandboxInstrument.Kind.CARD
            self.instrument = SandboxInstrument.objects.create(
                owner_id=self.owner_id,
                use=self.use,
                kind=self.kind,
                number=chosen.number,
                expires=f"12/{timezone.now().year + 3}" if card else "",
                currency="" if card else self.currency,
                behaviour=chosen.behaviour,
                verified=self.use == SandboxInstrument.Use.DESTINATION,
            )
            self.save(update_fields=["instrument"])
        return self.instrument


class SandboxCall(models.Model):
    """A request with a key: the same key again is the same request, and gets its result."""

    key = models.CharField(max_length=100, unique=True)
    wanted = models.JSONField()  # what was asked for
    down_until = models.DateTimeField(null=True)  # nothing is answered about this key before
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")


class Movable(models.Model):
    """Money that is on its way, or was: how it stands now, and from *settles_at* on."""

    call = models.OneToOneField(SandboxCall, on_delete=models.PROTECT, related_name="%(class)s")
    instrument = models.ForeignKey(SandboxInstrument, on_delete=models.PROTECT, related_name="%(class)ss")
    amount = models.BigIntegerField()  # minor units
    currency = models.CharField(max_length=3)
    words = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Outcome])
    reason = models.CharField(max_length=30, blank=True)
    settles_at = models.DateTimeField(null=True)
    settles_as = models.CharField(max_length=10, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @property
    def settled(self) -> bool:
        """Whether what was slow has happened. Nobody has to do anything for it but wait."""
        return self.settles_at is not None and timezone.now() >= self.settles_at

    @property
    def outcome_now(self) -> Outcome:
        return Outcome(self.settles_as if self.settled else self.outcome)

    @property
    def reason_now(self) -> str:
        return self.reason if self.outcome_now == Outcome.DECLINED else ""

    @property
    def ended_at(self) -> datetime:
        """When it took its present standing."""
        return self.settles_at if self.settles_at is not None and self.settled else self.at


class SandboxCharge(Movable):
    """Money from a member's source into the site's balance here."""

    reference = models.CharField(max_length=40, unique=True, default=charge_reference)
    back = models.TextField(blank=True)

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="sandbox_charge_above_zero")]

    def get_absolute_url(self) -> str:
        """The page on which the bank asks for a confirmation."""
        return reverse("sandbox:step", args=[self.reference])

    def end_step(self, outcome: Outcome, reason: str = "") -> None:
        """Let the person's answer to NEEDS_STEP take effect; nothing once there was one. With this row locked."""
        if self.outcome == Outcome.NEEDS_STEP:
            self.outcome, self.reason, self.at = outcome, reason, timezone.now()
            self.save(update_fields=["outcome", "reason", "at"])


class SandboxRefund(models.Model):
    """Money of a charge that went back."""

    reference = models.CharField(max_length=40, unique=True, default=refund_reference)
    call = models.OneToOneField(SandboxCall, on_delete=models.PROTECT, related_name="sandboxrefund")
    charge = models.ForeignKey(SandboxCharge, on_delete=models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()  # minor units of the charge's currency
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="sandbox_refund_above_zero")]


class SandboxPayout(Movable):
    """Money from the site's balance here to a member's account."""

    reference = models.CharField(max_length=40, unique=True, default=payout_reference)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="sandbox_payout_above_zero")]


class SandboxOutage(models.Model):
    """A time in which the whole provider is down. For trying out what the site does then."""

    until = models.DateTimeField()

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")

    @classmethod
    def begin(cls, seconds: float) -> None:
        """Be down for *seconds* from now on, in all processes."""
        cls.objects.create(until=timezone.now() + timedelta(seconds=seconds))

    @classmethod
    def end(cls) -> None:
        cls.objects.all().delete()

    @classmethod
    def now(cls) -> bool:
        return cls.objects.filter(until__gt=timezone.now()).exists()
