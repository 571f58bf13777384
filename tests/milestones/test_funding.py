"""A milestone that is paid from a payment source is held in full, or there is none (P15, P16, P17)."""

import re
import uuid
from datetime import timedelta

import pytest

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Notification
from config.money import LARGEST
from config.refusals import KeyConflict, WrongState
from finances.ledger.models import Account, Transfer
from finances.ledger.verification import verify
from finances.payments import charging
from finances.payments.gateways import Outcome
from finances.payments.models import Instrument, Payment, PaymentSource
from milestones.models import Funding, Milestone
from milestones.models.funding import SHOWN
from tests import factories
from tests.finances.payments.memory import saved
from tests.money import EUR

pytestmark = pytest.mark.django_db


@pytest.fixture
def poor(award, employer):
    """The employer without a cent."""
    wallet = Account.wallet(employer.pk, "EUR")
    if wallet.balance:
        Milestone.create(award, task="The rest", amount=wallet.balance, by=employer, key=uuid.uuid4())
    return employer


@pytest.fixture
def card(poor, provider) -> PaymentSource:
    return saved(PaymentSource, poor)


def begin(award, card, amount=30_000, **more) -> Funding:
    key = more.pop("key", uuid.uuid4())
    return Funding.begin(award, task="Map", amount=amount, source=card, by=award.employer, key=key, **more)


def available(member) -> int:
    return Account.wallet(member.pk, "EUR").balance


def test_p17_paid_is_held_in_full(award, card, poor, provider):
    funding = begin(award, card)
    assert not Milestone.objects.filter(task="Map").exists()
    charging.charge(funding.payment)
    funding.refresh_from_db()
    milestone = funding.milestone
    assert (milestone.task, milestone.amount, milestone.held, milestone.state) == ("Map", 30_000, 30_000, "held")
    assert available(poor) == 0
    kinds = [t.kind for t in Transfer.objects.order_by("-id")[:2]]
    assert kinds == [Transfer.Kind.HOLD, Transfer.Kind.DEPOSIT]
    assert verify() == []


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.NEEDS_STEP, Outcome.PROCESSING, "lost"])
def test_p17_unpaid_is_unfunded_and_nothing_is_held(award, card, poor, provider, signed_in, outcome):
    if outcome == "lost":
        provider.lose = 1
    else:
        provider.next = outcome
    funding = begin(award, card)
    charging.charge(funding.payment)
    assert not Milestone.objects.filter(task="Map").exists()
    assert available(poor) == 0
    assert list(Funding.objects.visible_to(poor).unfunded()) == [funding]
    page = signed_in(poor).get(award.project.get_absolute_url()).content.decode()
    assert re.search(r"<strong>Map</strong><data value=\"300.00\">.*?Unfunded", page)
    assert "Unfunded milestone: Map" in signed_in(poor).get("/finances/").content.decode()
    theirs = signed_in(award.freelancer).get(award.project.get_absolute_url()).content.decode()
    assert "Unfunded" not in theirs
    assert ">Map<" not in theirs
    if outcome != Outcome.DECLINED:
        if outcome != "lost":
            provider.ends(provider.charges, funding.payment.key, Outcome.SUCCEEDED)
        for _twice in range(2):
            charging.look_up(funding.payment)
        assert Milestone.objects.get(task="Map").held == 30_000
        assert not Funding.objects.unfunded().exists()
    assert verify() == []


def test_the_same_key_is_one_funding(award, card, provider):
    key = uuid.uuid4()
    first, second = begin(award, card, key=key), begin(award, card, key=key)
    assert first.pk == second.pk
    for funding in (first, second):
        charging.charge(funding.payment)
    assert Milestone.objects.filter(task="Map").count() == 1
    with pytest.raises(KeyConflict):
        begin(award, card, 30_001, key=key)


def test_only_the_employer_and_only_while_the_award_stands(award, card, poor, provider, sam):
    with pytest.raises(PermissionDenied):
        Funding.begin(award, task="Map", amount=1, source=card, by=sam, key=uuid.uuid4())
    PaymentSource.objects.update(state=Instrument.State.UNVERIFIED)
    with pytest.raises(WrongState):
        begin(award, card)
    assert not Payment.objects.exists()
    assert not Funding.objects.exists()


