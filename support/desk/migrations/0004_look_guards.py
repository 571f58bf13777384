"""Who looked as whom, and until when, is history."""

from django.db import migrations

from config.guards import append_only, undo_append_only

TABLES = ("desk_look", "desk_lookend")


class Migration(migrations.Migration):
    dependencies = [("desk", "0003_looks"), ("accounts", "0010_looks")]

    operations = [migrations.RunSQL(append_only(table), undo_append_only(table)) for table in TABLES]
