"""``manage.py reconcile``: settles what has no answer yet, and compares the provider's books with the ledger."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.money import format_minor
from finances.payments.gateways import Unreachable
from finances.payments.reconciliation import compare_and_record


class Command(BaseCommand):
    help = (
        "Looks up every payment and withdrawal that has no final answer, then compares the provider's balances and"
        " transactions with the ledger. Exits with 1 where they disagree."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, help="compare what moved in so many days (default: since the last run)")

    def handle(self, **options: Any) -> None:
        since = timezone.now() - timedelta(days=options["days"]) if options["days"] else None
        try:
            result = compare_and_record(since)
        except Unreachable as error:
            raise CommandError("The payment provider does not answer, so nothing could be compared.") from error
        self.stdout.write(f"{result.settled} found their end; {result.movements} lines of {result.gateway} compared.")
        for row in result.balances:
            code = row["currency"]
            theirs, ours = format_minor(row["provider"], code), format_minor(row["ledger"], code)
            self.stdout.write(f"{code}: the provider holds {theirs}, by the ledger it should be {ours}.")
        for difference in result.differences:
            self.stdout.write(self.style.ERROR(difference))
        if result.differences:
            raise CommandError(f"{len(result.differences)} differences.")
        self.stdout.write(self.style.SUCCESS("Everything agrees."))
