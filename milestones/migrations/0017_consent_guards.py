"""What was asked of both sides never changes, only what they answered; it has one end, and no row of it goes."""

from django.db import migrations

from config.guards import always

TABLE = "milestones_consentrequest"
GUARDS = ("stays_what_it_is", "ends_once", "no_delete", "no_truncate")
FIXED = ("id", "award_id", "milestone_id", "asked_by_id", "alone_limit", "note", "asked_at")
OLD, NEW = (", ".join(f"{row}.{column}" for column in FIXED) for row in ("OLD", "NEW"))
STAYS = f"""
    CREATE TRIGGER {TABLE}_stays_what_it_is BEFORE UPDATE ON {TABLE} FOR EACH ROW
        WHEN (({OLD}) IS DISTINCT FROM ({NEW})) EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER {TABLE}_ends_once BEFORE UPDATE ON {TABLE} FOR EACH ROW
        WHEN (OLD.state <> 'waiting') EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
""" + "".join(always(TABLE, f"{TABLE}_{guard}") for guard in GUARDS)


class Migration(migrations.Migration):
    dependencies = [("milestones", "0016_consents")]
    operations = [
        migrations.RunSQL(STAYS, "".join(f"DROP TRIGGER {TABLE}_{guard} ON {TABLE};" for guard in GUARDS)),
    ]
