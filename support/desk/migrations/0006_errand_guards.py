"""What was sent again or checked anew, by whom and why, is history."""

from django.db import migrations

from config.guards import append_only, undo_append_only


class Migration(migrations.Migration):
    dependencies = [("desk", "0005_errands")]

    operations = [migrations.RunSQL(append_only("desk_errand"), undo_append_only("desk_errand"))]
