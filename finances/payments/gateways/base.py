"""What the site asks of a payment provider, whichever it is.

Amounts are whole minor units as ISO 4217 counts them (JPY 0, EUR 2, TND 3 decimals), currencies its codes in capitals.
Every call that leaves the process is answered or given up within ``PAYMENT_TIMEOUT`` seconds, and must be made outside
any transaction of the database: the provider's yes can't be rolled back.

What the calls raise, and what it means for the money:

- ``Unreachable``: nobody knows whether it happened. Ask by key later; nothing may be concluded now.
- ``Refused``: it did not happen and will not, and the words say why.
- ``config.refusals.KeyConflict``: the key was used before for something else. A programming error.
"""

import functools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

# The providers by the names that PAYMENT_GATEWAY knows. Dotted, so that a process loads only the library it uses.
REGISTRY = {
    "sandbox": "finances.payments.gateways.sandbox.SandboxGateway",
    "stripe": "finances.payments.gateways.stripe.StripeGateway",
}

# Why a charge or payout was declined (``Answer.reason``). What a provider says beyond these is "other".
REASONS = (
    "card_declined",
    "insufficient_funds",
    "expired_card",
    "lost_card",
    "authentication_failed",
    "source_closed",
    "destination_refused",
    "other",
)


class Outcome(StrEnum):
    """How a charge, refund or payout stands. All but PROCESSING and NEEDS_STEP are final."""

    SUCCEEDED = "succeeded"
    PROCESSING = "processing"  # the provider has it, and will know later
    NEEDS_STEP = "needs_step"  # the person must confirm with their bank, at ``step_url``
    DECLINED = "declined"
    CANCELLED = "cancelled"


class Unreachable(Exception):
    """No answer, a timeout, a 5xx, a dropped connection: nobody knows whether it happened."""


class Refused(Exception):
    """The provider refused the request itself, so nothing happened. The argument is for the member, translated."""


class BadSignature(Exception):
    """A webhook that is unsigned, wrongly signed, unreadable, or signed more than five minutes ago."""


@dataclass(frozen=True)
class Answer:
    """What the provider says of a charge, a refund or a payout."""

    outcome: Outcome
    reference: str  # the provider's own name for it
    amount: int  # what the provider takes or sends, in minor units; it may not be what was asked for
    currency: str
    key: str = ""  # the key under which it was asked for
    step_url: str = ""  # where the person must go, for NEEDS_STEP
    reason: str = ""  # one of REASONS, for DECLINED
    arrives_on: date | None = None  # of a payout, where the provider says so


@dataclass(frozen=True)
class Setup:
    """A source or destination that is being added."""

    reference: str  # of this setup
    url: str  # the provider's page to send the person to: absolute, or a path of this site


@dataclass(frozen=True)
class Saved:
    """What a finished setup saved."""

    reference: str  # of the source (``charge``) or the destination (``pay_out``)
    kind: str  # "card" or "bank"
    brand: str  # of the card or the bank, as the provider writes it; may be ""
    last4: str  # the last four characters of its number; may be ""
    expires: str  # "MM/YYYY", or "" for what does not expire
    currency: str  # "": any (cards); bank debits and destinations have one
    verified: bool  # False: a code is still to be typed (``verify``), or the provider is still checking
    customer: str = ""  # the provider's name for the person, for ``charge`` and ``find_charge``


@dataclass(frozen=True)
class Notice:
    """What a webhook is about. It proves nothing but that something happened: read the object again."""

    event_id: str  # the same for every delivery of the same event
    kind: str  # "charge", "payout", "setup" or "other"
    reference: str  # of the charge, payout or setup; may be ""
    key: str  # the key under which it was asked for; may be ""


@dataclass(frozen=True)
class Movement:
    """A line of the provider's books about our balance there."""

    reference: str  # of the charge, payout or refund; else the line's own
    key: str  # the key under which it was asked for; may be ""
    kind: str  # "charge", "payout", "payout_failed" (came back), "refund", "fee" or "other"
    amount: int  # minor units; above zero into our balance, below zero out of it
    currency: str
    at: datetime


