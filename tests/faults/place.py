"""A site of a test's own that may die: a PostgreSQL, a provider that outlives it, and processes that move money."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import Any

import psutil

from django.conf import settings

from tests.config.server import Server
from tests.finances.payments.fake_stripe import SECRET_KEY, WEBHOOK_SECRET, FakeStripe

EMPTY = "empty"  # the database with all tables, of which each place gets a copy


def environment(database_url: str) -> dict[str, str]:
    """What a process of a site with that database inherits."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("PRODUCTION", "PORT")}
    return {**inherited, "DATABASE_URL": database_url}


def migrate(server: Server) -> None:
    """Make the database that is copied."""
    server.ask(f"CREATE DATABASE {EMPTY}")
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment(server.address(EMPTY)), check=True)


class Door(FakeStripe):
    """An address of its own to the books of another fake, for one process, whose asking ``heard`` hears."""

    def __init__(self, inside: FakeStripe) -> None:
        super().__init__()
        self.inside = inside
        self.heard: Callable[[str], None] = lambda key: None
        self._server.handle_error = lambda *args: None  # type: ignore[method-assign]  # whoever asked is dead

    def answer(self, method: str, path: str, params: dict[str, Any], key: str, broken: int = 0) -> Any:
        """Do it, tell ``heard`` the key of a charge or payout, and only then let it be answered."""
        answer = self.inside.answer(method, path, params, key, broken)
        if key:
            self.heard(key)
        return answer


class Nursery:
    """One process that forks those which die, one at a time."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.victim"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.child: psutil.Process | None = None

    def begin(self, do: str, stripe: str, **options: Any) -> psutil.Process:
        """Have a process of its own do that, and return it."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": do, "stripe": stripe, **options}) + "\n")
        self.process.stdin.flush()
        self.child = psutil.Process(self._hear()["pid"])
        return self.child

    def end(self) -> tuple[int, Any]:
        """Wait for the death of the process, and return its exit code and what it had to say."""
        result = None
        while "ended" not in (words := self._hear()):
            result = words["result"]
        return words["ended"], result

    def get(self, do: str, stripe: str, **options: Any) -> Any:
        """Have a process of its own do that to the end, and return what it says."""
        self.begin(do, stripe, **options)
        code, result = self.end()
        assert code == 0, f"{do} failed; it says why on the standard error"
        return result

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the nursery has died"
        words: dict[str, Any] = json.loads(line)
        return words

    def close(self) -> None:
        """Let nothing live on."""
        if self.child and self.child.is_running():
            self.child.kill()
        self.process.communicate()


