"""Puts the audit's trigger on every table, and writes down what is no row: sign-ins and exports (docs/audit.md)."""

import json
from typing import Any

from django.contrib.auth import signals
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.http import HttpRequest

from accounts.models import AuditEntry, Member
from config import audited, caller

TRIGGER = "audit"
# Every table of the site's schema with its key, its columns of bytes, and its trigger as it is.
TABLES = """
    SELECT c.relname,
        (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = c.oid AND i.indisprimary),
        ARRAY(SELECT attname::text FROM pg_attribute
            WHERE attrelid = c.oid AND attnum > 0 AND atttypid = 'bytea'::regtype ORDER BY 1),
        (SELECT tgargs FROM pg_trigger WHERE tgrelid = c.oid AND tgname = 'audit' AND tgenabled = 'A')
    FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
"""


def install(sender: Any = None, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Put the trigger on every table that is not left out (``config.audited``), after every migration. Idempotent."""
    database = connections[using]
    quote = database.ops.quote_name
    with database.cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('audit_row()') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return  # migrated back to before there was an audit
        cursor.execute(TABLES)
        for table, key, of_bytes, there in cursor.fetchall():
            arguments = [key or "", *of_bytes, *audited.MASKED.get(table, ())]
            if table in audited.LEFT_OUT:
                if there is not None:
                    cursor.execute(f"DROP TRIGGER {TRIGGER} ON {quote(table)}")
            elif there is None or bytes(there) != b"".join(each.encode() + b"\0" for each in arguments):
                told = ", ".join(f"'{each}'" for each in arguments)  # names of columns
                cursor.execute(
                    f"DROP TRIGGER IF EXISTS {TRIGGER} ON {quote(table)};"
                    f"CREATE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON {quote(table)}"
                    f" FOR EACH ROW EXECUTE FUNCTION audit_row({told});"
                    f"ALTER TABLE {quote(table)} ENABLE ALWAYS TRIGGER {TRIGGER}"
                )


def note(action: AuditEntry.Action, **said: Any) -> None:
    """Write down that the caller did *action*, which changed no row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_note(%s, %s, %s)", [action.value, json.dumps(said), caller.current().text])


def note_sign_ins() -> None:
    """Write down sign-ins, sign-outs and failed ones from now on."""
    signals.user_logged_in.connect(_signed_in, dispatch_uid="accounts.auditing")
    signals.user_logged_out.connect(_signed_out, dispatch_uid="accounts.auditing")
    signals.user_login_failed.connect(_failed, dispatch_uid="accounts.auditing")


def _signed_in(sender: Any, request: HttpRequest | None, user: Member, **kwargs: Any) -> None:
    caller.change(member=user.pk)  # what the rest of this request writes is theirs
    note(AuditEntry.Action.SIGN_IN, **_device(request))


def _signed_out(sender: Any, request: HttpRequest, user: Member | None, **kwargs: Any) -> None:
    if user is not None:
        note(AuditEntry.Action.SIGN_OUT, **_device(request))


def _failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    named = str(credentials.get("email") or credentials.get("username") or "")[:254].lower()
    note(AuditEntry.Action.FAILED, email=named, **_device(request))


def _device(request: HttpRequest | None) -> dict[str, str]:
    """The browser, as it calls itself."""
    agent = request.headers.get("User-Agent", "") if request else ""
    return {"agent": agent[:300]} if agent else {}
