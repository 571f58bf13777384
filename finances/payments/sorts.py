"""Payment sources and payout accounts have the same pages. This is all in which these differ."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from finances.payments import adding
from finances.payments.models import Instrument, Payment, PaymentSource, PayoutDestination, Withdrawal


@dataclass(frozen=True)
class Sort:
    """What one sort of instruments is called, and where its pages are."""

    name: str  # "source": its pages are "payments:source-new" and so on, its form field is so named
    model: type[Instrument]
    listed: str  # the URL name of the list
    title: str | Promise
    about: str | Promise
    first: str | Promise  # the mark on the one that is used first
    add: str | Promise
    empty: str | Promise
    unverified: str | Promise  # what has to happen before an unverified one can be used
    picture: str
    cards: bool = False  # whether cards can be added, too
    codes: bool = False  # whether they are verified by a code that is typed back

    @property
    def address(self) -> str:
        """Of the list."""
        return reverse(f"payments:{self.listed}")

    @property
    def new(self) -> str:
        """Where one is added."""
        return reverse(f"payments:{self.name}-new")

    @property
    def back(self) -> str:
        """Where the provider sends people back to; asks what became of all that was begun."""
        return reverse(f"payments:{self.name}-back")

    def page(self, page: str, pk: int) -> str:
        """Return the address of one of the pages about the instrument *pk*."""
        return reverse(f"payments:{self.name}-{page}", args=[pk])

    def used_by(self, instrument: Instrument) -> list[Payment | Withdrawal]:
        """Return what is under way through *instrument*."""
        if isinstance(instrument, PayoutDestination):
            return list(Withdrawal.objects.under_way().filter(destination_id=instrument.pk))
        return list(Payment.objects.open().filter(source_id=instrument.pk))

    def begin(self, owner: Member, kind: str, currency: str) -> Instrument:
        """Begin to add one at the provider."""
        if self.model is PayoutDestination:
            return adding.begin_destination(owner, currency=currency)
        return adding.begin_source(owner, kind=kind, currency=currency)


SOURCES = Sort(
    name="source",
    model=PaymentSource,
    listed="sources",
    title=_("Payment sources"),
    about=_(
        "Cards and bank accounts that you pay from. Where your available funds don't suffice, the first one that can "
        "pay in the currency is tried. You see which before you confirm, and can choose another one."
    ),
    first=_("Tried first"),
    add=_("Add payment source"),
    empty=_("You have no payment source yet. With a card or a bank account you can deposit and fund milestones."),
    unverified=_("Verify it before you pay from it: type the code that stands on its statement."),
    picture="credit-card",
    cards=True,
    codes=True,
)
DESTINATIONS = Sort(
    name="destination",
    model=PayoutDestination,
    listed="destinations",
    title=_("Payout accounts"),
    about=_("Bank accounts that you withdraw to. The first one in the currency is suggested first."),
    first=_("Suggested first"),
    add=_("Add payout account"),
    empty=_("You have no payout account yet. Add the bank account to which your money is to be sent."),
    unverified=_("The payment provider is still checking it. You can withdraw to it when that is done."),
    picture="landmark",
)
