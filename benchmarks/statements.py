"""What statements, receipts and the picture by month cost, with a million transfers and milestones behind them."""

import statistics
import time
import uuid
from collections.abc import Callable, Iterator

from moneyed import Money

from django.db import connection

from accounts.models import Member
from benchmarks.harness import Figure, benchmark, in_turns
from benchmarks.server import Client, serving
from config.papers import MOST_LINES, Line, receipt_pdf, statement_pdf
from finances.ledger.models import Account
from finances.payments.deposits import record_deposit
from milestones import months
from projects.models import Award, Bid, Project

# A member with any number of milestones over the last twenty months, each put on hold, and nine of ten released a
# moment later: rows written directly, as in pages.py, but with all that statements and the picture read.
FILL = """
    CREATE TEMP TABLE fresh ON COMMIT DROP AS
        SELECT n, nextval('ledger_account_id_seq') AS escrow,
               now() - interval '20 months' + n * (interval '20 months' / %(number)s) AS at
        FROM generate_series(1, %(number)s) n;
    INSERT INTO ledger_account (id, kind, currency, balance, sequence)
        SELECT escrow, 'escrow', 'EUR', CASE WHEN n %% 10 = 0 THEN 1000 ELSE 0 END, 2 FROM fresh;
    CREATE TEMP TABLE moved ON COMMIT DROP AS
        SELECT nextval('ledger_transfer_id_seq') AS id, n, kind, escrow, at FROM (
            SELECT n, kind, escrow, at FROM fresh, (VALUES ('hold'), ('release')) k (kind)
            WHERE kind = 'hold' OR n %% 10 <> 0 ORDER BY n, kind) rows;
    INSERT INTO ledger_transfer (id, key, leg, debit_account_id, credit_account_id, amount, currency, kind, created_at,
                                 debit_sequence, debit_balance, credit_sequence, credit_balance)
        SELECT id, gen_random_uuid(), 0, CASE kind WHEN 'hold' THEN %(erin)s ELSE escrow END,
               CASE kind WHEN 'hold' THEN escrow ELSE %(wes)s END, 1000, 'EUR', kind, at,
               CASE kind WHEN 'hold' THEN n + 1 ELSE 2 END, CASE kind WHEN 'hold' THEN 10^12 - n * 1000 ELSE 0 END,
               CASE kind WHEN 'hold' THEN 1 ELSE n END, CASE kind WHEN 'hold' THEN 1000 ELSE n * 1000 END
        FROM moved ORDER BY id;
    UPDATE ledger_account SET sequence = sequence + %(number)s, balance = balance - 1000 * %(number)s
        WHERE id = %(erin)s;
    INSERT INTO milestones_milestone (id, award_id, employer_id, freelancer_id, currency, task, amount, escrow_id,
                                      state, version, created_at)
        SELECT nextval('milestones_milestone_id_seq'), a.id, a.employer_id, a.freelancer_id, a.currency,
               'Task number ' || n, 1000, escrow, CASE WHEN n %% 10 = 0 THEN 'held' ELSE 'released' END, 1, at
        FROM fresh, projects_award a WHERE a.id = %(award)s ORDER BY n;
    INSERT INTO milestones_milestoneevent (at, action, key, shown, amount, held_after, note, milestone_id, transfer_id)
        SELECT moved.at, CASE kind WHEN 'hold' THEN 'create' ELSE 'release' END, gen_random_uuid(), '{}', 1000, 0, '',
               m.id, moved.id
        FROM moved JOIN milestones_milestone m ON m.escrow_id = moved.escrow ORDER BY moved.id;
"""
TABLES = ("ledger_account", "ledger_transfer", "milestones_milestone", "milestones_milestoneevent")


