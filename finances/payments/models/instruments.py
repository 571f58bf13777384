"""Payment sources and payout destinations: what the provider keeps of a member's cards and accounts.

No number is ever here. A member types it on the provider's page; we keep the provider's name for it, and its last four.
"""

from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config.lifecycle import Action, HasLifecycle
from finances.payments import lifecycle
from finances.payments.gateways import Saved, gateway

MOST = 20  # of each a member


class InstrumentQuerySet(models.QuerySet["Instrument"]):
    def visible_to(self, user: Member) -> Self:
        """The member's own that were not removed."""
        return self.filter(owner=user).exclude(state=Instrument.State.REMOVED)

    def listed(self) -> Self:
        """Those that the provider has saved, in the order in which they are tried."""
        gone = (Instrument.State.ADDING, Instrument.State.REMOVED)
        return self.exclude(state__in=gone).order_by("place", "id")

    def ready(self) -> Self:
        """The verified ones at the provider that is in use."""
        return self.listed().filter(state=Instrument.State.VERIFIED, gateway=gateway().name)

    def usable(self, currency: str) -> Self:
        """The verified ones that can take part in a payment in *currency*, at the provider that is in use."""
        return self.ready().filter(Q(currency=currency) | Q(currency=""))


class Instrument(HasLifecycle, models.Model):
    """What money comes from or goes to outside. ``reference`` is the provider's name for it, ``setup`` of adding it."""

    class State(models.TextChoices):
        ADDING = "adding", gettext_lazy("Being added")
        UNVERIFIED = "unverified", gettext_lazy("Not verified yet")
        VERIFIED = "verified", gettext_lazy("Verified")
        REMOVED = "removed", gettext_lazy("Removed")

    class Kind(models.TextChoices):
        CARD = "card", gettext_lazy("Card")
        BANK = "bank", gettext_lazy("Bank account")

    owner = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    gateway = models.CharField(max_length=20)
    setup = models.CharField(max_length=200)
    setup_url = models.CharField(max_length=2000, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    customer = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(gettext_lazy("name"), max_length=60, blank=True)
    brand = models.CharField(max_length=60, blank=True)
    last4 = models.CharField(max_length=10, blank=True)
    expires = models.CharField(max_length=7, blank=True)  # MM/YYYY
    currency = models.CharField(max_length=3, blank=True)  # "": any
    state = models.CharField(max_length=10, choices=State, default=State.ADDING)
    place = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = InstrumentQuerySet.as_manager()
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.INSTRUMENT

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """What its owner calls it, with the four characters by which they know it."""
        return self.called(*self.calling)

    @property
    def calling(self) -> tuple[str, str, str]:
        """What ``called`` makes that of."""
        return self.name or self.brand, self.kind, self.last4

    @classmethod
    def called(cls, name: str, kind: str, last4: str) -> str:
        """Return what the owner of an instrument reads: its *name*, else what *kind* it is, and the characters."""
        shown = name or str(cls.Kind(kind).label)
        return f"{shown} ···· {last4}" if last4 else shown

    def save_what(self, saved: Saved) -> None:
        """Keep what the provider saved. A second time changes nothing but the state, and that only forward."""
        with transaction.atomic():
            fresh = type(self)._default_manager.select_for_update(no_key=True).get(pk=self.pk)
            if fresh.state not in (self.State.ADDING, self.State.UNVERIFIED):
                self.state = fresh.state
                return
            names = ("reference", "kind", "brand", "last4", "expires", "currency", "customer")
            for name in names:
                setattr(self, name, getattr(saved, name))
            if fresh.state == self.State.ADDING:
                mine = type(self)._default_manager.filter(owner_id=self.owner_id)
                self.place = (mine.aggregate(last=Max("place"))["last"] or 0) + 1
            self.state = self.State.VERIFIED if saved.verified else self.State.UNVERIFIED
            self.save(update_fields=[*names, "place", "state"])

    def verify(self, code: str, *, by: Member) -> bool:
        """Try the *code* of the small charge; return whether it was right. Refused after five wrong ones.

        Asks the provider, so it must not be called within a transaction.
        """
        self.require("verify", by)
        if not gateway(self.gateway).verify(self.reference, code):
            return False
        states = (self.State.UNVERIFIED, self.State.VERIFIED)
        changed = type(self)._default_manager.filter(pk=self.pk, state__in=states).update(state=self.State.VERIFIED)
        self.refresh_from_db(fields=["state"])
        return bool(changed)

    def rename(self, name: str, *, by: Member) -> None:
        """Call it *name*."""
        self.require("rename", by)
        self.name = name
        self.save(update_fields=["name"])

    def put_first(self, *, by: Member) -> None:
        """Let it be tried before all others of its owner."""
        self.require("first", by)
        with transaction.atomic():
            Member.objects.select_for_update(no_key=True).get(pk=self.owner_id)  # one at a time for each owner
            type(self)._default_manager.filter(owner_id=self.owner_id).exclude(pk=self.pk).update(place=F("place") + 1)
            type(self)._default_manager.filter(pk=self.pk).update(place=0)

    def remove(self, *, by: Member) -> None:
        """Use it for nothing any more, here at once and at the provider. Removing twice is no error.

        Asks the provider, so it must not be called within a transaction; where it can't be reached, Unreachable is
        raised once the source is removed here, and nothing will be charged from it.
        """
        self.require("remove", by)
        type(self)._default_manager.filter(pk=self.pk).update(state=self.State.REMOVED)
        self.state = self.State.REMOVED
        if self.reference:
            gateway(self.gateway).forget(self.reference)


class PaymentSource(Instrument):
    """A card or bank account from which its owner pays."""

    class Meta:
        verbose_name = gettext_lazy("payment source")
        verbose_name_plural = gettext_lazy("payment sources")
        indexes = [models.Index(fields=["owner", "place"], name="payment_source_of")]
        constraints = [models.UniqueConstraint(fields=["gateway", "setup"], name="payment_source_setup_once")]


class PayoutDestination(Instrument):
    """A bank account to which its owner withdraws."""

    class Meta:
        verbose_name = gettext_lazy("payout account")
        verbose_name_plural = gettext_lazy("payout accounts")
        indexes = [models.Index(fields=["owner", "place"], name="payout_destination_of")]
        constraints = [models.UniqueConstraint(fields=["gateway", "setup"], name="payout_destination_setup_once")]


def too_many(owner: Member, model: type[Instrument]) -> str:
    """Return why *owner* can't add one more, or nothing."""
    if model._default_manager.filter(owner=owner).exclude(state=Instrument.State.REMOVED).count() < MOST:
        return ""
    return _("You have %(number)d already. Remove one that you no longer use first.") % {"number": MOST}
