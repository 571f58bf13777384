"""The function behind every table whose rows are history."""

from django.db import migrations

from config.guards import REFUSE_CHANGE, UNDO_REFUSE_CHANGE


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE_CHANGE, UNDO_REFUSE_CHANGE)]
