"""``manage.py verify_ledger``: recomputes the books from the transfers and exits with 1 if anything disagrees."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from finances.ledger.verification import verify_and_record


class Command(BaseCommand):
    help = "Recomputes every balance and history from the transfers. Prints each difference; exit code 1 if any."

    def handle(self, **options: Any) -> None:
        result = verify_and_record()
        for difference in result.differences:
            self.stdout.write(f"{difference['check']}: {difference['sentence']}")
        count = len(result.differences)
        told = "no difference" if count == 0 else f"{count} difference{'s' if count > 1 else ''}"
        self.stdout.write(f"{result.transfers:,} transfers in {result.seconds:.1f} s: {told}.")
        if count:
            sys.exit(1)
