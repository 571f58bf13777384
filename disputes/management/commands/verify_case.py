"""``manage.py verify_case D12``: checks the chain of a dispute's events and what they vouch for; 1 if it is wrong."""

import re
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from disputes.checking import differences_of
from disputes.models import Dispute


class Command(BaseCommand):
    help = (
        "Checks that the events of disputes are an unbroken chain, and that claims, offers, evidence with its files,"
        " questions, proposals, verdicts and receipts are as the events recorded them. Prints each difference;"
        " exit code 1 if any. Changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("references", nargs="*", metavar="D12", help="disputes, by the reference that people quote")
        parser.add_argument("--all", action="store_true", help="all disputes of the site")

    def handle(self, *, references: list[str], all: bool, **options: Any) -> None:
        if bool(references) == all:
            raise CommandError("Name disputes (D12 D13), or ask for --all.")
        begin, wrong, number = time.perf_counter(), 0, 0
        for pk in _all() if all else [_number(reference) for reference in references]:
            number += 1
            for sentence in differences_of(Dispute(pk=pk)):
                wrong += 1
                self.stdout.write(f"D{pk}: {sentence}")
        told = "no difference" if wrong == 0 else f"{wrong} difference{'s' if wrong > 1 else ''}"
        seconds = time.perf_counter() - begin
        self.stdout.write(f"{number:,} dispute{'' if number == 1 else 's'} in {seconds:.1f} s: {told}.")
        if wrong:
            sys.exit(1)


def _all() -> list[int]:
    return list(Dispute.objects.order_by("pk").values_list("pk", flat=True))


def _number(reference: str) -> int:
    match = re.fullmatch(r"D?([0-9]{1,15})", reference.strip(), re.IGNORECASE)
    if not match or not Dispute.objects.filter(pk=match[1]).exists():
        raise CommandError(f"There is no dispute {reference!r}.")
    return int(match[1])
