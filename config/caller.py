"""On whose behalf the code runs just now, for the audit that the database keeps (docs/audit.md).

A request, a job or a command says it here; ``config.postgres`` hands it to the database with the first write of each
transaction. What says nothing is written down all the same, without a name.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import PurePath
from typing import Any


@dataclass(frozen=True)
class Caller:
    """Who writes, and from where. ``looking_by`` is the staff member who looks as the member, and can't write.

    ``path`` is a request's path, ``job: <name>`` or ``command: <name>``.
    """

    member: int | None = None
    looking_by: int | None = None
    address: str | None = None
    path: str = ""

    @cached_property
    def text(self) -> str:
        """As the database reads it."""
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None})


def _of_this_process() -> Caller:
    program = PurePath(sys.argv[0] if sys.argv else "").name
    named = sys.argv[1] if program == "manage.py" and len(sys.argv) > 1 else program
    return Caller(path=f"command: {named[:100]}")


_nobody = _of_this_process()
_current: ContextVar[Caller] = ContextVar("caller", default=_nobody)


def current() -> Caller:
    """Return on whose behalf the code runs."""
    return _current.get()


def looking() -> bool:
    """Return whether somebody only looks as the member, so that nothing they see counts as seen."""
    return current().looking_by is not None


@contextmanager
def calling(caller: Caller) -> Iterator[None]:
    """Run what is within on behalf of *caller*."""
    token = _current.set(caller)
    try:
        yield
    finally:
        _current.reset(token)


def change(**said: Any) -> None:
    """Say more about the caller from here on, as when somebody signs in within a request."""
    _current.set(replace(current(), **said))


def around_task(process: Any, context: Any, worker: Any) -> Any:
    """Run a job (procrastinate's middleware of sync tasks) on behalf of its name."""
    with calling(Caller(path=f"job: {context.job.task_name.rpartition('.')[2]}")):
        return process()
