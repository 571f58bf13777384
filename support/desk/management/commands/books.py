"""``manage.py books``: what the books page says, for monitoring. Exit code 0: all agrees; 1: look at it."""

import datetime
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.money import format_minor
from support.desk import books


class Command(BaseCommand):
    help = "Prints the books by currency. Exits with 1 where anything disagrees or was not checked lately."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--max-age",
            type=int,
            default=int(books.LATEST.total_seconds()),
            help="seconds after which the last check is too old (default: %(default)s)",
        )

    def handle(self, **options: Any) -> None:
        read = books.read(datetime.timedelta(seconds=options["max_age"]))
        for currency, sums in read.sums.items():
            told = ", ".join(f"{kind} {format_minor(sums.get(kind, 0), currency)}" for kind, _name in books.kinds())
            self.stdout.write(f"{currency}: {told}; together {format_minor(sum(sums.values()), currency)}.")
        for problem in read.problems:
            self.stdout.write(self.style.ERROR(problem.sentence))
        if read.problems:
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("Everything agrees."))
