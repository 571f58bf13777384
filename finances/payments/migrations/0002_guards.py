"""What a payment or a withdrawal is about never changes, no row of them goes, and their events are history."""

from django.db import migrations

from config.guards import always, append_only, undo_append_only

FIXED = {
    "payments_payment": (
        "id",
        "owner_id",
        "source_id",
        "gateway",
        "key",
        "purpose",
        "amount",
        "currency",
        "created_at",
    ),
    "payments_withdrawal": ("id", "owner_id", "destination_id", "gateway", "key", "amount", "currency", "created_at"),
}
EVENTS = ("payments_paymentevent", "payments_withdrawalevent")
GUARDS = ("stays_what_it_is", "no_delete", "no_truncate")


def guards(table: str, columns: tuple[str, ...]) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"""
        CREATE TRIGGER {table}_stays_what_it_is BEFORE UPDATE ON {table}
            FOR EACH ROW WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """ + "".join(always(table, f"{table}_{name}") for name in GUARDS)


def undo(table: str) -> str:
    return "".join(f"DROP TRIGGER {table}_{name} ON {table};" for name in GUARDS)


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("accounts", "0002_refuse_change")]
    operations = [
        *(migrations.RunSQL(guards(table, columns), undo(table)) for table, columns in FIXED.items()),
        *(migrations.RunSQL(append_only(table), undo_append_only(table)) for table in EVENTS),
    ]
