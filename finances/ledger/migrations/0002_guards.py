"""The ledger's rules, in plain SQL: a transfer moves the balances, and nothing else does."""

from django.db import migrations

from config.guards import append_only, undo_append_only

APPLY = """
CREATE SEQUENCE ledger_transfer_id_seq OWNED BY ledger_transfer.id;
ALTER TABLE ledger_transfer ALTER COLUMN created_at SET DEFAULT now();
ALTER TABLE ledger_transfer ALTER COLUMN leg SET DEFAULT 0;
-- Room in each page for the new versions of rows whose balances change often.
ALTER TABLE ledger_account SET (fillfactor = 50);
ALTER TABLE ledger_account ADD COLUMN folded boolean NOT NULL
    GENERATED ALWAYS AS (kind IN ('fees', 'clearing')) STORED;

CREATE FUNCTION ledger_apply_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Both accounts are locked in id order, as everywhere, so that no two transfers wait for each other.
    PERFORM 1 FROM ledger_account
        WHERE id IN (NEW.debit_account_id, NEW.credit_account_id) AND NOT folded
        ORDER BY id FOR NO KEY UPDATE;

    -- Done before: the same operation again. posting.py reads what it did then.
    IF EXISTS (SELECT 1 FROM ledger_transfer WHERE key = NEW.key AND leg = NEW.leg) THEN
        RETURN NULL;
    END IF;

    -- The id is taken while the locks are held, so that an account's rows in id order are its history.
    NEW.id := nextval('ledger_transfer_id_seq');
    NEW.debit_sequence := NULL;  NEW.debit_balance := NULL;
    NEW.credit_sequence := NULL; NEW.credit_balance := NULL;
    IF NEW.amount IS NULL OR NEW.amount <= 0 OR NEW.debit_account_id = NEW.credit_account_id THEN
        RETURN NEW;  -- the table's own constraints refuse it, by name
    END IF;

    UPDATE ledger_account SET balance = balance - NEW.amount, sequence = sequence + 1
        WHERE id = NEW.debit_account_id AND currency = NEW.currency AND NOT folded
        RETURNING sequence, balance INTO NEW.debit_sequence, NEW.debit_balance;
    IF NOT FOUND THEN
        PERFORM ledger_defer(NEW.id, NEW.debit_account_id, NEW.currency, -NEW.amount);
    END IF;

    UPDATE ledger_account SET balance = balance + NEW.amount, sequence = sequence + 1
        WHERE id = NEW.credit_account_id AND currency = NEW.currency AND NOT folded
        RETURNING sequence, balance INTO NEW.credit_sequence, NEW.credit_balance;
    IF NOT FOUND THEN
        PERFORM ledger_defer(NEW.id, NEW.credit_account_id, NEW.currency, NEW.amount);
    END IF;
    RETURN NEW;
END $$;

-- Notes a change for a folded account; refuses an account that does not exist or keeps another currency.
CREATE FUNCTION ledger_defer(transfer bigint, account bigint, code varchar, change bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_pending (transfer_id, account_id, amount)
        SELECT transfer, id, change FROM ledger_account WHERE id = account AND currency = code AND folded;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'account % does not exist in %', account, code USING ERRCODE = 'foreign_key_violation';
    END IF;
END $$;

CREATE TRIGGER ledger_transfer_apply BEFORE INSERT ON ledger_transfer
    FOR EACH ROW EXECUTE FUNCTION ledger_apply_transfer();

-- Deleting pending rows is folding them: exactly the rows taken are added up, so none is lost or taken twice.
CREATE FUNCTION ledger_fold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM ledger_account WHERE id IN (SELECT account_id FROM taken) ORDER BY id FOR NO KEY UPDATE;

    WITH numbered AS (
        SELECT taken.*, account.sequence + row_number() OVER history AS new_sequence,
               account.balance + sum(taken.amount) OVER history AS new_balance
        FROM taken JOIN ledger_account account ON account.id = taken.account_id
        WINDOW history AS (PARTITION BY taken.account_id ORDER BY taken.transfer_id)
    )
    UPDATE ledger_transfer transfer SET
        debit_sequence  = CASE WHEN numbered.amount < 0 THEN new_sequence ELSE debit_sequence END,
        debit_balance   = CASE WHEN numbered.amount < 0 THEN new_balance  ELSE debit_balance END,
        credit_sequence = CASE WHEN numbered.amount > 0 THEN new_sequence ELSE credit_sequence END,
        credit_balance  = CASE WHEN numbered.amount > 0 THEN new_balance  ELSE credit_balance END
    FROM numbered WHERE transfer.id = numbered.transfer_id;

    UPDATE ledger_account account SET balance = balance + total, sequence = sequence + changes
    FROM (SELECT account_id, sum(amount) AS total, count(*) AS changes FROM taken GROUP BY account_id) sums
    WHERE account.id = sums.account_id;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_pending_fold AFTER DELETE ON ledger_pending
    REFERENCING OLD TABLE AS taken FOR EACH STATEMENT EXECUTE FUNCTION ledger_fold();
CREATE TRIGGER ledger_pending_no_insert BEFORE INSERT ON ledger_pending
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_pending_no_update BEFORE UPDATE ON ledger_pending
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_pending_no_truncate BEFORE TRUNCATE ON ledger_pending
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An account starts empty; its balance then moves only inside the triggers above; it stays for ever.
CREATE TRIGGER ledger_account_starts_empty BEFORE INSERT ON ledger_account
    FOR EACH ROW WHEN (NEW.balance <> 0 OR NEW.sequence <> 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_account_stays_what_it_is BEFORE UPDATE ON ledger_account
    FOR EACH ROW WHEN ((OLD.id, OLD.owner_id, OLD.kind, OLD.currency)
                       IS DISTINCT FROM (NEW.id, NEW.owner_id, NEW.kind, NEW.currency))
    EXECUTE FUNCTION refuse_change();

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

UNDO = """
DROP TRIGGER ledger_transfer_stays_what_it_is ON ledger_transfer;
DROP TRIGGER ledger_account_stays_what_it_is ON ledger_account;
DROP TRIGGER ledger_account_starts_empty ON ledger_account;
DROP TRIGGER ledger_pending_no_truncate ON ledger_pending;
DROP TRIGGER ledger_pending_no_update ON ledger_pending;
DROP TRIGGER ledger_pending_no_insert ON ledger_pending;
DROP TRIGGER ledger_pending_fold ON ledger_pending;
DROP TRIGGER ledger_transfer_apply ON ledger_transfer;
DROP FUNCTION ledger_fold();
DROP FUNCTION ledger_defer(bigint, bigint, varchar, bigint);
DROP FUNCTION ledger_apply_transfer();
ALTER TABLE ledger_account DROP COLUMN folded;
DROP SEQUENCE ledger_transfer_id_seq;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("accounts", "0002_refuse_change")]

    operations = [
        migrations.RunSQL(APPLY, UNDO),
        migrations.RunSQL(
            append_only("ledger_transfer", but_update_in_triggers=True), undo_append_only("ledger_transfer")
        ),
        migrations.RunSQL(
            append_only("ledger_account", but_update_in_triggers=True), undo_append_only("ledger_account")
        ),
    ]
