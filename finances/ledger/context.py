"""The balance at the top right of every page (P10)."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from config.money import format_minor, plain_minor
from finances.ledger.models import Account


def balances(request: HttpRequest) -> dict[str, Any]:
    """The member's wallets, largest first, read when a template asks; ``accounts_of`` keeps them on the request."""
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


def _shown(accounts: list[Account]) -> list[dict[str, str]]:
    return [
        {
            "currency": account.currency,
            "text": format_minor(account.balance, account.currency),
            "value": plain_minor(account.balance, account.currency),
        }
        for account in accounts
        if account.kind == Account.Kind.WALLET
    ]
