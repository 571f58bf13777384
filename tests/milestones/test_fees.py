"""What the site keeps of a release, and what it never keeps (P52)."""

import uuid
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from django.db import IntegrityError, transaction

from config.fees import Fee, Terms
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import InsufficientFunds
from milestones.models import Milestone, MilestoneEvent
from tests import factories
from tests.money import EUR, JPY
from tests.situation import hold
from tests.steps import books


def kept(currency: str = "EUR") -> int:
    """What the site has earned, folded or not."""
    return Account.platform(Account.Kind.FEES, currency).true_balance()


def aside(milestone: Milestone) -> int:
    """What is set aside for the employer's fee."""
    account = Milestone.objects.get(pk=milestone.pk).fee_escrow
    return account.balance if account else 0


def legs(event: MilestoneEvent) -> list[tuple[str, int]]:
    """What the event's operation moved."""
    return list(Transfer.objects.filter(key=event.transfer.key).order_by("leg").values_list("kind", "amount"))


def awarded(employer, freelancer, **bid):
    return factories.accepted(factories.AwardFactory(employer=employer, freelancer=freelancer, **bid))


def test_p52_an_award_keeps_the_fees_with_which_it_was_made(employer, wes, rates, available):
    rates("EUR=8%", "EUR=5%")
    award = awarded(employer, wes)
    rates("EUR=50%", "EUR=50% min 10")
    award.refresh_from_db()
    assert award.terms == Terms(Fee(Decimal(8)), Fee(Decimal(5)))
    milestone = hold(award, "Photo gallery", 40_000)
    milestone.release(40_000, by=employer, key=uuid.uuid4())
    assert (available(wes), available(employer), kept()) == (36_800, 58_000, 5_200)


def test_p52_the_freelancers_fee_is_a_transfer_of_its_own_in_the_same_operation(employer, wes, rates, available):
    rates("EUR=8%")
    milestone = hold(awarded(employer, wes), "Photo gallery", 40_000)
    assert milestone.fee_escrow is None
    event = milestone.release(15_000, by=employer, key=uuid.uuid4())
    assert legs(event) == [("release", 15_000), ("fee", 1_200)]
    assert (event.amount, event.held_after, event.freelancer_fee, event.employer_fee) == (15_000, 25_000, 1_200, 0)
    fee = Transfer.objects.get(kind="fee")
    wallet = Account.wallet(wes.pk, "EUR")
    assert (fee.debit_account_id, fee.debit_balance) == (wallet.pk, 13_800)
    assert (available(wes), available(employer), kept()) == (13_800, 60_000, 1_200)


def test_p52_the_employers_fee_is_set_aside_with_the_hold_and_taken_with_the_release(
    employer, wes, rates, available, held
):
    rates("", "EUR=5%")
    milestone = hold(awarded(employer, wes), "Photo gallery", 40_000)
    created = milestone.events.get()
    assert legs(created) == [("hold", 40_000), ("hold", 2_000)]
    assert (created.amount, created.held_after, created.employer_fee) == (40_000, 40_000, 2_000)
    assert (available(employer), held(milestone), aside(milestone), kept()) == (58_000, 40_000, 2_000, 0)
    event = milestone.release(15_000, by=employer, key=uuid.uuid4())
    assert legs(event) == [("release", 15_000), ("fee", 750)]
    assert (available(wes), held(milestone), aside(milestone), kept()) == (15_000, 25_000, 1_250, 750)
    milestone.release(25_000, by=employer, key=uuid.uuid4())
    assert (available(wes), available(employer), aside(milestone), kept()) == (40_000, 58_000, 0, 2_000)


def test_p52_nothing_is_kept_of_what_is_given_back(employer, wes, rates, available):
    rates("EUR=8%", "EUR=5%")
    milestone = hold(awarded(employer, wes), "Photo gallery", 40_000)
    milestone.release(10_000, by=employer, key=uuid.uuid4())
    event = milestone.cancel(by=wes, key=uuid.uuid4())
    assert legs(event) == [("return", 30_000), ("return", 1_500)]
    assert (event.freelancer_fee, event.employer_fee) == (0, 1_500)
    assert (available(employer), available(wes), aside(milestone), kept()) == (89_500, 9_200, 0, 1_300)


def test_p52_a_milestone_that_is_cancelled_whole_costs_nothing(employer, wes, rates, available):
    rates("EUR=8% min 1", "EUR=5% min 2")
    milestone = hold(factories.AwardFactory(employer=employer, freelancer=wes), "Photo gallery", 40_000)
    milestone.cancel(by=employer, key=uuid.uuid4())
    assert (available(employer), kept()) == (100_000, 0)


@pytest.mark.parametrize("end", ["decline", "revoke"])
def test_p04_an_award_that_ends_gives_every_fee_back(employer, wes, rates, available, end):
    rates("EUR=8%", "EUR=5% min 2")
    award = factories.AwardFactory(employer=employer, freelancer=wes)
    made = [hold(award, f"Part {n}", amount) for n, amount in enumerate((10_000, 15_000, 1))]
    assert [aside(milestone) for milestone in made] == [500, 750, 1]
    assert available(employer) == 100_000 - 25_001 - 1_251
    getattr(award, end)(by={"decline": wes, "revoke": employer}[end], key=uuid.uuid4())
    assert (available(employer), kept()) == (100_000, 0)
    events = MilestoneEvent.objects.filter(action="return").order_by("milestone")
    assert [(e.amount, e.employer_fee) for e in events] == [(10_000, 500), (15_000, 750), (1, 1)]
    assert len({e.transfer.key for e in events}) == 1


