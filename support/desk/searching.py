"""One box for whatever somebody reads out on the phone: a reference, an address, a name, an amount.

References, addresses and the words of tasks have indexes. Names and titles are read through, which is a matter of
members and projects and not of their millions of transfers; amounts are looked for among the newest things of a kind
only, and the page says so. A list of hits is cut, and says so too.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from config.money import decimals, format_minor
from disputes.models import Dispute
from finances.ledger.models import Account, Transfer
from finances.payments.models import Correction, Payment, Withdrawal
from milestones.models import ConsentRequest, Milestone
from projects.models import Award, Project
from support.chat.models import Conversation

SHOWN = 10  # hits of a kind
NEWEST = 100_000  # things of a kind among which an amount is looked for: no index has them
SHORTEST = 2  # letters of a name: one letter would find everybody
# The letters are those of the references that members and staff read: P of a project, and of a payment.
REFERENCE = re.compile(r"\s*(?:(?P<letter>[A-Za-z])-?|#)?(?P<number>[0-9]{1,18})\s*", re.ASCII)
AMOUNT = re.compile(
    r"\s*(?P<code>[A-Za-z]{3})?\s*(?P<whole>[0-9]{1,12})(?:[.,](?P<cents>[0-9]{1,3}))?\s*(?P<after>[A-Za-z]{3})?\s*"
)


class Hit(NamedTuple):
    """One thing that was found: its address in the admin, how it is called, and a line about it."""

    url: str
    title: str
    about: str


class Found(NamedTuple):
    """The hits of one kind. *more*: there are others that are not shown."""

    title: str | Promise
    hits: list[Hit]
    more: bool


class Kind(NamedTuple):
    """A kind of thing that can be found: how it is looked for, and how it is shown."""

    title: str | Promise
    model: type[Any]
    letter: str  # of its references; empty where it has none
    words: Callable[[str], Q | None]
    about: Callable[[Any], str]
    related: tuple[str, ...] = ()
    money: bool = False  # whether it can be found by its amount


def search(text: str, request: HttpRequest) -> list[Found]:
    """Return what *text* may mean, by kind, of the kinds that the reader may look at. Empty for an empty box."""
    text = text.replace("\0", "").strip()[:200]
    return list(_search(text, request)) if text else []


def _search(text: str, request: HttpRequest) -> Iterator[Found]:
    for kind in KINDS:
        if (rows := readable(kind.model, request)) is None or (asked := _asked(kind, text)) is None:
            continue
        found = list(rows.filter(asked).select_related(*kind.related).order_by("-pk")[: SHOWN + 1])
        if found:
            yield Found(kind.title, hits(kind, found[:SHOWN]), len(found) > SHOWN)


def readable(model: type[Any], request: HttpRequest) -> QuerySet[Any] | None:
    """Return those rows of *model* that the reader's admin lists; None where they may look at none."""
    page = admin.site.get_model_admin(model)
    return page.get_queryset(request).order_by() if page.has_view_permission(request) else None


def hits(kind: "Kind", rows: Iterable[Any]) -> list[Hit]:
    """Return *rows* of *kind* as they are shown."""
    return [Hit(_url(row), _title(kind, row), kind.about(row)) for row in rows]


def _asked(kind: Kind, text: str) -> Q | None:
    """Return the condition for *kind*, or None where *text* can't mean one."""
    conditions = [kind.words(text), _of_amount(kind, text) if kind.money else None]
    if reference := REFERENCE.fullmatch(text):
        letter, number = (reference["letter"] or "").upper(), int(reference["number"])
        if letter and letter != kind.letter:
            return None
        if not letter or kind.letter:
            conditions.append(Q(pk=number))
    given = [condition for condition in conditions if condition is not None]
    if not given:
        return None
    asked = given[0]
    for condition in given[1:]:
        asked |= condition
    return asked


