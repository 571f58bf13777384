"""Writes docs/life-cycles.md from the tables of actions, so that the page says what the code does."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation
from django.utils.text import capfirst

from config.lifecycle import HasLifecycle

PAGE = settings.BASE_DIR / "docs" / "life-cycles.md"
APPS = ("projects", "milestones", "disputes")
ALONE = ("payments.Correction",)  # of apps whose other models mostly change by what the provider says
HEAD = """\
# Life cycles

<!-- Written by `manage.py lifecycles` from the tables in each app's lifecycle.py. Change those, and run it again. -->

What can become of a project, a bid, an award, a milestone, and of everything that one side asks of the other. Each
table is the one that the buttons, the verbs and the admin read. An arrow back to its own state is a step that changes
no state. What happens because of a step elsewhere is drawn too, in small letters.
"""


class Command(BaseCommand):
    help = "Write docs/life-cycles.md from the tables of actions."

    def handle(self, *args: Any, **options: Any) -> None:
        PAGE.write_text(page())
        self.stdout.write(f"{PAGE.relative_to(settings.BASE_DIR)} is written.")


def models() -> list[type[HasLifecycle]]:
    """Return the models that have a table of actions, floor by floor."""
    found = (model for app in APPS if apps.is_installed(app) for model in apps.get_app_config(app).get_models())
    drawn = [model for model in found if issubclass(model, HasLifecycle)]
    return [*drawn, *(apps.get_model(name) for name in ALONE)]


def page() -> str:
    """Return the whole page, in English."""
    with translation.override("en"):
        return "\n".join([HEAD, *("\n".join(_section(model)) for model in models())])


def states_of(model: Any) -> dict[str, str]:
    """Return the states of *model*, in words."""
    states = model.State.choices if hasattr(model, "State") else model.states.items()
    return {value: str(label) for value, label in states}


def arrows(model: Any) -> Iterator[tuple[str, str, str]]:
    """Yield every way from one state to another (or the same) with what leads there."""
    for row in model.lifecycle.values():
        for source in row.source:
            yield source, row.target or source, str(row.label)
            if row.last:
                yield source, row.last, f"{row.label}, when nothing is left"
    yield from getattr(model, "ways_without_actions", lambda: ())()


def _section(model: Any) -> Iterator[str]:
    yield f"## {capfirst(str(model._meta.verbose_name))}\n"
    yield "```mermaid"
    yield "stateDiagram-v2"
    states, first = states_of(model), model._meta.get_field("state").default
    for value, label in states.items():
        yield f"    {value}: {label}"
    drawn = list(dict.fromkeys(arrows(model)))
    if not any(source == "new" for source, _, _ in drawn):
        yield f"    [*] --> {first}"
    for source, target, label in drawn:
        yield f"    {'[*]' if source == 'new' else source} --> {target}: {label}"
    yield "```\n"
    yield "| action | in state | then | another person is told | at a wrong time |"
    yield "|---|---|---|---|---|"
    for row in model.lifecycle.values():
        sources = ", ".join(states.get(source, "–") for source in row.source)
        then = states[row.target] if row.target else "stays"
        if row.last:
            then = f"stays; {states[row.last]} when nothing is left"
        yield f"| {row.label} | {sources} | {then} | {row.words} | {row.when_words or '–'} |"
    yield ""
