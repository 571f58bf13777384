"""Completed awards, their reviews, and what members' standing is made of. Reviews are history."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from config.guards import append_only, undo_append_only


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_refuse_change"),
        ("projects", "0006_fees"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "of",
                    models.CharField(
                        choices=[("employer", "as an employer"), ("freelancer", "as a freelancer")], max_length=10
                    ),
                ),
                ("stars", models.SmallIntegerField(verbose_name="stars")),
                ("text", models.TextField(blank=True, max_length=1000, verbose_name="text")),
                ("key", models.UUIDField(unique=True)),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
            },
        ),
        migrations.CreateModel(
            name="Standing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "side",
                    models.CharField(choices=[("employer", "Employer"), ("freelancer", "Freelancer")], max_length=10),
                ),
                ("milestones", models.IntegerField()),
                ("completed", models.IntegerField()),
                ("reviews", models.IntegerField()),
                ("stars", models.IntegerField()),
                ("release_seconds", models.BigIntegerField(null=True)),
                ("disputed", models.SmallIntegerField(null=True)),
                ("months", models.JSONField(default=list)),
                ("as_of", models.DateTimeField()),
            ],
            options={
                "verbose_name": "standing",
                "verbose_name_plural": "standings",
            },
        ),
        migrations.CreateModel(
            name="StandingDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("noted_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="StandingMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("up_to", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="StandingSum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("paid", models.BigIntegerField()),
                ("milestones", models.IntegerField()),
                ("awards", models.IntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="award",
            name="completed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="award",
            name="review_by",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="award",
            name="review_reminded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="award",
            name="reviews_told_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="award",
            name="state",
            field=models.CharField(
                choices=[
                    ("awaiting", "Awaiting acceptance"),
                    ("accepted", "In progress"),
                    ("declined", "Declined"),
                    ("revoked", "Revoked"),
                    ("lapsed", "Lapsed"),
                    ("completed", "Completed"),
                ],
                default="awaiting",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="award",
            index=models.Index(
                condition=models.Q(("review_by__isnull", False), ("reviews_told_at", None)),
                fields=["review_by"],
                name="award_reviews_awaited",
            ),
        ),
        migrations.AddConstraint(
            model_name="award",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("completed_at__isnull", False), ("review_by__isnull", False), ("state", "completed")),
                    models.Q(
                        models.Q(("state", "completed"), _negated=True), ("completed_at", None), ("review_by", None)
                    ),
                    _connector="OR",
                ),
                name="award_completed_at_a_time",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviews_written",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="award",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="projects.award"
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="subject",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviews_got",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="standings",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="standingdue",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="standingsum",
            name="standing",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="sums", to="projects.standing"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["subject", "-id"], name="review_of_member"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(fields=("award", "author"), name="review_once_a_side"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("stars__range", (1, 5))), name="review_of_one_to_five_stars"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("author", models.F("subject")), _negated=True), name="review_of_somebody_else"
            ),
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.UniqueConstraint(fields=("member", "side"), name="standing_once_a_side"),
        ),
        migrations.AddConstraint(
            model_name="standingsum",
            constraint=models.UniqueConstraint(fields=("standing", "currency"), name="standing_sum_once"),
        ),
        migrations.AddConstraint(
            model_name="standingsum",
            constraint=models.CheckConstraint(
                condition=models.Q(("awards__gt", 0), ("milestones__gt", 0), ("paid__gt", 0)),
                name="standing_sum_of_some",
            ),
        ),
        migrations.RunSQL(append_only("projects_review"), undo_append_only("projects_review")),
    ]
