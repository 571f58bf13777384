"""The balance at the top right of every page (P10)."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from config.money import format_minor, plain_minor
from finances.ledger.models import Account


def balances(request: HttpRequest) -> dict[str, Any]:
    """The member's wallets, the ones with money first, read when a template asks and kept on the request."""
    member = getattr(request, "user", None)
    if member is None or not member.is_authenticated:
        return {}
    return {"balances": SimpleLazyObject(lambda: _shown(wallets_of(request)))}


def wallets_of(request: HttpRequest) -> list[Account]:
    """Return the member's wallets and payouts in flight, read once a request."""
    if not hasattr(request, "_wallets"):
        request._wallets = list(  # type: ignore[attr-defined]
            Account.objects.filter(owner=request.user, kind__in=("wallet", "payout")).order_by("id")
        )
    return request._wallets  # type: ignore[attr-defined,no-any-return]


def available_of(request: HttpRequest) -> dict[str, int]:
    """Return the member's available funds in minor units by currency, in the order in which they are shown."""
    return {account.currency: account.balance for account in _in_order(wallets_of(request))}


def _in_order(accounts: list[Account]) -> list[Account]:
    """The wallets among *accounts*, those with money first."""
    # Sums in different currencies can't be compared; the site's order of currencies is the operator's.
    order = {code: place for place, code in enumerate(settings.CURRENCIES)}
    wallets = [account for account in accounts if account.kind == Account.Kind.WALLET]
    return sorted(
        wallets, key=lambda account: (account.balance == 0, order.get(account.currency, len(order)), account.currency)
    )


def _shown(accounts: list[Account]) -> list[dict[str, str]]:
    """Balances for the top bar; who has no wallet yet sees zero in the site's first currency."""
    wallets = _in_order(accounts) or [Account(kind=Account.Kind.WALLET, currency=settings.CURRENCIES[0])]
    return [
        {
            "currency": account.currency,
            "text": format_minor(account.balance, account.currency),
            "value": plain_minor(account.balance, account.currency),
        }
        for account in wallets
    ]
