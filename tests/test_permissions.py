"""Every address × every kind of person × every method, against the table in ``permissions.md``.

The table is read from top to bottom as it stands there: what it doesn't name is a failure, and so is what it names
without need. Nobody who is refused may have changed anything, and no reading ever may.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from django.apps import apps
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from milestones.models import MessageRead
from tests import situation
from tests.situation import Situation
from tests.tokens import token_of

TABLE = Path(__file__).with_name("permissions.md")
PEOPLE = ("anonymous", "stranger", "employer", "freelancer", "co-freelancer", "staff")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READING = ("GET", "HEAD", "OPTIONS")
# Where a provider sends people back to, by GET: the page asks it what became of their money.
RETURNING = "/back/"
SIGN_IN = "in"  # how the table writes "goes to the sign-in page"
ANY = "*"  # a row for all addresses that have no row of their own for its methods


@dataclass(frozen=True)
class Row:
    """One line of the table: what *people* get who ask *address* with one of *methods*, sending *sent*."""

    address: str
    methods: tuple[str, ...]
    sent: dict[str, str]
    answers: dict[str, str]


def read_table() -> list[Row]:
    rows = []
    for line in TABLE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("| `"):
            continue
        assert len(cells) == 2 + len(PEOPLE), line
        words = cells[1].replace("all", " ".join(METHODS)).split()
        methods = tuple(word for word in words if word in METHODS)
        sent = dict(word.split("=", 1) for word in words if word not in METHODS)
        rows.append(Row(cells[0].strip("`"), methods, sent, dict(zip(PEOPLE, cells[2:], strict=True))))
    return rows


ROWS = read_table()


def questions() -> Iterator[tuple[str, str, dict[str, str], dict[str, str]]]:
    """Every address with every method: what is sent, and what each of the people gets."""
    for address in dict.fromkeys(row.address for row in ROWS if row.address != ANY):
        for method in METHODS:
            own = [row for row in ROWS if row.address == address and method in row.methods]
            for row in own or [row for row in ROWS if row.address == ANY and method in row.methods]:
                yield address, method, row.sent, row.answers


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every route that the resolver knows, as ``ResolverMatch.route`` writes it."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + (str(pattern.pattern).removeprefix("^") if before else str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern, route)


@pytest.fixture
def scene(db: None, settings: Any) -> Situation:
    settings.ACCOUNT_RATE_LIMITS = settings.MFA_RATE_LIMITS = False  # a thousand questions from one address
    settings.ALLOWED_HOSTS = ["testserver"]
    cache.clear()
    scene = situation.build()
    scene.things.update(situation.of_the_admin())
    return scene


class Visitor:
    """One kind of person with a browser. Each question is asked as if it were the first."""

    def __init__(self, scene: Situation, name: str) -> None:
        self.client = Client(raise_request_exception=False)
        if name != "anonymous":
            self.client.force_login(scene.people[name])
        self.jar = copy.deepcopy(self.client.cookies)

    def ask(self, method: str, address: str, sent: dict[str, str]) -> HttpResponse:
        self.client.cookies = copy.deepcopy(self.jar)
        if method == "POST":
            return self.client.post(address, {"csrfmiddlewaretoken": "x", **sent})
        return self.client.generic(method, address)


def told(response: HttpResponse) -> str:
    """What the table would say of this answer."""
    goal = response.headers.get("Location", "")
    if response.status_code == 302 and re.match(r"/(accounts|admin)/login/", goal):
        return SIGN_IN
    return str(response.status_code)


def everything() -> list[tuple[str, str]]:
    """All money, and all that decides about money, as it stands in the database: a digest of each table.

    Up to where somebody has read is not of it: it is noted when they read.
    """
    ours = ("ledger", "payments", "projects", "milestones", "disputes", "desk")
    models = [m for app in ours for m in apps.get_app_config(app).get_models() if m is not MessageRead]
    digest = "SELECT '{0}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {0} t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(digest.format(model._meta.db_table) for model in models))
        return sorted(cursor.fetchall())  # many tables are read side by side, in no order


def within_the_test() -> transaction.Atomic:
    """A transaction to be rolled back, which a call of the payment provider does not take for one of the site's."""
    block = transaction.atomic()
    block._from_testcase = True
    return block


