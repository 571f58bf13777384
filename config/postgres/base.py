"""Tells the database with the first write of each transaction who is calling (``config.caller``).

The setting ``milepost.caller`` is the transaction's own (``set_config(…, true)``), so it is right behind a pooler, too,
and nobody else's write ever carries it. A write outside of a transaction gets one of its own for it. Tables that
``config.audited`` leaves out are spared the round trip.
"""

import re
from typing import Any

from django.db.backends.postgresql import base

from config import audited, caller

# The stubs know nothing of what the driver's classes have.
Cursor: Any = base.ServerBindingCursor
Wrapper: Any = base.DatabaseWrapper

WRITE = re.compile(r'\s*(?:(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?"?(\w+)|WITH\b|MERGE\b|COPY\b)', re.I)
# What undoes a setting of the transaction, or may.
UNDO = re.compile(r"\s*(?:ROLLBACK|ABORT|COMMIT|BEGIN|RESET|DISCARD)\b", re.I)
TELL = "SELECT set_config('milepost.caller', %s, true)"


class TellingCursor(Cursor):
    """A cursor whose writes are preceded by the caller's name. Django's log of queries has not seen it."""

    wrapper: "DatabaseWrapper | None" = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return self._telling(query, super().execute, query, params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        self._telling(query, super().executemany, query, params_seq, **options)

    def _telling(self, query: Any, run: Any, *args: Any, **options: Any) -> Any:
        if self.wrapper is None or not isinstance(query, str):
            return run(*args, **options)
        if UNDO.match(query):
            self.wrapper.told = None
        found = WRITE.match(query)
        if found is None or (found[2] or "") in audited.LEFT_OUT:
            return run(*args, **options)
        text = caller.current().text
        if self.connection.autocommit:
            with self.connection.transaction():
                super().execute(TELL, [text])
                return run(*args, **options)
        if self.wrapper.told != text:
            super().execute(TELL, [text])
            self.wrapper.told = text
        return run(*args, **options)


class DatabaseWrapper(Wrapper):
    """Knows what the transaction was told."""

    told: str | None = None

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "cursor_factory": TellingCursor}

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        if isinstance(cursor, TellingCursor):
            cursor.wrapper = self
        return cursor

    def connect(self) -> None:
        self.told = None
        super().connect()

    def _commit(self) -> Any:
        self.told = None
        return super()._commit()

    def _rollback(self) -> Any:
        self.told = None
        return super()._rollback()

    def _set_autocommit(self, autocommit: bool) -> None:
        self.told = None
        super()._set_autocommit(autocommit)
