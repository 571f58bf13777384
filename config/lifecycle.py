"""Who may do what, from which state to which: one table a workflow.

The button, the verb, the admin and the documentation all read the same table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from config.refusals import WrongState

Predicate = Callable[[Any, Any], bool]


def _always(thing: Any) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """One row: *who* (a predicate over object and actor, with its *words*) may do *name* in states *source*."""

    name: str
    label: str | Promise
    who: Predicate
    words: str | Promise  # told to a party who is not *who*: a whole sentence
    source: tuple[str, ...]
    target: str | None = None  # None: the state stays, or depends on what is left
    # What else must be true of the object, and the sentence that says so where it isn't (409).
    when: Callable[[Any], bool] = _always
    when_words: str | Promise = ""
    # Where the state stays as long as something is left: what it becomes then.
    last: str | None = None


class HasLifecycle:
    """A model with a ``state`` and a table of actions in ``lifecycle``."""

    lifecycle: ClassVar[dict[str, Action]]
    state: str

    def allows(self, action: str, user: Any) -> bool:
        """Return whether *user* may do *action* now."""
        row = self.lifecycle[action]
        return self.state in row.source and row.who(self, user) and row.when(self)

    def actions_for(self, user: Any) -> list[Action]:
        """Return the actions that *user* may do now, in the table's order: the buttons."""
        return [row for row in self.lifecycle.values() if self.allows(row.name, user)]

    def require_who(self, action: str, by: Any) -> Action:
        """Return the action's row. PermissionDenied with words for a wrong person, whatever the state is."""
        row = self.lifecycle[action]
        if not row.who(self, by):
            raise PermissionDenied(row.words)
        return row

    def require(self, action: str, by: Any) -> Action:
        """Return the action's row. PermissionDenied for a wrong person, WrongState for a wrong state, with words."""
        row = self.require_who(action, by)
        if self.state not in row.source:
            raise WrongState(
                _("This can't be done any more: it is “%(state)s” now.") % {"state": self.get_state_display()}  # type: ignore[attr-defined]
            )
        if not row.when(self):
            raise WrongState(str(row.when_words))
        return row


def table(*rows: Action) -> dict[str, Action]:
    """Return the rows by their names."""
    return {row.name: row for row in rows}