def test_p52_the_minimum_is_taken_once_a_milestone(employer, wes, rates, available):
    rates("EUR=5% min 3")
    milestone = hold(awarded(employer, wes), "Photo gallery", 40_000)
    taken = [
        milestone.release(part, by=employer, key=uuid.uuid4()).freelancer_fee for part in (100, 200, 4_000, 35_700)
    ]
    assert taken == [100, 200, 0, 1_700]
    assert (available(wes), kept()) == (38_000, 2_000)


def test_p52_yen_too(employer, wes, rates, fund):
    rates("JPY=5% min 100", "JPY=0.5%")
    fund(employer, JPY("100000"))
    posted = factories.ProjectFactory(employer=employer, currency="JPY")
    award = factories.accepted(factories.award(factories.BidFactory(project=posted, freelancer=wes)))
    milestone = hold(award, "Photo gallery", 2_500)
    assert aside(milestone) == 12  # 12.5, to the even one
    event = milestone.release(1_500, by=employer, key=uuid.uuid4())
    assert (event.freelancer_fee, event.employer_fee) == (100, 8)
    event = milestone.release(1_000, by=employer, key=uuid.uuid4())
    assert (event.freelancer_fee, event.employer_fee, kept("JPY")) == (25, 4, 137)


def test_p52_all_of_it_may_be_the_fee(employer, wes, rates, available):
    rates("EUR=100%", "EUR=100%")
    milestone = hold(awarded(employer, wes), "Photo gallery", 40_000)
    milestone.release(40_000, by=employer, key=uuid.uuid4())
    assert (available(wes), available(employer), kept()) == (0, 20_000, 80_000)


def test_p16_the_funds_must_suffice_for_the_fee_too(employer, wes, rates, available):
    rates("", "EUR=5%")
    award = awarded(employer, wes)
    with pytest.raises(InsufficientFunds):
        hold(award, "Too much", 95_239)  # and 47.62 more
    assert not Milestone.objects.exists()
    hold(award, "Just enough", 95_238)
    assert available(employer) == 0


def test_p52_a_fee_that_rounds_to_nothing_has_no_leg_and_no_account(employer, wes, rates):
    rates("EUR=1%", "EUR=1%")
    milestone = hold(awarded(employer, wes), "A few cents", 50)
    assert milestone.fee_escrow is None
    assert legs(milestone.release(50, by=employer, key=uuid.uuid4())) == [("release", 50)]


def test_p52_the_account_of_a_fee_stays_what_it_is(employer, wes, rates):
    rates("", "EUR=5%")
    hold(awarded(employer, wes), "Photo gallery", 40_000)
    with pytest.raises(IntegrityError, match="UPDATE of milestones_milestone is refused"), transaction.atomic():
        Milestone.objects.update(fee_escrow=None)


def test_p52_without_fees_a_release_is_one_leg_and_as_many_statements_as_before(
    milestone, erin, django_assert_num_queries, rates
):
    rates("EUR=8%")  # this award was made before
    milestone.release(1, by=erin, key=uuid.uuid4())  # makes the wallet
    with django_assert_num_queries(10):  # one of them for all that is asked about it
        event = milestone.release(10_000, by=erin, key=uuid.uuid4())
    assert legs(event) == [("release", 10_000)]


def test_p23_the_same_key_again_takes_no_fee_again(employer, wes, rates, available):
    rates("EUR=8%", "EUR=5%")
    milestone = hold(awarded(employer, wes), "Photo gallery", 40_000)
    key = uuid.uuid4()
    first, again = (milestone.release(10_000, by=employer, key=key) for _ in range(2))
    assert first == again
    assert (available(wes), kept()) == (9_200, 1_300)


percents = st.integers(0, 100_000).map(lambda n: f"{n / 1000:.3f}")
minimums = st.integers(0, 3_000).map(lambda n: f"{n / 100:.2f}")


@given(
    rate=st.tuples(percents, minimums, percents, minimums),
    amount=st.integers(1, 40_000),
    cuts=st.lists(st.integers(1, 40_000), max_size=6),
    given_back=st.booleans(),
)
@trying(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_p52_whatever_is_released_in_parts_the_books_add_up(
    erin, wes, fund, rates, available, rate, amount, cuts, given_back
):
    """In the end nothing is set aside, the site has what the rule says of what was released, and no cent more."""
    rates(f"EUR={rate[0]}% min {rate[1]}", f"EUR={rate[2]}% min {rate[3]}")
    fund(erin, EUR("1000.00"))
    before = available(erin), available(wes), kept()
    award = awarded(erin, wes)
    milestone, released = hold(award, "Part", amount), 0
    for cut in cuts:
        if released + cut < amount:
            milestone.release(cut, by=erin, key=uuid.uuid4())
            released += cut
    if given_back:
        milestone.cancel(by=wes, key=uuid.uuid4())
    else:
        milestone.release(amount - released, by=erin, key=uuid.uuid4())
        released = amount
    terms = Milestone.objects.get(pk=milestone.pk).award.terms
    theirs, ours = terms.freelancer.on(released), terms.employer.on(released)
    assert aside(milestone) == 0
    after = available(erin), available(wes), kept()
    assert tuple(b - a for a, b in zip(before, after, strict=True)) == (
        -released - ours,
        released - theirs,
        theirs + ours,
    )
    assert books() == []
