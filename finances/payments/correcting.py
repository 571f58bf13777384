"""The way from a transfer's page in the admin to its correction."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from finances.ledger.models import Account, Transfer


def tools(request: HttpRequest, thing: Model) -> dict[str, Any]:
    """Return the button below which staff take back what a transfer brought to a wallet or to the fees."""
    if not isinstance(thing, Transfer) or not request.user.has_perm("payments.propose_correction"):
        return {}
    if thing.credit_account.kind not in (Account.Kind.WALLET, Account.Kind.FEES):
        return {}
    url = f"{reverse('admin:payments_correction_propose')}?{urlencode({'transfer': thing.reference})}"
    return {"tools": [{"label": _("Correct this transfer"), "url": url}]}
