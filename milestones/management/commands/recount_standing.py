"""``manage.py recount_standing``: everybody's standing computed anew, from the beginning."""

from typing import Any

from django.core.management import BaseCommand

from milestones import standing


class Command(BaseCommand):
    help = "Compute every member's standing anew, from all releases and reviews. Safe at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Computed the standing of {standing.recount()} members.")
