"""Takes what is pending into the balances of the accounts that everybody's money passes through."""

from django.db import connection


def fold(batch: int = 5000) -> int:
    """Fold up to *batch* pending changes and return how many there were. Safe to run in several places at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_fold_some(%s)", [batch])
        return int(cursor.fetchone()[0])
