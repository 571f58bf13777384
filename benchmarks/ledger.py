"""How fast the books are: posting, paying into one platform account, verifying."""

import random
import time
import uuid
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import connection

from accounts.models import Member
from benchmarks import cluster
from benchmarks.harness import SECONDS, Crew, Figure, benchmark, in_turns
from finances.ledger.folding import fold
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import Leg, post
from finances.ledger.verification import verify

WALLETS = 10_000
RICH = 10**12

# The leanest ledger that one could defend: nothing but two balances and a row, in one durable transaction.
LEAN = """
    CREATE TABLE lean_account (id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0))
        WITH (fillfactor = 50);
    CREATE TABLE lean_transfer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        debit bigint NOT NULL, credit bigint NOT NULL, amount bigint NOT NULL);
    CREATE FUNCTION lean_pay(debit bigint, credit bigint, amount bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF debit < credit THEN
            UPDATE lean_account SET balance = balance - amount WHERE id = debit;
            UPDATE lean_account SET balance = balance + amount WHERE id = credit;
        ELSE
            UPDATE lean_account SET balance = balance + amount WHERE id = credit;
            UPDATE lean_account SET balance = balance - amount WHERE id = debit;
        END IF;
        INSERT INTO lean_transfer (debit, credit, amount) VALUES (debit, credit, amount);
    END $$;
"""
LEAN_SCRIPT = f"""
\\set debit random(1, {WALLETS})
\\set credit 1 + (:debit + random(0, {WALLETS - 2})) % {WALLETS}
SELECT lean_pay(:debit, :credit, random(1, 100));
"""


def books() -> list[int]:
    """Make members with money, once; return the ids of their wallets."""
    if not Account.objects.filter(kind="wallet").exists():
        Member.objects.bulk_create(Member(email=f"m{n}@example.com", name=f"M{n}") for n in range(WALLETS))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_account (owner_id, kind, currency) SELECT id, 'wallet', 'EUR' FROM accounts_member"
            )
            clearing = Account.platform("clearing", "EUR")
            cursor.execute(
                "INSERT INTO ledger_transfer (key, leg, debit_account_id, credit_account_id, amount, currency, kind)"
                " SELECT gen_random_uuid(), 0, %s, id, %s, 'EUR', 'deposit' FROM ledger_account WHERE kind = 'wallet'",
                [clearing.pk, RICH],
            )
            cursor.execute("DELETE FROM ledger_pending")
            cursor.execute("VACUUM ANALYZE")
    return list(Account.objects.filter(kind="wallet").order_by("id").values_list("id", flat=True))


def poster(number: int) -> Callable[[], object]:
    """A process of the app that posts transfers between members' wallets."""
    wallets = list(Account.objects.filter(kind="wallet").order_by("id"))
    choose = random.Random(number)

    def step() -> object:
        debit, credit = choose.sample(wallets, 2)
        return post(uuid.uuid4(), Leg(debit, credit, choose.randint(1, 100), Transfer.Kind.RELEASE))

    return step


@benchmark("posting")
def posting() -> Iterator[Figure]:
    books()
    with connection.cursor() as cursor:
        cursor.execute(LEAN)
        cursor.execute("INSERT INTO lean_account SELECT id, %s FROM generate_series(1, %s) id", [RICH, WALLETS])
        cursor.execute("VACUUM ANALYZE lean_account")
    url = settings.DATABASE_URL
    for processes in (1, 4):
        with Crew(processes, "benchmarks.ledger:poster") as crew:
            lean, ours = in_turns(
                lambda n=processes: cluster.pgbench(url, LEAN_SCRIPT, n, SECONDS),
                crew.rate,
            )
        several = f"{processes} process" + ("es" if processes > 1 else "")
        yield Figure(f"leanest PL/pgSQL transfer by pgbench, {several}", round(lean), "per second", None, "higher")
        yield Figure(f"ledger.post, {several}", round(ours), "per second", None, "higher")
        yield Figure(f"ledger.post against the leanest, {several}", round(100 * ours / lean, 1), "%", 60, "higher")


CLIENTS = 16
FOLDED_WITHIN = 1.0  # seconds


