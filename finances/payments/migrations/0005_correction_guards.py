"""What a correction is about never changes, it ends once, no row of it goes, and its events are history."""

from importlib import import_module

from django.db import migrations

from config.guards import always, append_only, undo_append_only

before = import_module("finances.payments.migrations.0002_guards")

TABLE = "payments_correction"
FIXED = (
    "id",
    "debit_account_id",
    "credit_account_id",
    "amount",
    "currency",
    "reason",
    "note",
    "corrects_id",
    "alone_limit",
    "proposed_by_id",
    "key",
    "created_at",
    "expires_at",
)
ENDS = f"""
    CREATE TRIGGER {TABLE}_ends_once BEFORE UPDATE ON {TABLE} FOR EACH ROW
        WHEN (OLD.state <> 'proposed') EXECUTE FUNCTION refuse_change();
""" + always(TABLE, f"{TABLE}_ends_once")
EVENTS = "payments_correctionevent"


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_corrections"), ("accounts", "0002_refuse_change")]
    operations = [
        migrations.RunSQL(before.guards(TABLE, FIXED), before.undo(TABLE)),
        migrations.RunSQL(ENDS, f"DROP TRIGGER {TABLE}_ends_once ON {TABLE};"),
        migrations.RunSQL(append_only(EVENTS), undo_append_only(EVENTS)),
    ]
