import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.models
from config.guards import append_only, undo_append_only

HISTORY = ("milestones_message", "milestones_messagefile")
ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        ("milestones", "0011_release_requests"),
        ("projects", "0006_fees"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", ID.clone()),
                ("text", models.TextField(blank=True, max_length=5000, verbose_name="text")),
                (
                    "hint",
                    models.CharField(
                        blank=True,
                        choices=[("outside", "paying elsewhere"), ("advance", "an advance")],
                        max_length=10,
                        verbose_name="hint",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="sent")),
                ("key", models.UUIDField(editable=False, unique=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "award",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="projects.award"
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "indexes": [
                    models.Index(fields=["award", "-at", "-id"], name="messages_of_award"),
                    models.Index(fields=["award", "id"], name="messages_by_number"),
                    models.Index(fields=["author", "-at"], name="messages_of_author"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MessageFile",
            fields=[
                ("id", ID.clone()),
                ("file", models.FileField(max_length=200, upload_to=accounts.models.private_path)),
                ("name", models.CharField(max_length=120)),
                ("media_type", models.CharField(max_length=60)),
                ("size", models.PositiveIntegerField()),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="milestones.message"
                    ),
                ),
            ],
            options={"verbose_name": "file of a message", "verbose_name_plural": "files of the message"},
        ),
        migrations.CreateModel(
            name="MessageRead",
            fields=[
                ("id", ID.clone()),
                ("last", models.BigIntegerField(default=0)),
                (
                    "award",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="projects.award"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("award", "member"), name="message_read_once")]},
        ),
        *(migrations.RunSQL(append_only(table), undo_append_only(table)) for table in HISTORY),
    ]
