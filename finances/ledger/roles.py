"""The production role of the app: it owns nothing, and no right of its reaches past the ledger's guards.

Triggers refuse changes to whoever tries; but who owns a table can drop its triggers. So in production the owner
migrates, and the app signs in as a role with the rights that this module grants and no other.
"""

from psycopg import sql

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

# Tables whose rows only functions of the database write, and what the app may do with them itself.
LEDGER = {
    "ledger_account": "SELECT, INSERT (owner_id, kind, currency, balance, sequence)",
    "ledger_transfer": "SELECT, INSERT",
    "ledger_pending": "SELECT",
    "accounts_auditentry": "SELECT",
}
CALLED = ("ledger_prepare(uuid, bigint[])", "ledger_fold_some(integer)", "audit_note(text, jsonb, jsonb)")


class Unfit(Exception):
    """The role exists and can't be made harmless; the message says why."""


def make_app_role(name: str, password: str) -> list[str]:
    """Make the role *name*, or bring an existing one up to date; return the names of its append-only tables.

    Run it as the tables' owner after every migration. Raises Unfit for the signed-in role itself and for a role that
    has rights over the server, owns something or is a member of another.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _refuse_unfit(cursor, name)
        role, schema, database = _names(cursor, name)
        # A new role may do nothing unless told so. Saying NOSUPERUSER and so on would need a superuser.
        options = sql.SQL("LOGIN NOINHERIT PASSWORD {}").format(sql.Literal(password))
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
        # sql.Literal and not a parameter: PostgreSQL takes none here. The statement is not logged by Django.
        _run(cursor, "{} ROLE {} {}", verb, role, options)

        _run(cursor, "REVOKE ALL ON DATABASE {} FROM PUBLIC, {}", database, role)  # PUBLIC could make temporary tables
        _run(cursor, "GRANT CONNECT ON DATABASE {} TO {}", database, role)
        _run(cursor, "REVOKE CREATE ON SCHEMA {} FROM PUBLIC, {}", schema, role)
        _run(cursor, "GRANT USAGE ON SCHEMA {} TO {}", schema, role)

        for kind in ("TABLES", "SEQUENCES"):
            _run(cursor, "REVOKE ALL ON ALL {} IN SCHEMA {} FROM {}", sql.SQL(kind), schema, role)
        _run(cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {} TO {}", schema, role)
        _run(cursor, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}", schema, role)
        history = _guarded(cursor)
        for table, rights in history.items():
            _run(cursor, "REVOKE {} ON {} FROM {}", sql.SQL(rights), sql.Identifier(table), role)
        for table, rights in LEDGER.items():
            _run(cursor, "REVOKE ALL ON {} FROM {}", sql.Identifier(table), role)
            _run(cursor, "GRANT {} ON {} TO {}", sql.SQL(rights), sql.Identifier(table), role)
        _run(cursor, "REVOKE ALL ON SEQUENCE ledger_transfer_id_seq FROM {}", role)
        for function in CALLED:
            _run(cursor, "GRANT EXECUTE ON FUNCTION {} TO {}", sql.SQL(function), role)

        # What the next migration makes is usable at once; this command then narrows its append-only tables.
        default = "ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT {} TO {}"
        _run(cursor, default, schema, sql.SQL("SELECT, INSERT, UPDATE, DELETE ON TABLES"), role)
        _run(cursor, default, schema, sql.SQL("USAGE ON SEQUENCES"), role)
        return list(history)


def _refuse_unfit(cursor: CursorWrapper, name: str) -> None:
    cursor.execute("SELECT current_user = %s", [name])
    if cursor.fetchone()[0]:
        raise Unfit(f"You are signed in as {name}. Run this as the owner of the tables, for another role.")
    cursor.execute(
        "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls FROM pg_roles"
        " WHERE rolname = %s",
        [name],
    )
    if (cursor.fetchone() or (False,))[0]:
        raise Unfit(f"The role {name} has rights over the server itself. Choose another name.")
    cursor.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid"
        " WHERE r.rolname = %s AND d.deptype = 'o'),"
        " EXISTS (SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %s)",
        [name, name],
    )
    owns, member = cursor.fetchone()
    if owns:
        raise Unfit(f"The role {name} owns something, and an owner can switch guards off. Choose another name.")
    if member:
        raise Unfit(f"The role {name} is a member of another role, whose rights it could take. Choose another name.")


def _names(cursor: CursorWrapper, name: str) -> tuple[sql.Identifier, sql.Identifier, sql.Identifier]:
    cursor.execute("SELECT current_schema(), current_database()")
    schema, database = cursor.fetchone()
    return sql.Identifier(name), sql.Identifier(schema), sql.Identifier(database)


def _guarded(cursor: CursorWrapper) -> dict[str, str]:
    """Return the tables whose DELETE is refused by a guard, as the catalog knows them, and what the app may not do.

    Rows that are written once have a guard of the name that ``config.guards.append_only`` gives. Others, such as
    milestones, change their state and are locked, which PostgreSQL counts as UPDATE; their guards say what stays.
    """
    cursor.execute(
        "SELECT c.relname, bool_or(t.tgname = c.relname || '_no_update')"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE t.tgfoid = 'refuse_change'::regproc AND c.relnamespace = current_schema()::regnamespace"
        " GROUP BY 1 HAVING bool_or(t.tgtype & 8 <> 0) ORDER BY 1"  # 8: fires on DELETE
    )
    return {table: "UPDATE, DELETE" if once else "DELETE" for table, once in cursor.fetchall()}


def _run(cursor: CursorWrapper, statement: str, *parts: sql.Composable) -> None:
    cursor.execute(sql.SQL(statement).format(*parts))
