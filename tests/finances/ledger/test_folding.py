"""Folding what is pending into the accounts that everybody's money passes through."""

from finances.ledger.folding import fold
from finances.ledger.models import Account, Pending
from tests.money import EUR


def test_it_takes_no_more_than_it_is_told(erin, fund):
    for _ in range(3):
        fund(erin, EUR("1.00"))
    assert [fold(1), fold(1), fold(5), fold(5)] == [1, 1, 1, 0]
    assert not Pending.objects.exists()
    assert Account.platform("clearing", "EUR").balance == -300
