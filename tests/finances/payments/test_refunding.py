"""Giving back what is under review (P70, P71): a reason, asked twice, by two above a sum, once, and on record."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine

from django.core.exceptions import PermissionDenied
from django.db import connections
from django.utils import timezone

from accounts.models import Member, Notification
from config.refusals import KeyConflict, WrongState
from finances.ledger.models import Account
from finances.payments import charging, refunding
from finances.payments.gateways import Outcome, Unreachable
from finances.payments.models import Payment
from tests.finances.payments.refunds import give_back, of_finance
from tests.finances.payments.test_charging import begin
from tests.steps import page, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(settings) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def freya(settings) -> Member:
    settings.CORRECTION_ALONE_LIMIT = {"EUR": 20_499}
    return of_finance("Freya")


@pytest.fixture
def review(card, provider) -> Payment:
    """€205.00 were taken where €200.00 had been asked for."""
    provider.next = Outcome.PROCESSING
    payment = charging.charge(begin(card))
    provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED, amount=20_500)
    provider.next = Outcome.SUCCEEDED
    return charging.look_up(payment)


def address(payment: Payment) -> str:
    return f"/admin/payments/payment/{payment.pk}/refund/"


def actions(payment: Payment) -> list[str]:
    return list(payment.events.order_by("pk").values_list("action", flat=True))


def test_it_is_asked_twice_with_its_reason_and_done_once(review, erin, finn, trusted, provider):
    client = trusted(finn)
    assert address(review) in client.get(f"/admin/payments/payment/{review.pk}/change/").text
    assert "Yes, give back" not in page(client.get(address(review)))
    assert client.post(address(review), {"note": " "}).status_code == 422
    shown = client.post(address(review), {"note": "Took <b>more</b>."})
    assert "Took &lt;b&gt;more&lt;/b&gt;." in shown.text
    assert "Yes, give back €205.00" in page(shown)
    assert "refund" not in provider.calls
    token = token_of(shown)
    for _ in range(2):
        answer = client.post(address(review), {"token": token}, follow=True)
        assert f"P{review.pk} was given back." in page(answer)
    review.refresh_from_db()
    assert review.state == "refunded"
    assert provider.calls.count("refund") == 1
    assert Account.wallet(erin.pk, "EUR").balance == 0
    decided = review.events.get(action="refund")
    assert (decided.actor, decided.note, decided.shown["amount"]) == (finn, "Took <b>more</b>.", 20_500)
    assert decided.address == "127.0.0.1"
    assert Notification.objects.filter(member=erin, kind="payment-refunded").count() == 1
    assert client.get(address(review)).status_code == 409


def test_above_the_sum_a_second_person_gives_it_back(review, freya, trusted, provider):
    client = trusted(freya)
    shown = client.post(address(review), {"note": "Took more."})
    assert "until a second person" in page(shown)
    finn = of_finance("Finn")
    answer = client.post(address(review), {"token": token_of(shown)}, follow=True)
    assert "a second person must confirm it" in page(answer)
    assert actions(review)[-1] == "refund_proposed"
    assert "refund" not in provider.calls
    assert client.get(address(review)).status_code == 409, "not by who proposed it"
    assert not Notification.objects.filter(member=freya, kind="payment-refund-waiting").exists()
    assert Notification.objects.filter(member=finn, kind="payment-refund-waiting").count() == 1
    other = trusted(finn)
    shown = other.post(address(review), {"note": "So it is."})
    assert "Proposed by" in page(shown)
    assert "Took more." in page(shown)
    other.post(address(review), {"token": token_of(shown)})
    review.refresh_from_db()
    assert review.state == "refunded"
    assert actions(review)[-3:] == ["refund_proposed", "refund", "refunded"]


def test_what_was_shown_before_a_proposal_holds_no_more(review, freya, trusted, provider):
    finn = of_finance("Finn")
    client = trusted(finn)
    token = token_of(client.post(address(review), {"note": "Took more."}))
    give_back(review, by=freya)
    assert client.post(address(review), {"token": token}).status_code == 409
    assert "refund" not in provider.calls


def test_a_proposal_waits_fourteen_days(review, freya, provider):
    give_back(review, by=freya)
    with time_machine.travel(timezone.now() + refunding.WAITS + timedelta(minutes=1), tick=False):
        give_back(review, by=of_finance("Finn"))
        assert actions(review)[-2:] == ["refund_proposed", "refund_proposed"]
    assert "refund" not in provider.calls


def test_a_currency_without_a_limit_needs_two(review, finn, settings, provider):
    settings.CORRECTION_ALONE_LIMIT = {"USD": 1_000_000}
    give_back(review, by=finn)
    assert actions(review)[-1] == "refund_proposed"
    with pytest.raises(WrongState):
        give_back(review, by=finn)
    assert "refund" not in provider.calls


def test_nobody_gives_back_their_own_or_without_the_right(review, erin, sue, finn, trusted, signed_in):
    with pytest.raises(PermissionDenied):
        give_back(review, by=sue)
    assert signed_in(sue).get(address(review)).status_code == 403
    assert signed_in(sue).post(address(review), {"note": "Please."}).status_code == 403
    assert signed_in(finn).get(address(review)).status_code == 302, "their password first"
    erin.is_staff = True
    erin.save()
    erin.groups.set(finn.groups.all())
    assert trusted(erin).get(address(review)).status_code == 403


def test_the_list_offers_no_action(review, finn, trusted):
    data = {"action": "give_back", "_selected_action": [review.pk]}
    trusted(finn).post("/admin/payments/payment/", data)
    review.refresh_from_db()
    assert review.state == "review"


def test_while_the_provider_is_down_it_says_so_and_is_done_later(review, finn, trusted, provider):
    client = trusted(finn)
    token = token_of(client.post(address(review), {"note": "Took more."}))
    provider.down = True
    assert "the provider does not answer" in page(client.post(address(review), {"token": token}, follow=True))
    review.refresh_from_db()
    assert review.state == "review"
    with pytest.raises(Unreachable):
        give_back(review, by=finn)
    provider.down = False
    client.post(address(review), {"token": token})
    review.refresh_from_db()
    assert review.state == "refunded"
    assert len(provider.refunds) == 1


def test_a_key_is_one_step(review, finn, card, provider):
    key = uuid.uuid4()
    give_back(review, by=finn, key=key)
    assert give_back(review, by=finn, key=key).state == "refunded"
    other = charging.charge(begin(card))
    with pytest.raises(KeyConflict):
        give_back(other, by=finn, key=key)
    with pytest.raises(WrongState):
        give_back(other, by=finn)
    assert provider.calls.count("refund") == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_propose_at_once_are_two_persons(review, freya, provider):
    people = [freya, of_finance("Finn")]

    def step(member: Member) -> None:
        try:
            give_back(review, by=member)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(step, people))
    review.refresh_from_db()
    assert review.state == "refunded"
    assert actions(review)[-3:] == ["refund_proposed", "refund", "refunded"]
    assert len(provider.refunds) == 1