def test_every_url_has_a_row_and_every_row_has_a_url(scene: Situation) -> None:
    named = {resolve(scene.address(row.address).split("?")[0]).route for row in ROWS if row.address != ANY}
    there = set(routes())
    assert sorted(there - named) == [], "these addresses have no row in permissions.md"
    assert sorted(named - there) == [], "these rows of permissions.md have no address"


def test_every_address_has_an_answer_for_every_method() -> None:
    answered = {(address, method) for address, method, _, _ in questions()}
    missing = {(row.address, method) for row in ROWS if row.address != ANY for method in METHODS} - answered
    assert sorted(missing) == []


def test_the_table_asks_nothing_twice() -> None:
    asked = [(row.address, method, str(row.sent)) for row in ROWS for method in row.methods]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("person", PEOPLE)
def test_it_answers_each_person_as_the_table_says(scene: Situation, person: str) -> None:
    visitor, wrong, before = Visitor(scene, person), [], everything()
    for address, method, sent, answers in questions():
        with within_the_test():
            answer = told(visitor.ask(method, scene.address(address), {k: scene.address(v) for k, v in sent.items()}))
            line = f"{method} {address} {sent or ''}: {answer}"
            if answer != answers[person]:
                wrong.append(f"{line}, not {answers[person]}")
            read = method in READING and not address.endswith(RETURNING)
            if (read or answer != "302") and everything() != before:
                wrong.append(f"{line}, and it changed something")
            if not read:
                transaction.set_rollback(True)
    assert wrong == [], "\n" + "\n".join(wrong)
    assert everything() == before


# Every step that is asked twice: where, who may, and what the first step is sent (None: it is only read).
STEPS = [
    ("/awards/{award}/milestones/new/", "employer", {"amount": "5.00", "task": "Map"}),
    (
        "/awards/{award}/milestones/divide/",
        "employer",
        {
            "of": "sum",
            "part-TOTAL_FORMS": "2",
            "part-INITIAL_FORMS": "0",
            **{f"part-{n}-task": "Map" for n in range(2)},
            **{f"part-{n}-amount": "5.00" for n in range(2)},
        },
    ),
    ("/awards/{requested}/milestones/new/", "employer", {"amount": "5.00", "task": "Map", "request": "{request}"}),
    ("/milestones/{milestone}/release/", "employer", {"amount": "5.00"}),
    ("/milestones/{milestone}/cancel/", "freelancer", {}),
    ("/milestones/{offered}/cancel/", "employer", {}),
    ("/cancel-requests/{cancel_request}/agree/", "freelancer", {}),
    ("/return-requests/{return_request}/agree/", "freelancer", {}),
    (
        "/milestones/{milestone}/dispute/",
        "employer",
        {"choose_{milestone}": "on", "share_{milestone}": "1", "claim": "x"},
    ),
    ("/disputes/{dispute}/accept/", "freelancer", {}),
    ("/disputes/{dispute}/withdraw/", "employer", {}),
    ("/disputes/{arbitrated}/accept-proposal/", "employer", {}),
    ("/bids/{bid}/award/", "employer", None),
    ("/awards/{offer}/accept/", "freelancer", None),
    ("/awards/{offer}/decline/", "freelancer", None),
    ("/awards/{offer}/revoke/", "employer", None),
    ("/awards/{finished}/complete/", "employer", None),
    ("/finances/deposit/", "employer", {"amount": "5.00", "currency": "EUR", "source": "{source}"}),
    ("/finances/withdrawals/{withdrawal}/cancel/", "freelancer", None),
]


@pytest.mark.parametrize(("address", "who", "sent"), STEPS)
def test_a_confirmation_is_good_for_nobody_else(
    scene: Situation, address: str, who: str, sent: dict[str, str] | None
) -> None:
    visitors = {person: Visitor(scene, person) for person in PEOPLE}
    typed = {scene.address(name): scene.address(value) for name, value in (sent or {}).items()}
    asked = visitors[who].ask("GET" if sent is None else "POST", scene.address(address), typed)
    token = token_of(asked)
    before = everything()
    for person in set(PEOPLE) - {who}:
        answer = told(visitors[person].ask("POST", scene.address(address), {"token": token}))
        assert answer in (SIGN_IN, "403", "404", "422"), f"{person}: {answer}"
        assert everything() == before, person
    assert told(visitors[who].ask("POST", scene.address(address), {"token": token})) == "302"
    assert everything() != before