class Gateway(ABC):
    """A payment provider. Any call but ``webhook`` raises Unreachable where no answer comes."""

    name: str

    # Sources and destinations. Their numbers are typed on the provider's page and never reach this site.

    @abstractmethod
    def begin_source(self, *, owner_id: int, email: str, kind: str, currency: str, back: str) -> Setup:
        """Begin to add a source of *kind* ("card" or "bank") for the member *owner_id*.

        *currency* is what a bank account is debited in; it means nothing for cards. *back* is the absolute address to
        which the provider returns the person. Raises Refused where the provider has no such sources.
        """

    @abstractmethod
    def begin_destination(self, *, owner_id: int, email: str, currency: str, back: str) -> Setup:
        """Begin to add a destination for payouts in *currency*; otherwise as ``begin_source``."""

    @abstractmethod
    def finished(self, setup_reference: str) -> Saved | None:
        """Return what the setup saved, None while (or if) the person has not finished it. Asking changes nothing."""

    @abstractmethod
    def verify(self, source_reference: str, code: str) -> bool:
        """Try the *code* that the provider sent to the source's owner by their bank statement.

        Returns whether it was right, True also for a source that is verified already. Raises Refused after five wrong
        ones, and where there is nothing to verify.
        """

    @abstractmethod
    def forget(self, source_reference: str) -> None:
        """Make the source unusable at the provider. Forgetting twice, or what was never there, is no error."""

    def statement_url(self, source_reference: str) -> str:
        """Return where the owner can read the code for ``verify``: a page of a provider that is played, else ""."""
        return ""

    # Money in.

    @abstractmethod
    def charge(
        self, *, key: str, source: str, customer: str, amount: int, currency: str, words: str, back: str
    ) -> Answer:
        """Charge *source* once a *key*: the same key again returns what became of the first.

        A provider may forget a key after a day; a charge that is asked for again later must be looked for before.
        *words* are for the payer's statement, *back* is the absolute address to return to after a NEEDS_STEP. Raises
        Refused for a source that can't be charged and for an amount that the provider can't express.
        """

    @abstractmethod
    def cancel_charge(self, reference: str) -> Answer:
        """Give up a charge that NEEDS_STEP, so that it can't succeed later. One that has ended stays as it is."""

    @abstractmethod
    def refund(self, *, key: str, charge: str, amount: int, currency: str) -> Answer:
        """Give *amount* of *charge* back, once a *key*. Raises Refused for more than is left of it."""

    # Money out.

    @abstractmethod
    def pay_out(self, *, key: str, destination: str, amount: int, currency: str, words: str) -> Answer:
        """Send money to *destination*, once a *key*.

        Raises Refused for a destination that can't be paid and for more than our balance has there.
        """

    # Asking again.

    @abstractmethod
    def find_charge(self, key: str, *, customer: str, since: datetime) -> Answer | None:
        """Return the charge asked for under *key*, not earlier than *since* (the intent's time).

        None: the provider has not heard of it so far. A request that got no answer can still be under way, so None is
        final only some minutes after the last ``charge`` with this key ended.
        """

    @abstractmethod
    def find_payout(self, key: str, *, destination: str, since: datetime) -> Answer | None:
        """Return the payout asked for under *key*; otherwise as ``find_charge``."""

    @abstractmethod
    def read_charge(self, reference: str) -> Answer:
        """Return how the charge stands now. Raises Refused for one that does not exist."""

    @abstractmethod
    def read_payout(self, reference: str) -> Answer:
        """Return how the payout stands now. DECLINED also for one that was sent and came back."""

    # What the provider says by itself.

    @abstractmethod
    def webhook(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """Check the signature of a webhook and read it, *headers* in any case. Raises BadSignature. Asks nobody."""

    @abstractmethod
    def balances(self) -> dict[str, int]:
        """Return what we have at the provider by currency, in minor units, with what has not become available yet."""

    @abstractmethod
    def movements(self, since: datetime) -> Iterator[Movement]:
        """Go through the lines of the provider's books about our balance since *since*, in no certain order."""


def gateway(name: str | None = None) -> Gateway:
    """Return the provider of that name, else the one that PAYMENT_GATEWAY names. KeyError for an unknown name."""
    return by_name(name or settings.PAYMENT_GATEWAY)


@functools.cache
def by_name(name: str) -> Gateway:
    """One provider for each name in a process. Tests that change its settings call ``by_name.cache_clear()``."""
    made: Gateway = import_string(REGISTRY[name])()
    return made


def outside_any_transaction() -> None:
    """Raise RuntimeError within a transaction: what the provider does can't be rolled back with it.

    The transaction that a test is wrapped in does not count, as with ``atomic(durable=True)``.
    """
    if connection.atomic_blocks and not getattr(connection.atomic_blocks[-1], "_from_testcase", False):
        raise RuntimeError("a payment provider is called outside any transaction")
