"""The ledger's rules, in plain SQL: a transfer moves the balances, and nothing else does.

The functions that move balances run with their owner's rights (SECURITY DEFINER) on a fixed search_path, so that the
app's production role needs no right to change an account or a transfer, and can put nothing in between. The guards
are ENABLE ALWAYS: ``session_replication_role`` does not switch them off.
"""

from django.db import migrations

from config.guards import always, append_only, undo_append_only

APPLY = """
CREATE SEQUENCE ledger_transfer_id_seq OWNED BY ledger_transfer.id;
ALTER TABLE ledger_transfer ALTER COLUMN created_at SET DEFAULT now();
ALTER TABLE ledger_transfer ALTER COLUMN leg SET DEFAULT 0;
-- Room in each page for the new versions of rows whose balances change often.
ALTER TABLE ledger_account SET (fillfactor = 50);

CREATE FUNCTION ledger_apply_transfer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    -- The account with the lower id is locked first, as everywhere, so that no two transfers wait for each other;
    -- the other one is locked by its UPDATE below. From here on the same operation waits for its twin to end.
    -- Two look-ups by key, the second one rare: one query over both ids would have to sort, at every transfer.
    PERFORM 1 FROM ledger_account
        WHERE id = least(NEW.debit_account_id, NEW.credit_account_id) AND kind NOT IN ('fees', 'clearing')
        FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM 1 FROM ledger_account
            WHERE id = greatest(NEW.debit_account_id, NEW.credit_account_id) AND kind NOT IN ('fees', 'clearing')
            FOR NO KEY UPDATE;
    END IF;

    -- Done before: the same operation again. posting.py reads what it did then.
    IF EXISTS (SELECT 1 FROM ledger_transfer WHERE key = NEW.key AND leg = NEW.leg) THEN
        RETURN NULL;
    END IF;

    NEW.debit_sequence := NULL;  NEW.debit_balance := NULL;
    NEW.credit_sequence := NULL; NEW.credit_balance := NULL;
    IF NEW.amount IS NULL OR NEW.amount <= 0 OR NEW.debit_account_id = NEW.credit_account_id THEN
        NEW.id := 0;
        RETURN NEW;  -- the table's own constraints refuse it, by name
    END IF;

    UPDATE ledger_account SET balance = balance - NEW.amount, sequence = sequence + 1
        WHERE id = NEW.debit_account_id AND currency = NEW.currency AND kind NOT IN ('fees', 'clearing')
        RETURNING sequence, balance INTO NEW.debit_sequence, NEW.debit_balance;
    UPDATE ledger_account SET balance = balance + NEW.amount, sequence = sequence + 1
        WHERE id = NEW.credit_account_id AND currency = NEW.currency AND kind NOT IN ('fees', 'clearing')
        RETURNING sequence, balance INTO NEW.credit_sequence, NEW.credit_balance;

    -- The id is taken once the locks are held, so that an account's rows in id order are its history.
    NEW.id := nextval('ledger_transfer_id_seq');
    IF NEW.debit_sequence IS NULL THEN
        IF EXISTS (SELECT 1 FROM ledger_account
                   WHERE id = NEW.debit_account_id AND currency = NEW.currency AND kind = 'fees') THEN
            -- Fees can't go below zero, so they leave at once, after what has come in is folded.
            DELETE FROM ledger_pending WHERE account_id = NEW.debit_account_id;
            UPDATE ledger_account SET balance = balance - NEW.amount, sequence = sequence + 1
                WHERE id = NEW.debit_account_id
                RETURNING sequence, balance INTO NEW.debit_sequence, NEW.debit_balance;
        ELSE
            PERFORM ledger_defer(NEW.id, NEW.debit_account_id, NEW.currency, -NEW.amount);
        END IF;
    END IF;
    IF NEW.credit_sequence IS NULL THEN
        PERFORM ledger_defer(NEW.id, NEW.credit_account_id, NEW.currency, NEW.amount);
    END IF;
    RETURN NEW;
END $$;

-- Notes a change for a folded account; refuses an account that does not exist or keeps another currency.
CREATE FUNCTION ledger_defer(transfer bigint, account bigint, code varchar, change bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_pending (transfer_id, account_id, amount)
        SELECT transfer, id, change FROM ledger_account WHERE id = account AND currency = code
            AND kind IN ('fees', 'clearing');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'account % does not exist in %', account, code USING ERRCODE = 'foreign_key_violation';
    END IF;
END $$;

CREATE TRIGGER ledger_transfer_apply BEFORE INSERT ON ledger_transfer
    FOR EACH ROW EXECUTE FUNCTION ledger_apply_transfer();

-- Locks the accounts of an operation of several legs in id order; true if no leg of it has been written yet.
CREATE FUNCTION ledger_prepare(operation uuid, accounts bigint[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM 1 FROM ledger_account WHERE id = ANY (accounts) AND kind NOT IN ('fees', 'clearing')
        ORDER BY id FOR NO KEY UPDATE;
    RETURN NOT EXISTS (SELECT 1 FROM ledger_transfer WHERE key = operation);
END $$;

-- Deleting pending rows is folding them: exactly the rows taken are added up, so none is lost or taken twice.
CREATE FUNCTION ledger_fold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM 1 FROM ledger_account WHERE id IN (SELECT account_id FROM taken) ORDER BY id FOR NO KEY UPDATE;

    WITH numbered AS (
        SELECT taken.*, account.sequence + row_number() OVER history AS new_sequence,
               account.balance + sum(taken.amount) OVER history AS new_balance
        FROM taken JOIN ledger_account account ON account.id = taken.account_id
        WINDOW history AS (PARTITION BY taken.account_id ORDER BY taken.transfer_id)
    ), stamps AS (  -- a transfer between two folded accounts is taken twice and must be updated once
        SELECT transfer_id,
            max(new_sequence) FILTER (WHERE amount < 0) AS debit_sequence,
            max(new_balance)  FILTER (WHERE amount < 0) AS debit_balance,
            max(new_sequence) FILTER (WHERE amount > 0) AS credit_sequence,
            max(new_balance)  FILTER (WHERE amount > 0) AS credit_balance
        FROM numbered GROUP BY transfer_id
    )
    UPDATE ledger_transfer transfer SET
        debit_sequence  = coalesce(transfer.debit_sequence,  stamps.debit_sequence),
        debit_balance   = coalesce(transfer.debit_balance,   stamps.debit_balance),
        credit_sequence = coalesce(transfer.credit_sequence, stamps.credit_sequence),
        credit_balance  = coalesce(transfer.credit_balance,  stamps.credit_balance)
    FROM stamps WHERE transfer.id = stamps.transfer_id;

    UPDATE ledger_account account SET balance = balance + total, sequence = sequence + changes
    FROM (SELECT account_id, sum(amount) AS total, count(*) AS changes FROM taken GROUP BY account_id) sums
    WHERE account.id = sums.account_id;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_pending_fold AFTER DELETE ON ledger_pending
    REFERENCING OLD TABLE AS taken FOR EACH STATEMENT EXECUTE FUNCTION ledger_fold();

-- Folds the oldest pending rows that nobody else is folding just now; returns how many.
CREATE FUNCTION ledger_fold_some(most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    folded integer;
BEGIN
    -- Materialized: as a plain subquery it may be run anew for each row, and its limit with it.
    WITH oldest AS MATERIALIZED (
        SELECT transfer_id, account_id FROM ledger_pending ORDER BY transfer_id LIMIT most FOR UPDATE SKIP LOCKED)
    DELETE FROM ledger_pending p USING oldest
        WHERE (p.transfer_id, p.account_id) = (oldest.transfer_id, oldest.account_id);
    GET DIAGNOSTICS folded = ROW_COUNT;
    RETURN folded;
END $$;

CREATE TRIGGER ledger_pending_no_insert BEFORE INSERT ON ledger_pending
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_pending_no_update BEFORE UPDATE ON ledger_pending
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_pending_no_truncate BEFORE TRUNCATE ON ledger_pending
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An account starts empty, with a currency and an owner that fit. Since none of this ever changes it is looked at
-- here and not by CHECK constraints, which PostgreSQL would evaluate again with each change of the balance.
CREATE FUNCTION ledger_open_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.balance <> 0 OR NEW.sequence <> 0 THEN
        RAISE EXCEPTION 'an account starts empty' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.currency !~ '^[A-Z]{3}$' THEN
        RAISE EXCEPTION 'account_currency_is_a_code: %', NEW.currency USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind NOT IN ('wallet', 'payout', 'escrow', 'fees', 'clearing')
            OR (NEW.kind IN ('wallet', 'payout')) <> (NEW.owner_id IS NOT NULL) THEN
        RAISE EXCEPTION 'account_owner_fits_kind: %', NEW.kind USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_account_open BEFORE INSERT ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_open_account();
-- Its balance moves only inside the triggers above; the rest of it never; and it stays for ever. These guards look at
-- statements, not rows: a row guard would cost each transfer a tenth of its time.
CREATE TRIGGER ledger_account_no_update BEFORE UPDATE ON ledger_account
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_account_stays_what_it_is BEFORE UPDATE OF id, owner_id, kind, currency ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_account_no_delete BEFORE DELETE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_account_no_truncate BEFORE TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A written transfer takes nothing but the stamps that folding gives it, once.
CREATE TRIGGER ledger_transfer_stays_what_it_is BEFORE UPDATE ON ledger_transfer
    FOR EACH ROW WHEN (
        (OLD.id, OLD.key, OLD.leg, OLD.debit_account_id, OLD.credit_account_id, OLD.amount, OLD.currency, OLD.kind,
         OLD.created_at)
            IS DISTINCT FROM
        (NEW.id, NEW.key, NEW.leg, NEW.debit_account_id, NEW.credit_account_id, NEW.amount, NEW.currency, NEW.kind,
         NEW.created_at)
        OR OLD.debit_sequence IS NOT NULL AND OLD.debit_sequence IS DISTINCT FROM NEW.debit_sequence
        OR OLD.debit_balance IS NOT NULL AND OLD.debit_balance IS DISTINCT FROM NEW.debit_balance
        OR OLD.credit_sequence IS NOT NULL AND OLD.credit_sequence IS DISTINCT FROM NEW.credit_sequence
        OR OLD.credit_balance IS NOT NULL AND OLD.credit_balance IS DISTINCT FROM NEW.credit_balance)
    EXECUTE FUNCTION refuse_change();
"""