def payer(number: int) -> Callable[[], object]:
    """A process of the app that pays from members' wallets into the platform's fees."""
    wallets = list(Account.objects.filter(kind="wallet").order_by("id"))
    fees = Account.platform(Account.Kind.FEES, "EUR")
    choose = random.Random(number)

    def step() -> object:
        return post(uuid.uuid4(), Leg(choose.choice(wallets), fees, choose.randint(1, 100), Transfer.Kind.FEE))

    return step


def folder(number: int) -> Callable[[], object]:
    """What ``manage.py worker`` does beside its jobs: it folds all there is, and rests for a quarter of a second."""

    def step() -> None:
        while fold():
            pass
        time.sleep(0.25)

    return step


def oldest_pending() -> float:
    """Return the age in seconds of the oldest change that waits to be folded; 0 for none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM now() - min(t.created_at)), 0)"
            " FROM ledger_pending p JOIN ledger_transfer t ON t.id = p.transfer_id"
        )
        return float(cursor.fetchone()[0])


@benchmark("platform")
def platform() -> Iterator[Figure]:
    """Everybody pays into one account, or anybody to anybody: it should make no difference. A retry is an error."""
    books()
    oldest: list[float] = []

    with (
        Crew(CLIENTS, "benchmarks.ledger:payer") as paying,
        Crew(CLIENTS, "benchmarks.ledger:poster") as anywhere,
        Crew(1, "benchmarks.ledger:folder", warm=0) as folding,
    ):

        def into_one() -> float:
            while fold():  # what the payers' warming up left, while nobody folded
                pass
            folding.begin(SECONDS + 1)
            rate = paying.rate(meanwhile=lambda: oldest.append(oldest_pending()))
            folding.end()
            return rate

        def to_any() -> float:
            folding.begin(SECONDS + 1)  # it has nothing to do, but asks
            rate = anywhere.rate()
            folding.end()
            return rate

        one, many = in_turns(into_one, to_any)
    yield Figure(f"{CLIENTS} clients paying into one platform account", round(one), "per second", None, "higher")
    yield Figure(f"{CLIENTS} clients paying at random", round(many), "per second", None, "higher")
    yield Figure("one platform account against random accounts", round(100 * one / many, 1), "%", 95, "higher")
    yield Figure("longest wait to be folded meanwhile", round(max(oldest), 2), "seconds", FOLDED_WITHIN, "lower")


A_MILLION = 1_000_000
# A tenth are deposits and a tenth go to the site, whose other side is an account that is folded; the rest is between
# wallets. No milestone makes them, so none is called a fee.
MANY = """
    INSERT INTO ledger_transfer (key, leg, debit_account_id, credit_account_id, amount, currency, kind)
    SELECT gen_random_uuid(), 0,
        CASE WHEN n %% 10 = 0 THEN %(clearing)s ELSE %(first)s + n * 7919 %% %(wallets)s END,
        CASE WHEN n %% 10 = 1 THEN %(fees)s ELSE %(first)s + (n * 7919 + 1 + n %% 97) %% %(wallets)s END,
        1 + n %% 100, 'EUR', CASE n %% 10 WHEN 0 THEN 'deposit' ELSE 'release' END
    FROM generate_series(%(start)s::bigint, %(start)s::bigint + %(batch)s - 1) n
"""


def write_many(count: int, batch: int = 10_000) -> None:
    """Write transfers through the trigger until there are *count*, in transactions of *batch*, and fold them."""
    wallets = books()
    parameters = {
        "clearing": Account.platform("clearing", "EUR").pk,
        "fees": Account.platform("fees", "EUR").pk,
        "first": wallets[0],
        "wallets": len(wallets),
        "batch": batch,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")  # nothing is measured here
        while (there := Transfer.objects.count()) < count:
            cursor.execute(MANY, {**parameters, "start": there, "batch": min(batch, count - there)})
            while fold():
                pass
        cursor.execute("RESET synchronous_commit")
        cursor.execute("VACUUM ANALYZE")


@benchmark("verifying")
def verifying() -> Iterator[Figure]:
    write_many(A_MILLION)

    def once() -> float:
        begin = time.perf_counter()
        differences = verify()
        if differences:
            raise RuntimeError(f"the books are wrong: {differences[:3]}")
        return time.perf_counter() - begin

    [seconds] = in_turns(once)
    yield Figure(f"verify_ledger over {Transfer.objects.count():,} transfers", round(seconds, 2), "seconds", 5, "lower")
