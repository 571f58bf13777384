"""Brings the files with translations in line with the code, and compiles them."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import catalogs


class Command(BaseCommand):
    help = "Add new words of the code to config/locale, drop those that are gone, and compile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail where anything is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = 0
        for language in catalogs.languages():
            if not options["check"]:
                catalog = catalogs.renewed(language)
                for kind, content in (("po", catalogs.as_po(catalog)), ("mo", catalogs.as_mo(catalog))):
                    file = catalogs.path(language, kind)
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(content)
                    self.stdout.write(f"{file.relative_to(settings.BASE_DIR)} is written.")
            told = catalogs.complaints(language)
            missing += len(told)
            for sentence in told:
                self.stderr.write(f"{language}: {sentence}")
        if missing:
            raise CommandError(f"{missing} words need somebody who knows the language.")
