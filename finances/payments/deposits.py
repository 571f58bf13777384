"""Money that arrives from outside."""

import uuid

from moneyed import Money

from accounts.models import Member
from config.money import to_minor
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import Leg, post


def record_deposit(member: Member, money: Money, key: uuid.UUID) -> Transfer:
    """Credit *money* that has arrived at the provider to the member's wallet, once a *key*.

    Returns the transfer. ValueError for an amount of zero or less or with a fraction of a minor unit.
    """
    amount = to_minor(money)
    if amount <= 0:
        raise ValueError("a deposit is more than zero")
    currency = money.currency.code
    clearing, wallet = Account.platform(Account.Kind.CLEARING, currency), Account.wallet(member.pk, currency)
    return post(key, Leg(clearing, wallet, amount, Transfer.Kind.DEPOSIT))[0]
