"""What pages cost: releasing, Finances with a million milestones, the first visit, a worker's memory."""

import gzip
import re
import statistics
import time
import urllib.request
import uuid
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from moneyed import Money

from django.db import connection
from django.test import Client as Inside
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from benchmarks.harness import ROUNDS, Figure, benchmark, in_turns
from benchmarks.server import HOST, Client, serving, together
from config import confirmation
from finances.payments.deposits import record_deposit
from milestones.models import Milestone
from projects.models import Award, Bid, Project

CLIENTS = 12
POSTS = 40  # a client and a turn
# More workers than cores: a release waits for its commit to reach the disk, and others work meanwhile.
WORKERS = 6


def _members() -> tuple[Member, Member]:
    mark = uuid.uuid4().hex[:8]
    make = Member.objects.create_user
    return make(f"e{mark}@example.com", name="Erin Vogel"), make(f"w{mark}@example.com", name="Wes Adeyemi")


def _award(erin: Member, wes: Member, funds: str) -> Award:
    record_deposit(erin, Money(funds, "EUR"), uuid.uuid4())
    project = Project.objects.create(
        employer=erin, title="Guest house website", description="-", currency="EUR", budget_from=1, budget_to=2
    )
    bid = Bid.place(project, by=wes, amount=10**9, days=30, proposal="-")
    return bid.award(by=erin, key=uuid.uuid4()).accept(by=wes, key=uuid.uuid4())


@benchmark("release")
def release() -> Iterator[Figure]:
    """The POST that releases against a signed-in POST that does nothing; 12 clients, each an employer of its own."""
    stages = [_release_stage() for _ in range(CLIENTS)]
    with serving(workers=WORKERS) as server:
        clients = [Client(server.port, erin) for erin, _ in stages]
        bodies = [_bodies(client, *stage) for client, stage in zip(clients, stages, strict=True)]

        def empty() -> float:
            def job(client: Client) -> None:
                for _ in range(POSTS):
                    client.post("/empty/post/", bodies[0][0][1], expect=200)

            return CLIENTS * POSTS / together(partial(job, c) for c in clients)

        def releases() -> float:
            def job(client: Client, mine: list[tuple[str, str]]) -> None:
                for path, body in mine:
                    client.post(path, body, expect=302)

            turn = [[queue.pop() for _ in range(POSTS)] for queue in bodies]
            return CLIENTS * POSTS / together(partial(job, c, mine) for c, mine in zip(clients, turn, strict=True))

        empty(), releases()
        nothing, released = in_turns(empty, releases)
    yield Figure("release POST: throughput against an empty signed-in POST", released / nothing, "ratio", 0.6, "higher")
    yield Figure("release POST: releases a second", released, "1/s", None, "higher")


def _release_stage() -> tuple[Member, list[Milestone]]:
    erin, wes = _members()
    award = _award(erin, wes, "1000000.00")
    number = POSTS * (ROUNDS + 2)
    return erin, [
        Milestone.create(award, task=f"Task {n}", amount=1000, by=erin, key=uuid.uuid4()) for n in range(number)
    ]


def _bodies(client: Client, erin: Member, milestones: list[Milestone]) -> list[tuple[str, str]]:
    """The second step's POST for each milestone, signed as the first step would for this client's session."""
    request: Any = SimpleNamespace(user=erin, session=client.session)
    shown = {"amount": 400, "currency": "EUR", "payee": "Wes Adeyemi", "task": "Task", "held": 1000, "stays_held": 600}
    posts = []
    for milestone in Milestone.objects.filter(pk__in=[m.pk for m in milestones]).select_related("award"):
        token = confirmation.sign(request, "release", milestone.pk, milestone.seen_version, **shown)
        posts.append((f"/milestones/{milestone.pk}/release/", urlencode({"token": token})))
    return posts


# A member with any number of milestones: every tenth is held. Rows are written directly, past the guards, as only a
# test database's owner can; the pages read them like any others.
FILL = """
    CREATE TEMP TABLE fresh ON COMMIT DROP AS
        SELECT n, nextval('ledger_account_id_seq') AS escrow FROM generate_series(1, %(number)s) n;
    INSERT INTO ledger_account (id, kind, currency, balance, sequence)
        SELECT escrow, 'escrow', 'EUR', CASE WHEN n %% 10 = 0 THEN 1000 ELSE 0 END, 2 FROM fresh;
    INSERT INTO ledger_transfer (id, key, leg, debit_account_id, credit_account_id, amount, currency, kind, created_at)
        SELECT nextval('ledger_transfer_id_seq'), gen_random_uuid(), 0, %(erin)s, escrow, 1000, 'EUR', 'hold', now()
        FROM fresh;
    INSERT INTO ledger_transfer (id, key, leg, debit_account_id, credit_account_id, amount, currency, kind, created_at)
        SELECT nextval('ledger_transfer_id_seq'), gen_random_uuid(), 0, escrow, %(wes)s, 1000, 'EUR', 'release', now()
        FROM fresh WHERE n %% 10 <> 0;
    INSERT INTO milestones_milestone (award_id, employer_id, freelancer_id, currency, task, amount, escrow_id, state,
                                      version, created_at)
        SELECT a.id, a.employer_id, a.freelancer_id, a.currency, 'Task number ' || n, 1000, escrow,
               CASE WHEN n %% 10 = 0 THEN 'held' ELSE 'released' END, 1, now()
        FROM fresh, projects_award a WHERE a.id = %(award)s ORDER BY n;
    INSERT INTO milestones_heldtotal (member_id, side, currency, held, milestones)
        SELECT employer_id, 'outgoing', 'EUR', %(number)s / 10 * 1000, %(number)s / 10 FROM projects_award
        WHERE id = %(award)s;
"""