def test_money_for_an_award_that_ended_meanwhile_stays_in_the_wallet(offer, card, poor, provider):
    provider.next = Outcome.NEEDS_STEP
    funding = begin(offer, card)
    charging.charge(funding.payment)
    offer.decline(by=offer.freelancer, key=uuid.uuid4())
    before = available(poor)
    provider.ends(provider.charges, funding.payment.key, Outcome.SUCCEEDED)
    assert charging.look_up(funding.payment).state == "succeeded"
    funding.refresh_from_db()
    assert funding.milestone is None
    assert "it is “Declined” now" in funding.refused
    assert available(poor) == before + 30_000
    assert Notification.objects.filter(member=poor, kind="milestone-not-created").count() == 1
    assert verify() == []


def test_money_that_comes_after_a_refusal_holds_nothing_by_itself(award, card, poor, provider):
    provider.next = Outcome.DECLINED
    funding = begin(award, card)
    charging.charge(funding.payment)
    provider.ends(provider.charges, funding.payment.key, Outcome.SUCCEEDED)
    charging.look_up(funding.payment)
    assert available(poor) == 30_000
    assert not Milestone.objects.filter(task="Map").exists()
    assert verify() == []


def test_p52_the_fee_is_charged_with_it(employer, wes, rates, provider):
    rates("EUR=8%", "EUR=5%")
    project = factories.ProjectFactory(employer=employer)
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes)))
    card, before = saved(PaymentSource, employer), available(employer)
    funding = begin(award, card)
    payment = charging.charge(funding.payment)
    funding.refresh_from_db()
    assert payment.amount == 31_500
    assert funding.milestone.held == 30_000
    assert funding.milestone.fee_escrow.balance == 1_500
    assert available(employer) == before
    assert verify() == []


def test_another_try_takes_the_place_of_the_first(award, card, poor, sam, provider):
    provider.next = Outcome.DECLINED
    first = begin(award, card)
    with pytest.raises(WrongState):
        first.discard(by=poor)
    charging.charge(first.payment)
    second = begin(award, card)
    charging.charge(second.payment)
    assert list(Funding.objects.unfunded()) == [second]
    with pytest.raises(PermissionDenied):
        second.discard(by=sam)
    second.discard(by=poor)
    assert not Funding.objects.unfunded().exists()


def test_what_was_declined_long_ago_is_not_listed(award, card, provider, monkeypatch):
    provider.next = Outcome.DECLINED
    charging.charge(begin(award, card).payment)
    assert Funding.objects.unfunded().exists()
    then = timezone.now() + SHOWN + timedelta(minutes=1)
    monkeypatch.setattr("milestones.models.funding.timezone.now", lambda: then)
    assert not Funding.objects.unfunded().exists()


def test_p25_two_windows_pay_once(award, card, poor, provider, signed_in):
    """Also where the first payment waits for its bank."""
    provider.next = Outcome.NEEDS_STEP
    client = signed_in(poor)
    first, second = post(client, award), post(client, award)
    address = f"/awards/{award.pk}/milestones/new/"
    assert client.post(address, {"token": token(first)}).status_code == 302
    assert client.post(address, {"token": token(second)}).status_code == 409
    assert client.post(address, {"token": token(first)}).status_code == 302, "a repeat finds the first one's payment"
    assert Payment.objects.count() == 1


def test_p17_an_unfunded_milestone_can_be_discarded(award, card, poor, provider, sam, signed_in):
    provider.next = Outcome.DECLINED
    funding = begin(award, card)
    address = f"/unfunded/{funding.pk}/discard/"
    assert signed_in(poor).post(address).status_code == 409, "its payment may still succeed"
    charging.charge(funding.payment)
    assert f'action="{address}"' in signed_in(poor).get(funding.get_absolute_url()).content.decode()
    for stranger in (sam, award.freelancer):
        assert signed_in(stranger).post(address).status_code == 404
    for _twice in range(2):
        assert signed_in(poor).post(address)["Location"] == "/finances/"
    assert not Funding.objects.unfunded().exists()
    assert address not in signed_in(poor).get(funding.get_absolute_url()).content.decode()


