"""``manage.py demo`` makes the demo once; with ``--reset`` anew; with ``--sign-ins`` it lists who can sign in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection, transaction

from accounts.models import Member
from demo import making, signins


class Command(BaseCommand):
    help = "Makes a living marketplace to look at, once. Not in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="delete the whole database and make the demo anew")
        parser.add_argument("--sign-ins", action="store_true", help="print who can sign in, and do nothing")
        parser.add_argument(
            "--yes-delete-everything",
            action="store_true",
            help="with --reset: also where DATABASE_URL names a server of your own",
        )

    def handle(self, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("This is a production installation: there is no demo here.")
        if options["sign_ins"]:
            self._print_sign_ins()
            return
        with _alone():
            if options["reset"]:
                self._delete_everything(sure=options["yes_delete_everything"])
            self._make()

    def _print_sign_ins(self) -> None:
        if not _members() or not making.is_there():
            self.stdout.write("There is no demo in this database.")
            return
        self.stdout.write(signins.table())
        self.stdout.write(f"\nThe password of all of them: {signins.PASSWORD}")

    def _delete_everything(self, *, sure: bool) -> None:
        """Empty the database: the ledger refuses to forget anything, so its tables go and come back."""
        database = connection.settings_dict["NAME"]
        if not settings.EMBEDDED_DATABASE and not sure:
            raise CommandError(
                f"DATABASE_URL names the database “{database}” on a server of your own. A reset deletes every table"
                " in it. If that is what you want, say so with --yes-delete-everything."
            )
        self.stdout.write(f"Deleting everything in the database “{database}” ({_members()} members).")
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '10s'")
                cursor.execute("SELECT quote_ident(current_schema())")
                schema = cursor.fetchone()[0]
                cursor.execute(f"DROP SCHEMA {schema} CASCADE")
                cursor.execute(f"CREATE SCHEMA {schema}")
        except OperationalError as error:
            raise CommandError("Somebody is using the database: stop Milepost first. Nothing was deleted.") from error

    def _make(self) -> None:
        if not _members():  # also after a reset that was killed half-way
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
        try:
            made = making.make(told=self.stdout.write)
        except making.NotHere as reason:
            # No error: `make run` goes on without a demo. The hint only where a reset is one word away.
            self.stdout.write(f"{reason} `make demo-reset` deletes everything and makes one.")
            return
        self.stdout.write("The demo is made." if made else "The demo is there.")


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until nobody else makes tables or the demo in this database, and let nobody begin."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [making.LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [making.LOCK])


def _members() -> int:
    """Return how many members there are; none where there are no tables."""
    if Member._meta.db_table not in connection.introspection.table_names():
        return 0
    return Member.objects.count()
