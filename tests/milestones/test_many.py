"""Several milestones at once: all of them or none, in one operation (P14, P16, P18)."""

import uuid

import pytest

from django.core.exceptions import PermissionDenied

from accounts.models import Notification
from accounts.notices import amount
from config.refusals import KeyConflict, WrongState
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import InsufficientFunds
from finances.ledger.verification import verify
from finances.payments import charging
from finances.payments.gateways import Outcome
from finances.payments.models import Payment, PaymentSource
from milestones import requests_port
from milestones.models import Criterion, Funding, HeldTotal, Milestone, MilestoneEvent
from milestones.parts import MOST_PARTS, Part
from milestones.purpose import MilestonePurpose
from tests import factories
from tests.finances.payments.memory import saved

pytestmark = pytest.mark.django_db

THREE = (Part("Draft", 10_000), Part("Pages", 20_001, advance=True), Part("Launch", 30_000, criteria=("It works", "x")))


def make(award, parts=THREE, **more) -> list[Milestone]:
    key = more.pop("key", uuid.uuid4())
    return Milestone.create_many(award, parts, by=more.pop("by", award.employer), key=key, **more)


def test_p14_all_are_made_in_one_operation(award, erin, available):
    key = uuid.uuid4()
    made = make(award, key=key)
    assert [(m.task, m.amount, m.held, m.advance) for m in made] == [
        ("Draft", 10_000, 10_000, False),
        ("Pages", 20_001, 20_001, True),
        ("Launch", 30_000, 30_000, False),
    ]
    assert [transfer.amount for transfer in Transfer.objects.filter(key=key).order_by("leg")] == [
        10_000,
        20_001,
        30_000,
    ]
    events = MilestoneEvent.objects.order_by("id")
    assert [event.key for event in events] == [uuid.uuid5(key, str(place)) for place in range(3)]
    assert [event.held_after for event in events] == [10_000, 20_001, 30_000]
    assert available(erin) == 100_000 - 60_001
    assert verify() == []


def test_one_alone_keeps_the_operations_key(award):
    key = uuid.uuid4()
    (made,) = make(award, THREE[:1], key=key)
    assert made.events.get().key == key


def test_p14_the_totals_count_every_one(award, erin, wes):
    make(award)
    totals = HeldTotal.objects.order_by("side").values_list("member", "side", "held", "milestones")
    assert list(totals) == [(wes.pk, "incoming", 60_001, 3), (erin.pk, "outgoing", 60_001, 3)]


def test_p14_criteria_are_written_with_it(award):
    *_others, last = make(award)
    assert list(Criterion.objects.values_list("milestone", "position", "words")) == [
        (last.pk, 0, "It works"),
        (last.pk, 1, "x"),
    ]


def test_p16_funds_that_do_not_suffice_for_the_last_one_make_none(award, erin, available):
    with pytest.raises(InsufficientFunds):
        make(award, [*THREE, Part("A cent too much", 40_000)])
    assert available(erin) == 100_000
    assert not Milestone.objects.exists()
    assert not HeldTotal.objects.exists()
    assert not Notification.objects.filter(kind__startswith="milestone").exists()


def test_p52_each_has_its_own_fee_set_aside(employer, wes, rates, fund):
    rates("EUR=8%", "EUR=5% min 6.00")
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    key = uuid.uuid4()
    made = make(award, key=key)
    assert [m.fee_escrow.balance for m in Milestone.objects.order_by("id")] == [600, 1_000, 1_500]
    assert list(MilestoneEvent.objects.order_by("id").values_list("employer_fee", flat=True)) == [600, 1_000, 1_500]
    assert Transfer.objects.filter(key=key).count() == 6
    assert verify() == []
    made[1].release(20_001, by=employer, key=uuid.uuid4())
    made[0].cancel(by=wes, key=uuid.uuid4())
    assert verify() == []


def test_p23_a_repeat_returns_the_same_milestones(award, erin, available):
    key = uuid.uuid4()
    first, second = make(award, key=key), make(award, key=key)
    assert [m.pk for m in first] == [m.pk for m in second]
    assert Milestone.objects.count() == 3
    assert available(erin) == 100_000 - 60_001


@pytest.mark.parametrize(
    "others",
    [
        THREE[:2],
        THREE[:1],
        (*THREE, Part("One more", 1)),
        (THREE[1], THREE[0], THREE[2]),
        (Part("Draft", 10_001), *THREE[1:]),
        (Part("Draught", 10_000), *THREE[1:]),
        (Part("Draft", 10_000, advance=True), *THREE[1:]),
    ],
)
def test_p23_a_key_is_good_for_one_content(award, others):
    key = uuid.uuid4()
    make(award, key=key)
    with pytest.raises(KeyConflict):
        make(award, others, key=key)
    assert Milestone.objects.count() == 3


def test_p23_a_key_of_another_award_or_another_step_is_refused(award, offer, milestone, erin, wes):
    key, release, end = (uuid.uuid4() for _ in range(3))
    make(award, THREE[:2], key=key)
    milestone = Milestone.objects.get(task="Photo gallery")
    milestone.release(100, by=erin, key=release)
    make(offer, THREE[:1], key=uuid.uuid4())
    # A single one keeps the key of the ledger's operation; ends of awards have it too.
    for used in (key, release):
        with pytest.raises(KeyConflict):
            make(offer, key=used)
    offer.decline(by=wes, key=end)
    with pytest.raises(KeyConflict):
        make(award, THREE[:1], key=end)


def test_p82_only_the_employer_makes_them(award, wes):
    with pytest.raises(PermissionDenied):
        make(award, by=wes)


