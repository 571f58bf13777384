"""SQL for tables whose rows are history: written once, never changed. Used by migrations.

Plain SQL triggers, because a guard made by a library with a switch can be switched off by any session.
"""


def append_only(table: str, *, but_update_in_triggers: bool = False) -> str:
    """Return SQL that refuses UPDATE, DELETE and TRUNCATE of *table*.

    With *but_update_in_triggers*, an UPDATE made by another trigger is let through (the ledger stamps rows so).
    The triggers are ENABLE ALWAYS: ``SET session_replication_role`` does not switch them off.
    """
    when = "WHEN (pg_trigger_depth() = 0)" if but_update_in_triggers else ""
    return f"""
        CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
            FOR EACH ROW {when} EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """ + "".join(always(table, f"{table}_no_{verb}") for verb in ("update", "delete", "truncate"))


def always(table: str, trigger: str) -> str:
    """Return SQL that keeps *trigger* of *table* firing whatever ``session_replication_role`` says."""
    return f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger};"


def undo_append_only(table: str) -> str:
    """Return SQL that takes away what ``append_only`` made."""
    return "".join(f"DROP TRIGGER {table}_no_{verb} ON {table};" for verb in ("update", "delete", "truncate"))


REFUSE_CHANGE = """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% of % is refused: its rows are history', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END $$;
"""
UNDO_REFUSE_CHANGE = "DROP FUNCTION refuse_change();"
