"""``ledger.post`` beside django-hordak's ``transfer_to``, made as safe as posting is: locked, and checked for funds."""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal

from benchmarks import cluster
from benchmarks.harness import Crew, Figure, benchmark, in_turns

PROCESSES = 4
ACCOUNTS = 1_000  # the ledger has ten times as many; hordak adds up all legs of an account, and has few here


@benchmark("hordak")
def hordak() -> Iterator[Figure]:
    from benchmarks.ledger import books

    books()
    os.environ["HORDAK_DATABASE_URL"] = cluster.make_database(cluster.start(), "hordak")
    prepare = [sys.executable, "-W", "ignore", "-m", "benchmarks.prepare_hordak", str(ACCOUNTS)]
    subprocess.run(prepare, check=True, env={**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.settings_hordak"})
    with Crew(PROCESSES, "benchmarks.ledger:poster") as ours:
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings_hordak"
        try:
            theirs = Crew(PROCESSES, "benchmarks.hordak:transferrer")
        finally:
            os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        with theirs:
            mine, other = in_turns(ours.rate, theirs.rate)
    yield Figure(
        f"django-hordak transfer_to, locked and checked, {PROCESSES} processes",
        round(other),
        "per second",
        None,
        "higher",
    )
    yield Figure(
        f"ledger.post against django-hordak, {PROCESSES} processes", round(mine / other, 1), "times", 10, "higher"
    )


def transferrer(number: int) -> Callable[[], object]:
    """A process that transfers by django-hordak between accounts with money."""
    from djmoney.money import Money
    from hordak.models import Account

    from django.db import transaction

    accounts = list(Account.objects.filter(type="AS", name__startswith="wallet").values_list("pk", flat=True))
    choose = random.Random(number)

    def step() -> object:
        debit, credit = choose.sample(accounts, 2)
        amount = Money(Decimal(choose.randint(1, 100)) / 100, "EUR")
        with transaction.atomic():
            locked = {
                a.pk: a for a in Account.objects.select_for_update().filter(pk__in=(debit, credit)).order_by("pk")
            }
            if locked[debit].get_balance()["EUR"] < amount:
                raise ValueError("not enough money")
            return locked[debit].transfer_to(locked[credit], amount)

    return step