def _with_milestones(number: int) -> Member:
    erin, wes = _members()
    award = _award(erin, wes, "5240.00")
    wallets = {a.owner_id: a.pk for a in [*erin.accounts.all(), *wes.accounts.all()]}
    values = {"number": number, "award": award.pk, "erin": wallets[erin.pk], "wes": wallets.get(wes.pk, 0)}
    tables = ("ledger_account", "ledger_transfer", "milestones_milestone")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("BEGIN")
        for statement in FILL.split(";\n")[:-1]:
            cursor.execute(statement, values)
        cursor.execute("COMMIT")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return erin


@benchmark("finances")
def finances() -> Iterator[Figure]:
    """The Finances page: its queries, its time against an empty page, and with 1,000,000 milestones against 10,000."""
    sizes = {30: _with_milestones(30), 300: _with_milestones(300)}
    few, many = _with_milestones(10_000), _with_milestones(1_000_000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    counts = [_queries(member) for member in sizes.values()]
    yield Figure("Finances: queries with 300 rows", counts[1], "queries", 8, "lower")
    yield Figure("Finances: queries with 300 rows less those with 30", counts[1] - counts[0], "queries", 0, "lower")
    with serving(workers=1) as server:
        small, large = Client(server.port, few), Client(server.port, many)
        pages = {
            "": ("/finances/", 1.1),
            ", only held": ("/finances/?state=held", 1.1),
            ", incoming": ("/finances/incoming/", None),
            ", transfers": ("/finances/transfers/", 1.1),
            ", search for one": ("/finances/?q=number+9999", None),
        }
        for words, (path, target) in pages.items():
            ten_thousand, million = in_turns(
                lambda p=path: _milliseconds(small, p), lambda p=path: _milliseconds(large, p)
            )
            name = f"Finances{words}: time with 1,000,000 milestones against 10,000"
            yield Figure(name, million / ten_thousand, "ratio", target, "lower")
        full, empty = in_turns(lambda: _milliseconds(small, "/finances/"), lambda: _milliseconds(small, "/empty/page/"))
        yield Figure("Finances: time against an empty signed-in page", full / empty, "ratio", 4, "lower")
        yield Figure("Finances: time", full, "ms", None, "lower")


def _queries(member: Member) -> int:
    browser = Inside(headers={"host": HOST})
    browser.force_login(member)
    browser.get("/finances/")
    with CaptureQueriesContext(connection) as queries:
        browser.get("/finances/")
    return len(queries)


def _milliseconds(client: Client, path: str, times: int = 25) -> float:
    """The median time of *times* requests."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        client.get(path)
        taken.append(1000 * (time.perf_counter() - begin))
    return statistics.median(taken)


@benchmark("weight")
def weight() -> Iterator[Figure]:
    """The first visit: the page and everything that it names, compressed as a browser gets it, headers included."""
    with serving(workers=1) as server:
        base = f"http://{HOST}:{server.port}"
        size, html = _fetch(base + "/accounts/login/")
        named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))
        elsewhere = [u for u in re.findall(r'(?:href|src)="(https?://[^"]+)"', html) if not u.startswith(base)]
        size += sum(_fetch(base + path)[0] for path in named)
    yield Figure("first page load: over the wire", size / 1000, "kB", 60, "lower")
    yield Figure("first page load: addresses on other hosts", len(elsewhere), "hosts", 0, "lower")


def _fetch(address: str) -> tuple[int, str]:
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        body = answer.read()
        headers = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
        text = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
    return len(body) + headers, text.decode("utf-8", "replace")


@benchmark("memory")
def memory() -> Iterator[Figure]:
    """What a web worker holds after 10,000 requests for the pages that people look at most."""
    erin = _with_milestones(300)
    milestone = Milestone.objects.filter(employer=erin).latest("pk")
    paths = [
        "/finances/",
        "/my-work/",
        milestone.get_absolute_url(),
        milestone.award.project.get_absolute_url(),
        "/projects/",
    ]
    with serving(workers=1) as server:
        clients = [Client(server.port, erin) for _ in range(2)]

        def job(client: Client) -> None:
            for n in range(5000):
                client.get(paths[n % len(paths)])

        together(partial(job, client) for client in clients)
        sizes = [
            worker.memory_info().rss / 1e6 for worker in server.workers() if "granian" in " ".join(worker.cmdline())
        ]
    yield Figure("a web worker's memory after 10,000 requests", max(sizes), "MB", 80, "lower")
