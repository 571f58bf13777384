"""The test cards and accounts: which there are, and what happens with each."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# How long what is slow takes, and for how long the provider that is down for one card stays so.
SLOW_SECONDS = 5
DOWN_SECONDS = 30


class Behaviour(StrEnum):
    """What becomes of money that is charged from, or paid to, an instrument."""

    SUCCEEDS = "succeeds"
    DECLINED = "declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED = "expired"
    LOST_CARD = "lost_card"
    NEEDS_STEP = "needs_step"
    TIMES_OUT = "times_out"
    LOSES_ANSWER = "loses_answer"
    SLOW = "slow"
    FAILS_LATER = "fails_later"
    OTHER_AMOUNT = "other_amount"
    DOWN = "down"


@dataclass(frozen=True)
class Instrument:
    """A card or account that exists for trying things out only."""

    number: str
    name: str | Promise  # what it is for, in a word or two
    words: str | Promise  # what happens with it: a sentence
    behaviour: Behaviour

    @property
    def last4(self) -> str:
        return self.number[-4:]


CARDS = [
    Instrument(
        "4242 4242 4242 4242",
        _("Succeeds"),
        _("Every charge succeeds at once."),
        Behaviour.SUCCEEDS,
    ),
    Instrument(
        "4000 0000 0000 0002",
        _("Declined"),
        _("The bank declines every charge and doesn’t say why."),
        Behaviour.DECLINED,
    ),
    Instrument(
        "4000 0000 0000 9995",
        _("Too little money"),
        _("Every charge is declined because the account has too little money."),
        Behaviour.INSUFFICIENT_FUNDS,
    ),
    Instrument(
        "4000 0000 0000 0069",
        _("Expired"),
        _("Every charge is declined because the card has expired."),
        Behaviour.EXPIRED,
    ),
    Instrument(
        "4000 0000 0000 9987",
        _("Lost card"),
        _("Every charge is declined because the card was reported lost."),
        Behaviour.LOST_CARD,
    ),
    Instrument(
        "4000 0000 0000 3220",
        _("Asks for a step"),
        _("The bank asks you to confirm each charge on a page of its own, where you can also refuse."),
        Behaviour.NEEDS_STEP,
    ),
    Instrument(
        "4000 0000 0000 0101",
        _("No answer, no charge"),
        _("The provider doesn’t answer, and nothing is charged."),
        Behaviour.TIMES_OUT,
    ),
    Instrument(
        "4000 0000 0000 0119",
        _("Charged, answer lost"),
        _("The charge succeeds, but its answer never arrives. It has to be found again."),
        Behaviour.LOSES_ANSWER,
    ),
    Instrument(
        "4000 0000 0000 0127",
        _("Slow"),
        _("The charge is being processed at first and succeeds after some seconds."),
        Behaviour.SLOW,
    ),
    Instrument(
        "4000 0000 0000 0135",
        _("Another amount"),
        _("The provider charges more than it was asked for. Somebody has to look into it."),
        Behaviour.OTHER_AMOUNT,
    ),
    Instrument(
        "4000 0000 0000 0143",
        _("Provider down"),
        _("The provider is down for half a minute: it neither charges nor says what became of the charge."),
        Behaviour.DOWN,
    ),
]

BANKS = [
    Instrument(
        "TEST 0000 0000 1001",
        _("Succeeds"),
        _("Every debit succeeds after some seconds, as bank debits do."),
        Behaviour.SLOW,
    ),
    Instrument(
        "TEST 0000 0000 1002",
        _("Comes back"),
        _("Every debit comes back after some seconds because the account has too little money."),
        Behaviour.FAILS_LATER,
    ),
    Instrument(
        "TEST 0000 0000 1003",
        _("Debited, answer lost"),
        _("The debit succeeds, but its answer never arrives. It has to be found again."),
        Behaviour.LOSES_ANSWER,
    ),
]

PAYOUT_ACCOUNTS = [
    Instrument(
        "TEST 0000 0000 2001",
        _("Arrives"),
        _("Every payout is sent at once and arrives two days later."),
        Behaviour.SUCCEEDS,
    ),
    Instrument(
        "TEST 0000 0000 2002",
        _("Slow"),
        _("The payout is being processed at first and is sent after some seconds."),
        Behaviour.SLOW,
    ),
    Instrument(
        "TEST 0000 0000 2003",
        _("Refused"),
        _("The bank refuses every payout at once."),
        Behaviour.DECLINED,
    ),
    Instrument(
        "TEST 0000 0000 2004",
        _("Fails later"),
        _("The payout is being processed at first and comes back after some seconds."),
        Behaviour.FAILS_LATER,
    ),
    Instrument(
        "TEST 0000 0000 2005",
        _("Sent, answer lost"),
        _("The payout is sent, but its answer never arrives. It has to be found again."),
        Behaviour.LOSES_ANSWER,
    ),
    Instrument(
        "TEST 0000 0000 2006",
        _("No answer, not sent"),
        _("The provider doesn’t answer, and nothing is sent."),
        Behaviour.TIMES_OUT,
    ),
]
