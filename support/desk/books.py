"""The books as the staff, the metrics and the monitoring command read them (P73). Differences are told, never smoothed.

All sums are in minor units of their currency. What nobody has checked is said to be unknown, and not to be right.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.money import format_minor
from finances.ledger.models import Account, Verification
from finances.payments.gateways import gateway
from finances.payments.models import Reconciliation

# Jobs make both of these every hour; after so long nobody has looked.
LATEST = datetime.timedelta(hours=3)

SUMS = """
    SELECT currency, kind, sum(amount)::bigint FROM (
        SELECT currency, kind, sum(balance) AS amount FROM ledger_account GROUP BY currency, kind
        UNION ALL
        SELECT account.currency, account.kind, sum(pending.amount) FROM ledger_pending pending
        JOIN ledger_account account ON account.id = pending.account_id GROUP BY 1, 2) parts
    GROUP BY currency, kind
"""
# The accounts that hold milestones' money, and both sides' totals of it, which are kept apart from them.
HELD = """
    SELECT currency, sum(held) FILTER (WHERE side = 'accounts')::bigint,
        sum(held) FILTER (WHERE side = 'outgoing')::bigint, sum(held) FILTER (WHERE side = 'incoming')::bigint
    FROM (
        SELECT account.currency, 'accounts' AS side, account.balance AS held
        FROM ledger_account account JOIN milestones_milestone milestone ON milestone.escrow_id = account.id
        WHERE account.balance <> 0
        UNION ALL SELECT currency, side, held FROM milestones_heldtotal WHERE held <> 0) parts
    GROUP BY currency
"""


@dataclass(frozen=True)
class Problem:
    """Something that must be looked at: a short *name* for metrics, a sentence, and the page that tells more."""

    name: str
    sentence: str
    url: str = ""


@dataclass(frozen=True)
class Books:
    """What the books say at one moment."""

    sums: dict[str, dict[str, int]]  # by currency, then by kind of account
    held: dict[str, tuple[int, int, int]]  # by currency: accounts, employers' totals, freelancers' totals
    verification: Verification | None
    reconciliation: Reconciliation | None
    at: datetime.datetime
    problems: list[Problem] = field(default_factory=list)

    @property
    def provider(self) -> list[dict[str, Any]]:
        """What the provider held and what the ledger said, by currency, when they were last compared."""
        return list(self.reconciliation.balances) if self.reconciliation else []

    def age(self, of: Verification | Reconciliation | None) -> float | None:
        """Return the seconds since *of* was made; None where there is none."""
        return (self.at - of.at).total_seconds() if of else None


def read(max_age: datetime.timedelta = LATEST) -> Books:
    """Read the books in one snapshot, and name what does not agree, or was not checked for *max_age*."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:  # inside another transaction the snapshot is that one's affair
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        sums: dict[str, dict[str, int]] = defaultdict(dict)
        cursor.execute(SUMS)
        for currency, kind, amount in cursor.fetchall():
            sums[currency][kind] = amount
        cursor.execute(HELD)
        held = {
            currency: (accounts or 0, outgoing or 0, incoming or 0)
            for currency, accounts, outgoing, incoming in cursor.fetchall()
        }
        checked = Verification.objects.order_by("-at").first()
        compared = Reconciliation.objects.filter(gateway=gateway().name).order_by("-at").first()
    books = Books(dict(sorted(sums.items())), dict(sorted(held.items())), checked, compared, timezone.now())
    books.problems.extend(_problems(books, max_age))
    return books


def _problems(books: Books, max_age: datetime.timedelta) -> list[Problem]:
    return [*_sums(books), *_held(books), *_verified(books, max_age), *_compared(books, max_age)]


def _sums(books: Books) -> list[Problem]:
    url = reverse("admin:ledger_account_changelist")
    return [
        Problem(
            "sum",
            _("All accounts in %(currency)s add up to %(sum)s, and not to nothing.")
            % {"currency": currency, "sum": format_minor(total, currency)},
            f"{url}?currency={currency}",
        )
        for currency, kinds in books.sums.items()
        if (total := sum(kinds.values()))
    ]


def _held(books: Books) -> list[Problem]:
    url = reverse("admin:milestones_milestone_changelist")
    return [
        Problem(
            "held",
            _(
                "In %(currency)s the accounts of milestones hold %(held)s, employers' totals say %(employers)s and "
                "freelancers' totals %(freelancers)s."
            )
            % {
                "currency": currency,
                "held": format_minor(accounts, currency),
                "employers": format_minor(outgoing, currency),
                "freelancers": format_minor(incoming, currency),
            },
            url,
        )
        for currency, (accounts, outgoing, incoming) in books.held.items()
        if not accounts == outgoing == incoming
    ]


def _verified(books: Books, max_age: datetime.timedelta) -> list[Problem]:
    if books.verification is None:
        return [Problem("verification-missing", _("The books were never recomputed."))]
    found = [Problem("verification", f"{row['check']}: {row['sentence']}") for row in books.verification.differences]
    if books.at - books.verification.at > max_age:
        found.append(Problem("verification-old", _("The books were not recomputed for too long: does the worker run?")))
    return found


def _compared(books: Books, max_age: datetime.timedelta) -> list[Problem]:
    url = reverse("admin:payments_reconciliation_changelist")
    if books.reconciliation is None:
        return [Problem("reconciliation-missing", _("The provider's books were never compared with ours."), url)]
    url = reverse("admin:payments_reconciliation_change", args=[books.reconciliation.pk])
    found = [Problem("reconciliation", sentence, url) for sentence in books.reconciliation.differences]
    if books.at - books.reconciliation.at > max_age:
        words = _("The provider's books were not compared with ours for too long: does the worker run?")
        found.append(Problem("reconciliation-old", words, url))
    return found


def kinds() -> list[tuple[str, str]]:
    """Return the kinds of account with their names, in the order of the page."""
    return [(str(value), str(label)) for value, label in Account.Kind.choices]
