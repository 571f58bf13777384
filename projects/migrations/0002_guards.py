"""Events of awards are history."""

from django.db import migrations

from config.guards import append_only, undo_append_only


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial"), ("accounts", "0002_refuse_change")]
    operations = [migrations.RunSQL(append_only("projects_awardevent"), undo_append_only("projects_awardevent"))]