class Place:
    """A site in a database of its own at *server*, with a Stripe that knows its members' cards."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        server.ask(f"CREATE DATABASE {name} TEMPLATE {EMPTY}")
        self.var = tempfile.TemporaryDirectory(prefix="milepost-faults-", dir="/tmp")
        self.stripe = FakeStripe()
        self.doors: list[Door] = []
        self.nurseries: list[Nursery] = []

    def __enter__(self) -> "Place":
        self.stripe.__enter__()
        account = self.stripe.make(
            "account", "acct", metadata={}, capabilities={}, default_currency="eur", details_submitted=False
        )
        self.stripe.onboard(account["id"])
        cards = {name: self.stripe.method(then=then) for name, then in CARDS.items()}
        self.aftermath = self.nursery()
        self.aftermath.get("prepare", self.stripe.address, account=account["id"], **cards)
        return self

    def __exit__(self, *args: object) -> None:
        for each in self.nurseries:
            each.close()
        for door in [*self.doors, self.stripe]:
            door.__exit__()
        self.var.cleanup()

    def door(self) -> Door:
        """One more address of the provider."""
        door = Door(self.stripe)
        door.__enter__()
        self.doors.append(door)
        return door

    def nursery(self) -> Nursery:
        """One more process that forks others."""
        nursery = Nursery(
            {
                **environment(self.server.address(self.name)),
                "VAR_DIR": self.var.name,
                "DEMO": "0",
                "EMPLOYER_FEES": "EUR=5%",
                "PAYMENT_GATEWAY": "stripe",
                "PAYMENT_TIMEOUT": "20",
                "STRIPE_SECRET_KEY": SECRET_KEY,
                "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
                "WITHDRAWAL_PAUSE": "0",
                "LOG_LEVEL": "CRITICAL",
            }
        )
        self.nurseries.append(nursery)
        return nursery

    def unwritten(self, key: str) -> bool:
        """Whether the provider has charged or sent something under *key* that is not in the ledger yet."""
        (found,) = self.server.ask(
            f"SELECT (SELECT count(*) FROM payments_payment WHERE key = '{key}' AND state = 'succeeded')"
            f" + (SELECT count(*) FROM payments_withdrawal WHERE key = '{key}' AND state = 'paid')",
            self.name,
        )
        return found == (0,) and (key in self.taken() or key in self.sent())

    def jobs_done(self) -> int:
        """How many jobs the worker has done."""
        ((number,),) = self.server.ask("SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'", self.name)
        assert isinstance(number, int)
        return number

    def taken(self) -> dict[str, int]:
        """What the provider has charged, in minor units, by our key."""
        return _once([each for each in self.stripe.all("payment_intent") if each["status"] == "succeeded"])

    def sent(self) -> dict[str, int]:
        """What the provider has paid out."""
        return _once(self.stripe.all("transfer"))

    def settle(self) -> dict[str, Any]:
        """What is slow at the provider ends, everything is looked up by a fresh process; return what the books say."""
        for each in self.stripe.all("payment_intent"):
            if each["status"] == "processing":
                self.stripe.settle(each["id"])
        _first, second = self.aftermath.get("settle", self.stripe.address)
        assert second == 0, "it took more than one run"
        said: dict[str, Any] = self.aftermath.get("report", self.stripe.address)
        return said


CARDS = {"good": "succeeds", "slow": "slow", "bad": "card_declined"}


def _once(made: list[dict[str, Any]]) -> dict[str, int]:
    keys = [each["metadata"]["key"] for each in made]
    assert len(keys) == len(set(keys)), "the provider did something twice"
    return {each["metadata"]["key"]: each["amount"] for each in made}


def check(place: Place) -> dict[str, Any]:
    """Settle, and hold what the provider did against what the ledger says: nothing doubled, nothing lost."""
    said = place.settle()
    taken, sent = place.taken(), place.sent()
    assert said["wrong"] == []

    # Every charge has its payment, every payment its charge, and so have payouts and withdrawals.
    paid = {key: amount for key, state, amount, _purpose in said["payments"] if state == "succeeded"}
    assert paid == taken
    assert {state for _key, state, *_rest in said["payments"]} <= {"succeeded", "declined"}
    assert {key: amount for key, state, amount in said["withdrawals"] if state == "paid"} == sent
    assert {state for _key, state, _amount in said["withdrawals"]} == {"paid"}

    # A milestone is held in full if its payment came, and is not there if it did not.
    assert set(said["held"]) == {key for key, _state, _amount, purpose in said["payments"] if purpose == "milestone"}
    for key, held in said["held"].items():
        assert (held is not None) == (key in taken)
        assert held is None or held[0] == held[1] > 0
    assert said["milestones"] == len([key for key in said["held"] if key in taken])

    # Every cent is where it belongs, and nobody was told twice.
    assert said["wallets"]["erin"] == sum(amount for key, amount in taken.items() if key not in said["held"])
    assert said["wallets"]["wes"] == 100_000 - sum(sent.values())
    assert -said["clearing"] == 100_000 + sum(taken.values()) - sum(sent.values())
    assert said["told twice"] == []
    assert said["told"]["payment-succeeded"] == len(taken)
    assert said["told"]["withdrawal-paid"] == len(sent)
    return said


def after(seconds: float, deed: Callable[[], object]) -> threading.Timer:
    """Have *deed* done so much later."""
    timer = threading.Timer(seconds, deed)
    timer.daemon = True
    timer.start()
    return timer
