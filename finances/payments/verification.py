"""Every payment's and withdrawal's story, added up anew from the ledger's transfers (``verify_ledger``)."""

from collections.abc import Iterator

from django.db import connection

STORIES: dict[str, str] = {
    "P%s is “%s” of %s; its transfer says “%s” of %s": """
        SELECT p.id, p.state, p.amount, coalesce(t.kind, 'none'), coalesce(t.amount, 0)
        FROM payments_payment p LEFT JOIN ledger_transfer t ON t.key = p.key
        LEFT JOIN ledger_account w ON w.id = t.credit_account_id
        LEFT JOIN ledger_account c ON c.id = t.debit_account_id
        WHERE (p.state = 'succeeded') <> (t.id IS NOT NULL)
           OR t.id IS NOT NULL AND (p.transfer_id IS DISTINCT FROM t.id OR t.kind <> 'deposit' OR t.amount <> p.amount
              OR t.currency <> p.currency OR w.kind <> 'wallet' OR w.owner_id <> p.owner_id OR c.kind <> 'clearing')""",
    "W%s is “%s” of %s; its transfers took %s out of the wallet, %s arrived and %s came back": """
        WITH moved AS (
            SELECT e.withdrawal_id AS id,
                coalesce(sum(t.amount) FILTER (WHERE d.kind = 'wallet' AND c.kind = 'payout'
                    AND d.owner_id = w.owner_id AND c.owner_id = w.owner_id AND t.currency = w.currency), 0) AS taken,
                coalesce(sum(t.amount) FILTER (WHERE d.kind = 'payout' AND c.kind = 'clearing'
                    AND d.owner_id = w.owner_id AND t.currency = w.currency), 0) AS arrived,
                coalesce(sum(t.amount) FILTER (WHERE d.kind IN ('payout', 'clearing') AND c.kind = 'wallet'
                    AND c.owner_id = w.owner_id AND t.currency = w.currency), 0) AS back
            FROM payments_withdrawalevent e JOIN payments_withdrawal w ON w.id = e.withdrawal_id
            JOIN ledger_transfer t ON t.id = e.transfer_id
            JOIN ledger_account d ON d.id = t.debit_account_id JOIN ledger_account c ON c.id = t.credit_account_id
            GROUP BY 1)
        SELECT w.id, w.state, w.amount, coalesce(m.taken, 0), coalesce(m.arrived, 0), coalesce(m.back, 0)
        FROM payments_withdrawal w LEFT JOIN moved m USING (id)
        WHERE coalesce(m.taken, 0) <> w.amount
           OR coalesce(m.arrived, 0) <> CASE WHEN w.state = 'paid' THEN w.amount
                                             WHEN w.state = 'failed' THEN coalesce(m.arrived, 0) ELSE 0 END
           OR coalesce(m.arrived, 0) NOT IN (0, w.amount)
           OR coalesce(m.back, 0) <> CASE WHEN w.state IN ('failed', 'cancelled') THEN w.amount ELSE 0 END""",
    "member %s has %s %s in flight; their withdrawals say %s": """
        WITH sums AS (
            SELECT owner_id, currency, sum(amount) AS amount FROM payments_withdrawal
            WHERE state IN ('requested', 'sending', 'sent') GROUP BY 1, 2)
        SELECT coalesce(a.owner_id, s.owner_id), coalesce(a.balance, 0), coalesce(a.currency, s.currency),
               coalesce(s.amount, 0)
        FROM (SELECT * FROM ledger_account WHERE kind = 'payout') a
        FULL JOIN sums s ON s.owner_id = a.owner_id AND s.currency = a.currency
        WHERE coalesce(a.balance, 0) <> coalesce(s.amount, 0)""",
}


def differences() -> Iterator[str]:
    """Yield a sentence for everything in which payments, withdrawals and the ledger disagree."""
    with connection.cursor() as cursor:
        for sentence, query in STORIES.items():
            cursor.execute(query)
            for row in cursor.fetchall():
                yield sentence % row
