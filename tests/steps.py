"""Walking through the two steps of anything that moves money, as a browser without scripts does."""

import html
import re
from typing import Any

from django.db import connection
from django.test import Client

from milestones.verification import differences

HTMX = {"HX-Request": "true", "HX-Target": "dialog"}


def page(response: Any) -> str:
    """Return what the answer says, with its entities read."""
    return html.unescape(response.content.decode())


def token_of(response: Any) -> str:
    """Return the confirmation that the second step would carry."""
    found = re.search(r'name="token" value="([^"]+)"', response.content.decode())
    assert found, page(response)
    return found[1]


def ask(client: Client, url: str, **typed: str) -> str:
    """Take step one at *url* and return the confirmation that it offers."""
    response = client.post(url, typed)
    assert response.status_code == 200, page(response)
    return token_of(response)


def confirm(client: Client, url: str, token: str, **more: Any) -> Any:
    """Take step two at *url*."""
    return client.post(url, {"token": token}, **more)


def error_at(response: Any, field: str) -> str:
    """Return the message at *field*, which a screen reader must be told of by ``aria-describedby``."""
    text = response.content.decode()
    box = re.search(rf'<(?:input|textarea)[^>]* name="{field}"[^>]*>', text)
    assert box, page(response)
    assert 'aria-invalid="true"' in box[0]
    told = re.search(r'aria-describedby="([^"]+)"', box[0])
    assert told, box[0]
    words = [re.search(rf'id="{name}"[^>]*>(.*?)</(?:ul|div)>', text, re.S) for name in told[1].split()]
    assert all(words), f"{told[1]} names what is not there"
    error = re.search(rf'id="id_{field}_error"[^>]*>(.*?)</ul>', text, re.S)
    assert error, page(response)
    return html.unescape(re.sub(r"<[^>]+>", "", error[1])).strip()


def books() -> list[str]:
    """Everything that does not add up: the ledger in itself, and milestones against it."""
    wrong = list(differences())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, sum(balance) + coalesce((SELECT sum(p.amount) FROM ledger_pending p"
            " JOIN ledger_account b ON b.id = p.account_id WHERE b.currency = a.currency), 0)"
            " FROM ledger_account a GROUP BY currency"
        )
        wrong += [f"{code} sums to {total}" for code, total in cursor.fetchall() if total]
        cursor.execute(
            "SELECT a.id, a.balance, coalesce(t.total, 0) FROM ledger_account a LEFT JOIN ("
            "  SELECT account, sum(change) AS total FROM ("
            "    SELECT debit_account_id AS account, -amount AS change FROM ledger_transfer"
            "    UNION ALL SELECT credit_account_id, amount FROM ledger_transfer) sides GROUP BY account) t"
            " ON t.account = a.id WHERE a.kind NOT IN ('fees', 'clearing') AND a.balance <> coalesce(t.total, 0)"
        )
        wrong += [f"account {pk} says {balance}, its transfers {total}" for pk, balance, total in cursor.fetchall()]
    return wrong