def test_p16_an_amount_that_the_fee_makes_too_large_is_refused_at_the_field(employer, wes, rates, provider, signed_in):
    rates("EUR=8%", "EUR=5%")
    project = factories.ProjectFactory(employer=employer)
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes)))
    saved(PaymentSource, employer)
    answer = post(signed_in(employer), award, amount=str(LARGEST // 100))
    assert answer.status_code == 422
    assert "With the fee it is more than can be paid at once." in answer.content.decode()


# --- the dialog ---------------------------------------------------------------------------------------------


def post(client, award, **more):
    return client.post(f"/awards/{award.pk}/milestones/new/", {"amount": "300", "task": "Map", **more})


def comes_from(answer) -> str:
    return re.search(r"<dt>Comes from</dt><dd>(.*?)</dd>", answer.content.decode())[1]


def token(answer) -> str:
    return re.search(r'name="token" value="([^"]+)"', answer.content.decode())[1]


def test_p15_available_funds_come_first_then_the_first_source_that_fits(
    award, employer, poor, provider, fund, signed_in
):
    client = signed_in(poor)
    for fields in ({"currency": "USD"}, {"state": Instrument.State.UNVERIFIED}, {"gateway": "stripe"}):
        saved(PaymentSource, poor, **fields)
    answer = post(client, award)
    assert answer.status_code == 422
    assert "€300.00 is missing" in answer.content.decode()
    assert "A payment source of yours is not verified yet" in answer.content.decode()
    second, first = saved(PaymentSource, poor, brand="Second"), saved(PaymentSource, poor, brand="First", place=0)
    assert comes_from(post(client, award)) == "First ···· 4242"
    assert comes_from(post(client, award, source=str(second.pk))) == "Second ···· 4242"
    fund(poor, EUR("300.00"))
    answer = post(client, award)
    assert "your available funds" in comes_from(answer)
    others = re.findall(r'name="source" value="([^"]+)">([^<]+)<', answer.content.decode())
    assert others == [(str(first.pk), "First ···· 4242"), (str(second.pk), "Second ···· 4242")]
    others = re.findall(r'name="source" value="([^"]+)"', post(client, award, source=str(first.pk)).content.decode())
    assert others == ["funds", str(second.pk)]
    assert Payment.objects.count() == 0


def test_p15_a_source_that_is_not_ones_own_is_not_taken(award, card, poor, sam, provider, signed_in):
    theirs = saved(PaymentSource, sam, brand="Theirs")
    for wanted in (str(theirs.pk), "funds", "x", "9" * 30):
        answer = post(signed_in(poor), award, source=wanted)
        assert comes_from(answer) == "Visa ···· 4242"
        assert "What you chose can't pay this" in answer.content.decode().replace("&#x27;", "'")


def test_p15_confirming_charges_and_holds(award, card, poor, provider, signed_in):
    client = signed_in(poor)
    step_one = post(client, award)
    assert provider.calls == []
    for _double_click in range(2):
        answer = client.post(f"/awards/{award.pk}/milestones/new/", {"token": token(step_one)})
        receipt = Milestone.objects.get(task="Map").events.get().get_absolute_url()
        assert (answer.status_code, answer["Location"]) == (302, receipt)
    assert provider.calls == ["charge"]
    event = Milestone.objects.get(task="Map").events.get()
    assert event.shown["source"] == "Visa ···· 4242"
    assert event.address == "127.0.0.1"


def test_p17_a_declined_charge_ends_on_the_payments_page(award, card, poor, provider, signed_in):
    provider.next = Outcome.DECLINED
    client = signed_in(poor)
    answer = client.post(f"/awards/{award.pk}/milestones/new/", {"token": token(post(client, award))})
    assert answer["Location"] == Payment.objects.get().get_absolute_url()


def test_p16_a_source_that_was_removed_meanwhile_is_not_charged(award, card, poor, provider, signed_in):
    client = signed_in(poor)
    step_one = post(client, award)
    PaymentSource.objects.update(state=Instrument.State.REMOVED)
    answer = client.post(f"/awards/{award.pk}/milestones/new/", {"token": token(step_one)})
    assert answer.status_code == 409
    assert provider.calls == []
    assert not Payment.objects.exists()


def test_trying_again_brings_amount_and_task(award, card, poor, signed_in):
    text = signed_in(poor).get(f"/awards/{award.pk}/milestones/new/?amount=300&task=Map%00").content.decode()
    assert re.search(r'name="amount" value="300"', text)
    assert re.search(r'name="task"[^>]* value="Map"|value="Map"[^>]*name="task"', text)


def test_p17_the_payments_page_says_what_it_paid_for_and_nothing_of_its_fees(award, card, poor, provider, signed_in):
    funding = begin(award, card)
    charging.charge(funding.payment)
    funding.refresh_from_db()
    text = signed_in(poor).get(funding.get_absolute_url()).content.decode()
    assert "The money is on hold for “Map”." in text
    assert "<dt>What for</dt><dd>Milestone payment</dd>" in text
    assert "<dt>Fee</dt>" not in text
    assert f'href="{funding.milestone.get_absolute_url()}"' in text
