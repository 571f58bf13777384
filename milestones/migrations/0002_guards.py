"""A milestone's parties, sum and escrow never change; its events are history."""

from django.db import migrations

from config.guards import append_only, undo_append_only

GUARDS = """
ALTER TABLE milestones_milestone ADD CONSTRAINT milestone_parties_are_the_awards
    FOREIGN KEY (award_id, employer_id, freelancer_id, currency)
    REFERENCES projects_award (id, employer_id, freelancer_id, currency);
CREATE TRIGGER milestones_milestone_stays_what_it_is BEFORE UPDATE ON milestones_milestone
    FOR EACH ROW WHEN (
        (OLD.id, OLD.award_id, OLD.employer_id, OLD.freelancer_id, OLD.currency, OLD.amount, OLD.escrow_id,
         OLD.created_at)
            IS DISTINCT FROM
        (NEW.id, NEW.award_id, NEW.employer_id, NEW.freelancer_id, NEW.currency, NEW.amount, NEW.escrow_id,
         NEW.created_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER milestones_milestone_no_delete BEFORE DELETE ON milestones_milestone
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER milestones_milestone_no_truncate BEFORE TRUNCATE ON milestones_milestone
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
UNDO = """
DROP TRIGGER milestones_milestone_no_truncate ON milestones_milestone;
DROP TRIGGER milestones_milestone_no_delete ON milestones_milestone;
DROP TRIGGER milestones_milestone_stays_what_it_is ON milestones_milestone;
ALTER TABLE milestones_milestone DROP CONSTRAINT milestone_parties_are_the_awards;
"""


class Migration(migrations.Migration):
    dependencies = [("milestones", "0001_initial"), ("projects", "0002_guards"), ("ledger", "0002_guards")]
    operations = [
        migrations.RunSQL(GUARDS, UNDO),
        migrations.RunSQL(append_only("milestones_milestoneevent"), undo_append_only("milestones_milestoneevent")),
    ]
