"""Staff read payments, withdrawals and comparisons (P70)."""

import pytest

from django.contrib.auth.models import Permission
from django.utils.html import escape

from finances.payments import charging, withdrawing
from finances.payments.gateways import Outcome
from finances.payments.models import Delivery, Payment, Reconciliation
from finances.payments.reconciliation import compare_and_record
from tests import factories
from tests.finances.payments.test_charging import begin
from tests.finances.payments.test_withdrawing import ask, due

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(settings, signed_in):
    settings.STAFF_SECOND_FACTOR = False
    return signed_in(factories.MemberFactory(name="Root", is_staff=True, is_superuser=True))


@pytest.fixture
def reader(settings, signed_in, sue):
    settings.STAFF_SECOND_FACTOR = False
    sue.user_permissions.add(Permission.objects.get(codename="view_payment"))
    return signed_in(sue)


@pytest.fixture
def review(card, provider) -> Payment:
    provider.next = Outcome.PROCESSING
    payment = charging.charge(begin(card))
    provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED, amount=20_500)
    provider.next = Outcome.SUCCEEDED
    return charging.look_up(payment)


def test_p70_every_list_and_every_story_can_be_read(review, account, wes, fund, provider, staff):
    fund(wes)
    withdrawal = withdrawing.send(due(ask(account)))
    Delivery.objects.create(gateway="sandbox", event_id="e1", kind="charge")
    compare_and_record()
    for address, words in (
        ("payment/", f"P{review.pk}"),
        (f"payment/?q=P{review.pk}", "€200.00"),
        (f"payment/{review.pk}/change/", "€205.00"),
        ("withdrawal/?q=wes@", f"W{withdrawal.pk}"),
        (f"withdrawal/{withdrawal.pk}/change/", "Paid out"),
        ("paymentsource/", "Visa ···· 4242"),
        ("payoutdestination/", "Testbank ···· 7890"),
        ("delivery/", "e1"),
        ("reconciliation/", "sandbox"),
        (f"reconciliation/{Reconciliation.objects.get().pk}/change/", "The provider holds €145.00"),
    ):
        answer = staff.get(f"/admin/payments/{address}")
        assert answer.status_code == 200
        assert escape(words) in answer.content.decode(), address