def _url(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def _title(kind: Kind, row: Any) -> str:
    return f"{kind.letter}{row.pk}" if kind.letter else str(row)


def amounts(text: str) -> Iterable[tuple[int, str]]:
    """Return what *text* may be as minor units, with the currency it names or none.

    "400" and "400.00" are both 40,000 of a currency with cents, and "400" is 400 yen: whatever it may mean.
    """
    match = AMOUNT.fullmatch(text)
    if not match:
        return
    code = (match["code"] or match["after"] or "").upper()
    cents = match["cents"] or ""
    for places in {decimals(code)} if code in _codes() else {0, 2, 3}:
        if len(cents) <= places:
            yield int(match["whole"] + cents.ljust(places, "0")), code if code in _codes() else ""


def _codes() -> list[str]:
    return list(settings.CURRENCIES)


def _of_amount(kind: Kind, text: str) -> Q | None:
    asked = None
    for minor, code in amounts(text):
        one = Q(amount=minor, currency=code) if code else Q(amount=minor)
        asked = one if asked is None else asked | one
    if asked is None:
        return None
    last = kind.model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    return asked & Q(pk__gt=last - NEWEST)


def _named(*fields: str) -> Callable[[str], Q | None]:
    """Look for words in *fields*; for too few letters, or numbers alone, not at all."""

    def words(text: str) -> Q | None:
        if len(text) < SHORTEST or REFERENCE.fullmatch(text) or AMOUNT.fullmatch(text):
            return None
        asked = Q()
        for field in fields:
            asked |= Q(**{f"{field}__icontains": text})
        return asked

    return words


def _exactly(*fields: str) -> Callable[[str], Q | None]:
    """Look for the whole text in *fields*, which have no part that anybody would type."""

    def words(text: str) -> Q | None:
        asked = Q()
        for field in fields:
            asked |= Q(**{field: text})
        return asked

    return words


def _money(row: Any) -> str:
    return format_minor(row.amount, row.currency)


def _sides(award: Award) -> str:
    return f"{award.project.title} · {award.employer} · {award.freelancer}"


KINDS = (
    Kind(_("Members"), Member, "", _named("email", "name"), lambda row: row.email),
    Kind(
        _("Projects"),
        Project,
        "P",
        _named("title", "employer__email"),
        lambda row: f"{row.title} · {row.employer}",
        ("employer",),
    ),
    Kind(
        _("Awards"),
        Award,
        "A",
        _named("project__title", "employer__email", "freelancer__email"),
        _sides,
        ("project", "employer", "freelancer"),
        money=True,
    ),
    Kind(
        _("Milestones"),
        Milestone,
        "M",
        _named("task"),
        lambda row: f"{row.task} · {_money(row)} · {row.employer} · {row.freelancer}",
        ("employer", "freelancer"),
        money=True,
    ),
    Kind(
        _("Disputes"),
        Dispute,
        "D",
        _named("award__project__title", "award__employer__email", "award__freelancer__email"),
        lambda row: _sides(row.award),
        ("award__project", "award__employer", "award__freelancer"),
    ),
    Kind(
        _("Requests for both sides' consent"),
        ConsentRequest,
        "G",
        _named("note"),
        lambda row: f"{row.milestone.task} · {row.get_state_display()}",
        ("milestone",),
    ),
    Kind(
        _("Conversations"),
        Conversation,
        "S",
        _named("title", "member__email", "member__name"),
        lambda row: f"{row.title} · {row.member} · {row.get_state_display()}",
        ("member",),
    ),
    Kind(
        _("Payments"),
        Payment,
        "P",
        _exactly("reference", "owner__email"),
        lambda row: f"{row.owner} · {_money(row)} · {row.get_state_display()}",
        ("owner",),
        money=True,
    ),
    Kind(
        _("Withdrawals"),
        Withdrawal,
        "W",
        _exactly("reference", "owner__email"),
        lambda row: f"{row.owner} · {_money(row)} · {row.get_state_display()}",
        ("owner",),
        money=True,
    ),
    Kind(
        _("Corrections"),
        Correction,
        "C",
        _named("reason"),
        lambda row: f"{_money(row)} · {row.get_state_display()}",
        money=True,
    ),
    Kind(
        _("Transfers"),
        Transfer,
        "T",
        lambda text: None,
        lambda row: f"{row.get_kind_display()} · {_money(row)}",
        money=True,
    ),
    Kind(
        _("Accounts"),
        Account,
        "",
        _exactly("owner__email"),
        lambda row: format_minor(row.balance, row.currency),
        ("owner",),
    ),
)
