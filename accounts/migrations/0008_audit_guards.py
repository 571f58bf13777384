"""The audit in plain SQL: a trigger function that writes down what became of a row, and a function for what is no row.

Both run with their owner's rights on a fixed search_path, so that the app's production role can write an entry only by
writing a row, and none that says it was another deed. Who calls stands in the transaction's setting
``milepost.caller`` (``config.postgres``); where it says nothing, the role and the program of the session are named.
"""

from django.db import migrations

from config.guards import append_only, undo_append_only

APPLY = """
-- A value as the audit keeps it: no secrets, and no more than 2000 characters.
CREATE FUNCTION audit_shown(name text, value jsonb, masked text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN value IS NULL OR value = 'null' THEN value
        WHEN name = ANY (masked) OR name ~* '(password|secret|token)' THEN '"…"'::jsonb
        WHEN length(value::text) > 2000 THEN to_jsonb(left(value #>> '{}', 2000) || '…')
        ELSE value
    END
$$;

-- Its arguments: the column that is the key, and those of which only that they changed is kept.
CREATE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    caller jsonb := nullif(current_setting('milepost.caller', true), '')::jsonb;
    before jsonb;
    after jsonb;
    told jsonb := '{}';
    masked text[] := TG_ARGV[1:];
BEGIN
    IF caller ->> 'looking_by' IS NOT NULL THEN
        RAISE EXCEPTION '% of % is refused: who looks as a member changes nothing', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        after := to_jsonb(NEW);  -- the row is there to be read, so nothing of it is told twice
    ELSIF TG_OP = 'DELETE' THEN
        after := to_jsonb(OLD);
        SELECT jsonb_object_agg(key, audit_shown(key, value, masked)) INTO told FROM jsonb_each(after);
    ELSE
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NULL;
        END IF;
        before := to_jsonb(OLD);
        after := to_jsonb(NEW);
        SELECT jsonb_object_agg(key, jsonb_build_array(
                audit_shown(key, before -> key, masked), audit_shown(key, value, masked))) INTO told
            FROM jsonb_each(after) WHERE value IS DISTINCT FROM before -> key;
    END IF;
    INSERT INTO accounts_auditentry
            (at, action, table_name, row_id, member_id, looking_by_id, address, path, changes)
        VALUES (clock_timestamp(), lower(TG_OP), TG_TABLE_NAME, coalesce(left(after ->> TG_ARGV[0], 100), ''),
            (caller ->> 'member')::bigint, NULL, (caller ->> 'address')::inet,
            coalesce(caller ->> 'path',
                left('database: ' || session_user || ' ' || current_setting('application_name'), 400)),
            told);
    RETURN NULL;
END $$;

-- Writes down what is no row. Rows' own deeds it does not take: those are the trigger's to tell.
CREATE FUNCTION audit_note(deed text, told jsonb, caller jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF deed IN ('insert', 'update', 'delete') THEN
        RAISE EXCEPTION 'only the trigger of a row writes down its %', deed USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO accounts_auditentry
            (at, action, table_name, row_id, member_id, looking_by_id, address, path, changes)
        VALUES (clock_timestamp(), deed, '', coalesce(left(told ->> 'email', 100), ''), (caller ->> 'member')::bigint, (caller ->> 'looking_by')::bigint,
            (caller ->> 'address')::inet, left(coalesce(caller ->> 'path', ''), 400), told);
END $$;
"""
FUNCTIONS = ("audit_shown(text, jsonb, text[])", "audit_row()", "audit_note(text, jsonb, jsonb)")
SEAL = "".join(
    f"""
    DO $$ BEGIN
        EXECUTE format('ALTER FUNCTION {function} SET search_path = pg_catalog, %I, pg_temp', current_schema());
    END $$;
    REVOKE ALL ON FUNCTION {function} FROM PUBLIC;
    """
    for function in FUNCTIONS[1:]  # a function in SQL with a path of its own could not be inlined
)
UNDO = "DROP FUNCTION audit_note(text, jsonb, jsonb); DROP FUNCTION audit_row() CASCADE;" + (
    "DROP FUNCTION audit_shown(text, jsonb, text[]);"
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_audit"), ("accounts", "0002_refuse_change")]

    operations = [
        migrations.RunSQL(APPLY + SEAL, UNDO),
        migrations.RunSQL(append_only("accounts_auditentry"), undo_append_only("accounts_auditentry")),
    ]
