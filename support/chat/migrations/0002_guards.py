"""What was said to support, and by it, is history."""

from django.db import migrations

from config.guards import append_only, undo_append_only

TABLES = ("chat_message", "chat_messagefile")


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_conversations"), ("ledger", "0002_guards")]

    operations = [migrations.RunSQL(append_only(table), undo_append_only(table)) for table in TABLES]