def _with_history(number: int) -> Member:
    mark = uuid.uuid4().hex[:8]
    make = Member.objects.create_user
    erin, wes = (make(f"{letter}{mark}@example.com", name="Erin Vogel") for letter in "ew")
    record_deposit(erin, Money("10000000000.00", "EUR"), uuid.uuid4())
    project = Project.objects.create(
        employer=erin, title="Guest house website", description="-", currency="EUR", budget_from=1, budget_to=2
    )
    bid = Bid.place(project, by=wes, amount=10**9, days=30, proposal="-")
    award: Award = bid.award(by=erin, key=uuid.uuid4()).accept(by=wes, key=uuid.uuid4())
    wallets = {name: Account.wallet(who.pk, "EUR").pk for name, who in (("erin", erin), ("wes", wes))}
    with connection.cursor() as cursor:
        # The deposit is of today, and would be the newest: as if it had been made before all the rest.
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("BEGIN")
        cursor.execute(
            "UPDATE ledger_transfer SET created_at = now() - interval '21 months' WHERE credit_account_id = %s",
            [wallets["erin"]],
        )
        for statement in FILL.split(";\n")[:-1]:
            cursor.execute(statement, {"number": number, "award": award.pk, **wallets})
        cursor.execute("COMMIT")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return erin


def _milliseconds(job: Callable[[], object], times: int = 15) -> float:
    """The median time of *times* runs."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        job()
        taken.append(1000 * (time.perf_counter() - begin))
    return statistics.median(taken)


@benchmark("statements")
def pages() -> Iterator[Figure]:
    """The pages that look back, for a member with 1,000,000 milestones against one with 10,000."""
    few, many = _with_history(10_000), _with_history(1_000_000)
    begin = time.perf_counter()
    months.fold_all()
    folding = time.perf_counter() - begin
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT to_char(now() - interval '3 months', 'YYYY-MM')")
        month = cursor.fetchone()[0]
    yield Figure("months: folding 1,900,000 events once", folding, "s", None, "lower")
    with serving(workers=1) as server:
        small, large = Client(server.port, few), Client(server.port, many)
        asked = {
            "list of statements": ("/finances/statements/", 1.5),
            "picture by month": ("/finances/chart/?currency=EUR", 1.5),
            "steps of a month": (f"/finances/months/outgoing/EUR/{month}/?kind=released", 1.5),
            "statement of a month (500 transfers against 50,000)": (f"/finances/statements/EUR/{month}/", None),
        }
        for words, (path, target) in asked.items():
            ten_thousand, million = in_turns(
                lambda p=path: _milliseconds(lambda: small.get(p)), lambda p=path: _milliseconds(lambda: large.get(p))
            )
            name = f"{words}: time with 1,000,000 milestones against 10,000"
            yield Figure(name, million / ten_thousand, "ratio", target, "lower")
            yield Figure(f"{words}: time with 1,000,000 milestones", million, "ms", None, "lower")
        whole = _milliseconds(lambda: large.get(f"/finances/statements/EUR/{month}.csv"), times=3)
        yield Figure("statement of 50,000 transfers as CSV", whole / 1000, "s", 20, "lower")


@benchmark("papers")
def papers() -> Iterator[Figure]:
    """PDFs, each set by a process of its own."""

    def receipt() -> None:
        rows = [(f"Name {n}", "Photo gallery (M12)") for n in range(9)]
        receipt_pdf(title="Released", reference="Receipt R1", sum_text="€150.00", rows=rows, footer="-")

    line = Line("T1000000", "2 Nov 2026, 10:00", "Put on hold", "Gallery · Guest house", "−€1,000.00", "€99,000.00")

    def statement(lines: int) -> None:
        rows = [("Member", "Erin Vogel")]
        statement_pdf(title="-", reference="-", rows=rows, lines=[line] * lines, sums=[], total=("All", "", ""))

    yield Figure("receipt as PDF", _milliseconds(receipt), "ms", 500, "lower")
    yield Figure("statement of 100 lines as PDF", _milliseconds(lambda: statement(100), 5), "ms", None, "lower")
    longest = _milliseconds(lambda: statement(MOST_LINES), 3) / 1000
    yield Figure(f"statement of {MOST_LINES:,} lines as PDF, the longest", longest, "s", 5, "lower")
