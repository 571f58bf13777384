"""A payment can be for several milestones: what it is for moves into rows of its own."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

MOVE = """
    INSERT INTO milestones_fundingpart (funding_id, position, task, amount, advance, criteria, milestone_id)
    SELECT id, 0, task, amount, false, '{}', milestone_id FROM milestones_funding;
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
"""
MOVE_BACK = """
    UPDATE milestones_funding f SET task = p.task, milestone_id = p.milestone_id, amount = (
        SELECT sum(amount) FROM milestones_fundingpart every WHERE every.funding_id = f.id)
    FROM milestones_fundingpart p WHERE p.funding_id = f.id AND p.position = 0;
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("milestones", "0012_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="FundingPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("task", models.CharField(max_length=200, verbose_name="task")),
                ("amount", models.BigIntegerField()),
                ("advance", models.BooleanField(default=False, verbose_name="advance")),
                (
                    "criteria",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), blank=True, default=list, size=None
                    ),
                ),
                ("request", models.BigIntegerField(null=True)),
                (
                    "funding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="milestones.funding"
                    ),
                ),
                (
                    "milestone",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="funding_part",
                        to="milestones.milestone",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a funding",
                "verbose_name_plural": "parts of fundings",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=["funding", "position"], name="funding_part_position"),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("amount__lte", 100000000000000)),
                        name="funding_amount_in_bounds",
                    ),
                ],
            },
        ),
        migrations.AlterModelOptions(
            name="funding",
            options={"verbose_name": "funding of milestones", "verbose_name_plural": "fundings of milestones"},
        ),
        migrations.RemoveConstraint(model_name="funding", name="funding_amount_in_bounds"),
        # So that there is room for them on the way back.
        migrations.AlterField("funding", "task", models.CharField(max_length=200, null=True, verbose_name="task")),
        migrations.AlterField("funding", "amount", models.BigIntegerField(null=True)),
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.RemoveField(model_name="funding", name="task"),
        migrations.RemoveField(model_name="funding", name="amount"),
        migrations.RemoveField(model_name="funding", name="milestone"),
    ]
