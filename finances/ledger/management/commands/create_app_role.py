"""``manage.py create_app_role``: makes the role as which the app signs in to the database in production."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from finances.ledger.roles import Unfit, make_app_role


class Command(BaseCommand):
    help = (
        "Makes or updates the database role of the app, which can't switch off a guard of the ledger. Run it with"
        " DATABASE_URL naming the owner of the tables, after every migrate; then let the app sign in as that role."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default=os.environ.get("APP_ROLE", "milepost_app"), help="else APP_ROLE")
        parser.add_argument("--password", help="better in APP_ROLE_PASSWORD, which other users can't see")

    def handle(self, **options: Any) -> None:
        password = options["password"] or os.environ.get("APP_ROLE_PASSWORD", "")
        if not password:
            raise CommandError("Set APP_ROLE_PASSWORD to the password that the role is to have.")
        try:
            history = make_app_role(options["name"], password)
        except Unfit as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The role {options['name']} is ready. It can read and add to, but not change:")
        for table in history:
            self.stdout.write(f"  {table}")
