"""A milestone keeps its employer's fee in an account of its own, and its events say what each side paid."""

import django.db.models.deletion
from django.db import migrations, models

from config.guards import always

GUARD = """
CREATE TRIGGER milestones_milestone_keeps_its_fee_account BEFORE UPDATE ON milestones_milestone
    FOR EACH ROW WHEN (OLD.fee_escrow_id IS DISTINCT FROM NEW.fee_escrow_id) EXECUTE FUNCTION refuse_change();
""" + always("milestones_milestone", "milestones_milestone_keeps_its_fee_account")
UNDO = "DROP TRIGGER milestones_milestone_keeps_its_fee_account ON milestones_milestone;"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_verification"),
        ("milestones", "0005_names"),
        ("projects", "0006_fees"),
    ]

    operations = [
        migrations.AddField(
            model_name="milestone",
            name="fee_escrow",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="milestone_of_fee",
                to="ledger.account",
            ),
        ),
        migrations.AddField(
            model_name="milestoneevent",
            name="employer_fee",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="milestoneevent",
            name="freelancer_fee",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