@pytest.mark.parametrize("number", [0, MOST_PARTS + 1])
def test_there_are_some_and_not_too_many(award, number):
    with pytest.raises(ValueError, match="1 to 50 milestones"):
        make(award, [Part(f"Task {n}", 1) for n in range(number)])


def test_fifty_are_made(award):
    assert len(make(award, [Part(f"Task {n}", 1 + n) for n in range(MOST_PARTS)])) == MOST_PARTS
    assert verify() == []


def test_p18_the_freelancer_hears_of_three_one_by_one_and_of_more_at_once(award, offer, wes):
    make(award)
    told = Notification.objects.filter(member=wes, kind__startswith="milestone")
    assert [n.kind for n in told] == ["milestone-created"] * 3
    told.delete()
    make(offer, [Part(f"Task {n}", 1_000) for n in range(4)])
    (one,) = told
    assert one.kind == "milestones-created"
    assert (one.words["number"], one.words["sum"], one.path) == (
        "4",
        amount(4_000, "EUR"),
        offer.project.get_absolute_url(),
    )


def test_p25_an_award_that_ended_gets_none(offer, wes):
    offer.decline(by=wes, key=uuid.uuid4())
    with pytest.raises(WrongState):
        make(offer)
    assert not Milestone.objects.exists()


# --- requests -----------------------------------------------------------------------------------------------


def test_p30_a_request_is_answered_by_the_milestone_that_is_made_of_it(award, erin, monkeypatch):
    calls = []
    monkeypatch.setattr(requests_port, "_plugged", [(lambda *args, **kwargs: calls.append((args, kwargs)), None)])
    key = uuid.uuid4()
    made = make(award, [Part("Draft", 10_000), Part("Pages", 5_000, request=7)], key=key)
    ((args, kwargs),) = calls
    assert args == (7, made[1])
    assert (kwargs["by"], kwargs["key"]) == (erin, uuid.uuid5(key, "1"))


def test_p30_a_request_that_cannot_be_answered_makes_nothing(award, erin, monkeypatch, available):
    monkeypatch.setattr(requests_port, "_plugged", [])
    with pytest.raises(WrongState):
        make(award, [Part("Draft", 10_000), Part("Pages", 5_000, request=7)])
    assert not Milestone.objects.exists()
    assert available(erin) == 100_000


# --- paid from a source -------------------------------------------------------------------------------------


@pytest.fixture
def poor(award, employer):
    wallet = Account.wallet(employer.pk, "EUR")
    make(award, [Part("The rest", wallet.balance)])
    return employer


@pytest.fixture
def card(poor, provider) -> PaymentSource:
    return saved(PaymentSource, poor)


def begin(award, card, parts=THREE, **more) -> Funding:
    key = more.pop("key", uuid.uuid4())
    return Funding.begin_many(award, parts, source=card, by=award.employer, key=key, **more)


def test_p17_one_charge_pays_for_all(award, card, poor, provider, available):
    funding = begin(award, card)
    charging.charge(funding.payment)
    assert provider.calls == ["charge"]
    made = funding.milestones
    assert [(m.task, m.held, m.advance) for m in made] == [
        ("Draft", 10_000, False),
        ("Pages", 20_001, True),
        ("Launch", 30_000, False),
    ]
    assert [c.words for c in made[2].criteria.all()] == ["It works", "x"]
    assert (funding.payment.amount, funding.payment.words, str(funding)) == (60_001, "3 milestones", "3 milestones")
    assert available(poor) == 0
    assert not Funding.objects.unfunded().exists()
    assert verify() == []


def test_p17_declined_makes_none_and_stands_as_unfunded_once(award, card, poor, provider):
    provider.next = Outcome.DECLINED
    funding = begin(award, card)
    charging.charge(funding.payment)
    assert Milestone.objects.count() == 1, "what took the employer's money before"
    assert list(Funding.objects.unfunded()) == [funding]
    again = MilestonePurpose().again(funding.payment)
    assert again == f"/awards/{award.pk}/milestones/divide/?again={funding.pk}"
    provider.next = Outcome.SUCCEEDED
    second = begin(award, card)
    assert list(Funding.objects.unfunded()) == [second], "another try takes its place"
    charging.charge(second.payment)
    assert len(second.milestones) == 3


def test_p17_money_that_comes_after_the_award_has_ended_makes_none(offer, card, poor, wes, provider, available):
    provider.next = Outcome.PROCESSING
    funding = begin(offer, card)
    charging.charge(funding.payment)
    offer.decline(by=wes, key=uuid.uuid4())
    provider.ends(provider.charges, funding.payment.key, Outcome.SUCCEEDED)
    charging.look_up(funding.payment)
    funding.refresh_from_db()
    assert funding.milestones == []
    assert "Declined" in funding.refused
    assert available(poor) == 60_001


def test_p17_the_same_key_is_one_funding_of_one_content(award, card, provider):
    key = uuid.uuid4()
    assert begin(award, card, key=key) == begin(award, card, key=key)
    for others in (THREE[:2], (THREE[1], THREE[0], THREE[2])):
        with pytest.raises(KeyConflict):
            begin(award, card, others, key=key)
    assert Payment.objects.count() == 1


def test_p52_the_charge_has_every_fee_in_it(employer, wes, rates, provider, award):
    rates("EUR=8%", "EUR=5% min 6.00")
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    funding = begin(award, saved(PaymentSource, employer))
    assert funding.payment.amount == 60_001 + 600 + 1_000 + 1_500
    charging.charge(funding.payment)
    assert [m.fee_escrow.balance for m in funding.milestones] == [600, 1_000, 1_500]
    assert verify() == []
