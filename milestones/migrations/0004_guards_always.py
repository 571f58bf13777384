"""A milestone's guards fire whatever ``session_replication_role`` says, as the ledger's do."""

from django.db import migrations

from config.guards import always

TABLE = "milestones_milestone"
GUARDS = [f"{TABLE}_{name}" for name in ("stays_what_it_is", "no_delete", "no_truncate")]


class Migration(migrations.Migration):
    dependencies = [("milestones", "0003_list_indexes")]
    operations = [
        migrations.RunSQL(
            "".join(always(TABLE, guard) for guard in GUARDS),
            "".join(f"ALTER TABLE {TABLE} ENABLE TRIGGER {guard};" for guard in GUARDS),
        )
    ]