FUNCTIONS = (
    "ledger_apply_transfer()",
    "ledger_defer(bigint, bigint, varchar, bigint)",
    "ledger_prepare(uuid, bigint[])",
    "ledger_fold()",
    "ledger_fold_some(integer)",
    "ledger_open_account()",
)

# A session's own search_path, or a table in pg_temp, must not come between a function and the tables it means. And
# nobody else may hang these functions on a table of their own, or call them, unless granted (create_app_role).
SEAL = "".join(
    f"""
    DO $$ BEGIN
        EXECUTE format('ALTER FUNCTION {function} SET search_path = pg_catalog, %I, pg_temp', current_schema());
    END $$;
    REVOKE ALL ON FUNCTION {function} FROM PUBLIC;
    """
    for function in FUNCTIONS
)

TRIGGERS = {
    "ledger_transfer": ("apply", "stays_what_it_is"),
    "ledger_pending": ("fold", "no_insert", "no_update", "no_truncate"),
    "ledger_account": ("open", "no_update", "stays_what_it_is", "no_delete", "no_truncate"),
}
ALWAYS = "".join(always(table, f"{table}_{name}") for table, names in TRIGGERS.items() for name in names)

UNDO = (
    "".join(f"DROP TRIGGER {table}_{name} ON {table};" for table, names in TRIGGERS.items() for name in names)
    + "".join(f"DROP FUNCTION {function};" for function in FUNCTIONS)
    + """
    ALTER TABLE ledger_transfer ALTER COLUMN leg DROP DEFAULT, ALTER COLUMN created_at DROP DEFAULT;
    DROP SEQUENCE ledger_transfer_id_seq;
    """
)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("accounts", "0002_refuse_change")]

    operations = [
        migrations.RunSQL(APPLY + SEAL + ALWAYS, UNDO),
        migrations.RunSQL(
            append_only("ledger_transfer", but_update_in_triggers=True), undo_append_only("ledger_transfer")
        ),
    ]
