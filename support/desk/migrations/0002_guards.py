"""What the staff did to a member is history."""

from django.db import migrations

from config.guards import append_only, undo_append_only


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_suspensions"), ("ledger", "0002_guards")]

    operations = [migrations.RunSQL(append_only("desk_suspension"), undo_append_only("desk_suspension"))]
