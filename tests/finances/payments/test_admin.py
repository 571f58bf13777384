"""Staff read payments, withdrawals and comparisons, and give back only what is under review (P70)."""

import pytest

from django.contrib.auth.models import Permission
from django.utils.html import escape

from finances.ledger.models import Account
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


def give_back(client, payment):
    data = {"action": "give_back", "_selected_action": [payment.pk]}
    return client.post("/admin/payments/payment/", data, follow=True).content.decode()


def test_p70_what_is_under_review_is_given_back_once(review, erin, provider, staff):
    assert f"P{review.pk} was given back." in give_back(staff, review)
    assert "This can&#x27;t be done any more" in give_back(staff, review)
    review.refresh_from_db()
    assert review.state == "refunded"
    assert provider.calls.count("refund") == 1
    assert Account.wallet(erin.pk, "EUR").balance == 0
    assert review.events.latest("id").actor.name == "Root"


def test_what_is_paid_is_not_given_back(card, erin, provider, staff):
    payment = charging.charge(begin(card))
    assert "This can&#x27;t be done any more" in give_back(staff, payment)
    assert "refund" not in provider.calls
    assert Account.wallet(erin.pk, "EUR").balance == 20_000


def test_while_the_provider_is_down_it_says_so(review, provider, staff):
    provider.down = True
    assert "the provider does not answer" in give_back(staff, review)
    review.refresh_from_db()
    assert review.state == "review"


def test_reading_is_not_enough_to_give_back(review, provider, reader):
    assert reader.get("/admin/payments/payment/").status_code == 200
    give_back(reader, review)
    review.refresh_from_db()
    assert review.state == "review"
    assert "refund" not in provider.calls
