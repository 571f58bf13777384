"""An award carries the fees with which it was made, and they never change."""

from django.conf import settings
from django.db import migrations, models

from config.guards import always

TERMS = ("freelancer_fee_percent", "freelancer_fee_least", "employer_fee_percent", "employer_fee_least")
GUARD = f"""
CREATE TRIGGER projects_award_keeps_its_fees BEFORE UPDATE ON projects_award
    FOR EACH ROW WHEN (({", ".join(f"OLD.{name}" for name in TERMS)})
                       IS DISTINCT FROM ({", ".join(f"NEW.{name}" for name in TERMS)}))
    EXECUTE FUNCTION refuse_change();
""" + always("projects_award", "projects_award_keeps_its_fees")
UNDO = "DROP TRIGGER projects_award_keeps_its_fees ON projects_award;"


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0005_names"),
        ("accounts", "0002_refuse_change"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="award",
            name="employer_fee_least",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="award",
            name="employer_fee_percent",
            field=models.DecimalField(db_default=0, decimal_places=3, default=0, max_digits=6),
        ),
        migrations.AddField(
            model_name="award",
            name="freelancer_fee_least",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="award",
            name="freelancer_fee_percent",
            field=models.DecimalField(db_default=0, decimal_places=3, default=0, max_digits=6),
        ),
        migrations.AddConstraint(
            model_name="award",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("employer_fee_percent__range", (0, 100)), ("freelancer_fee_percent__range", (0, 100))
                ),
                name="award_fees_are_per_cent",
            ),
        ),
        migrations.AddConstraint(
            model_name="award",
            constraint=models.CheckConstraint(
                condition=models.Q(("employer_fee_least__gte", 0), ("freelancer_fee_least__gte", 0)),
                name="award_fees_not_below_zero",
            ),
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
