"""Months are found in an account's history without reading it; tests of statements try every border (P50)."""

import datetime
import uuid

import time_machine

from finances.ledger import months
from finances.ledger.models import Account
from finances.payments.deposits import record_deposit
from tests.money import EUR, JPY


def test_months_are_counted_over_new_year():
    day = datetime.date(2026, 11, 1)
    assert [months.later(day, n) for n in (0, 1, 2, -11, 14)] == [
        datetime.date(2026, 11, 1),
        datetime.date(2026, 12, 1),
        datetime.date(2027, 1, 1),
        datetime.date(2025, 12, 1),
        datetime.date(2028, 1, 1),
    ]


def test_two_accounts_and_many_months_are_found_at_once(erin, django_assert_num_queries):
    for n in range(1, 10):
        with time_machine.travel(datetime.datetime(2026, n, 1, tzinfo=datetime.UTC)):
            record_deposit(erin, EUR("1.00"), key=uuid.uuid4())
            record_deposit(erin, JPY("1"), key=uuid.uuid4())
    wallets = list(Account.objects.filter(owner=erin))
    asked = [datetime.date(2026, n, 1) for n in range(1, 13)]
    with django_assert_num_queries(1):
        found = months.borders(wallets, asked)
    for wallet in wallets:
        assert [found[wallet.pk, month].sequence for month in asked] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9]
