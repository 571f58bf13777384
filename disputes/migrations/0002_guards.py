"""What was said and done in a dispute never changes; a dispute has one end."""

from django.db import migrations

from config.guards import always, append_only, undo_append_only

HISTORY = (
    "disputes_disputeevent",
    "disputes_offer",
    "disputes_evidenceitem",
    "disputes_evidencefile",
    "disputes_proposal",
    "disputes_proposalanswer",
    "disputes_verdict",
    "disputes_absence",
)
# Of these some columns change; what they are about never does.
STAYS = {
    "disputes_dispute": ("id", "award_id", "opened_by_id", "currency", "claim", "terms", "opened_at"),
    "disputes_disputedmilestone": ("id", "dispute_id", "milestone_id", "held"),
    "disputes_question": ("id", "dispute_id", "number", "by_id", "text", "at"),
}
GUARDS = ("stays_what_it_is", "no_delete", "no_truncate")


def stays(table: str, columns: tuple[str, ...]) -> str:
    """Return SQL that refuses to change *columns* of *table*, and to delete any of its rows."""
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"""
        CREATE TRIGGER {table}_stays_what_it_is BEFORE UPDATE ON {table} FOR EACH ROW
            WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """ + "".join(always(table, f"{table}_{guard}") for guard in GUARDS)


def undo_stays(table: str) -> str:
    """Return SQL that takes away what ``stays`` made."""
    return "".join(f"DROP TRIGGER {table}_{guard} ON {table};" for guard in GUARDS)


# Nothing leads on from an end: two steps that both believed they were the last can't both have been.
ENDS = """
    CREATE TRIGGER disputes_dispute_ends_once BEFORE UPDATE ON disputes_dispute FOR EACH ROW
        WHEN (OLD.state IN ('resolved', 'withdrawn')) EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER disputes_disputedmilestone_ends_once BEFORE UPDATE ON disputes_disputedmilestone FOR EACH ROW
        WHEN (NOT OLD.open) EXECUTE FUNCTION refuse_change();
""" + "".join(always(table, f"{table}_ends_once") for table in ("disputes_dispute", "disputes_disputedmilestone"))
UNDO_ENDS = """
    DROP TRIGGER disputes_dispute_ends_once ON disputes_dispute;
    DROP TRIGGER disputes_disputedmilestone_ends_once ON disputes_disputedmilestone;
"""


class Migration(migrations.Migration):
    dependencies = [("disputes", "0001_initial")]

    operations = [
        *(migrations.RunSQL(append_only(table), undo_append_only(table)) for table in HISTORY),
        *(migrations.RunSQL(stays(table, columns), undo_stays(table)) for table, columns in STAYS.items()),
        migrations.RunSQL(ENDS, UNDO_ENDS),
    ]
