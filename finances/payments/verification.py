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

CORRECTIONS: dict[str, str] = {
    "C%s is “%s” of %s; its transfer says “%s” of %s": """
        SELECT c.id, c.state, c.amount, coalesce(t.kind, 'none'), coalesce(t.amount, 0)
        FROM payments_correction c LEFT JOIN ledger_transfer t ON t.key = c.key
        WHERE (c.state = 'made') <> (t.id IS NOT NULL)
           OR t.id IS NOT NULL AND (c.transfer_id IS DISTINCT FROM t.id OR t.kind <> 'correction'
              OR t.amount <> c.amount OR t.currency <> c.currency OR t.leg <> 0
              OR t.debit_account_id <> c.debit_account_id OR t.credit_account_id <> c.credit_account_id)""",
    "T%s corrects, and no correction was made of it": """
        SELECT t.id FROM ledger_transfer t
        WHERE t.kind = 'correction'
          AND NOT EXISTS (SELECT 1 FROM payments_correction c WHERE c.transfer_id = t.id)""",
    "C%s of %s, above %s, was not confirmed by a second person": """
        SELECT c.id, c.amount, c.alone_limit FROM payments_correction c
        WHERE c.state = 'made' AND c.amount > c.alone_limit AND NOT EXISTS (
            SELECT 1 FROM payments_correctionevent e WHERE e.correction_id = c.id AND e.action = 'confirm'
                AND e.actor_id = c.confirmed_by_id AND e.actor_id <> c.proposed_by_id)""",
    "C%s has no transfer to correct that brought its payer money, or corrects more than there was": """
        SELECT c.id FROM payments_correction c JOIN ledger_transfer w ON w.id = c.corrects_id
        WHERE c.state = 'made' AND (w.credit_account_id <> c.debit_account_id OR w.amount < (
            SELECT sum(o.amount) FROM payments_correction o WHERE o.corrects_id = w.id AND o.state = 'made'))""",
}


def differences() -> Iterator[str]:
    """Yield a sentence for everything in which payments, withdrawals and the ledger disagree."""
    yield from _told(STORIES)


def corrections() -> Iterator[str]:
    """Yield a sentence for each correction without its transfer, its reference or its second person, and vice versa."""
    yield from _told(CORRECTIONS)


def _told(stories: dict[str, str]) -> Iterator[str]:
    with connection.cursor() as cursor:
        for sentence, query in stories.items():
            cursor.execute(query)
            for row in cursor.fetchall():
                yield sentence % row
