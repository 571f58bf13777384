"""``differences()`` finds every way in which fees and the awards' terms can disagree (P52, P73)."""

import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django.db import connection

from config.fees import Fee
from config.money import LARGEST
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import Leg, post
from milestones import fee_verification, verification
from tests import factories
from tests.situation import hold


@pytest.fixture(autouse=True)
def _books_add_up() -> None:
    """Not here: nearly every test of this file leaves them wrong."""


@pytest.fixture
def costly(rates, employer, wes):
    """€400.00 held at 8% of the freelancer (€0.50 at least) and 5% of the employer; €150.00 of it released."""
    rates("EUR=8% min 0.50", "EUR=5%")
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    milestone = hold(award, "Photo gallery", 40_000)
    milestone.release(15_000, by=employer, key=uuid.uuid4())
    return milestone


def found(words: str) -> bool:
    return any(words in difference for difference in verification.differences())


def test_a_true_story_has_none(costly, employer, wes):
    assert list(verification.differences()) == []
    costly.release(10, by=employer, key=uuid.uuid4())
    costly.cancel(by=wes, key=uuid.uuid4())
    award = factories.AwardFactory(employer=employer, freelancer=wes)
    hold(award, "Part one", 9_999)
    hold(award, "Part two", 1)
    award.decline(by=wes, key=uuid.uuid4())
    assert list(verification.differences()) == []


OF_RELEASE = "action = 'release' AND milestone_id = %s"
OF_EMPLOYER = "t.kind = 'fee' AND m.id = %s AND m.fee_escrow_id = t.debit_account_id"
OF_FREELANCER = "t.kind = 'fee' AND m.id = %s AND m.fee_escrow_id <> t.debit_account_id"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            f"UPDATE milestones_milestoneevent SET freelancer_fee = 1199 WHERE {OF_RELEASE}",
            "says fees of 1199 (freelancer) and 750 (employer); by the award's terms they are 1200 and 750",
        ),
        (
            f"UPDATE milestones_milestoneevent SET employer_fee = 0 WHERE {OF_RELEASE}",
            "says fees of 1200 (freelancer) and 0 (employer); its transfers moved 1200 and 750",
        ),
        (
            "UPDATE milestones_milestoneevent SET employer_fee = 1 WHERE action = 'create' AND milestone_id = %s",
            "says fees of 0 (freelancer) and 1 (employer); by the award's terms they are 0 and 2000",
        ),
        (
            "UPDATE projects_award SET freelancer_fee_percent = 9 FROM milestones_milestone m"
            " WHERE m.award_id = projects_award.id AND m.id = %s",
            "says fees of 1200 (freelancer) and 750 (employer); by the award's terms they are 1350 and 750",
        ),
        (
            "UPDATE projects_award SET freelancer_fee_least = 1201 FROM milestones_milestone m"
            " WHERE m.award_id = projects_award.id AND m.id = %s",
            "by the award's terms they are 1201 and 750",
        ),
        (
            "UPDATE projects_award SET employer_fee_percent = 0 FROM milestones_milestone m"
            " WHERE m.award_id = projects_award.id AND m.id = %s",
            "keeps 1250 for its employer's fee; by the award's terms it is 0",
        ),
        (
            "UPDATE ledger_account SET balance = 1249 FROM milestones_milestone m"
            " WHERE m.fee_escrow_id = ledger_account.id AND m.id = %s",
            "keeps 1249 for its employer's fee; by the award's terms it is 1250",
        ),
        (
            f"UPDATE ledger_transfer t SET amount = 749 FROM milestones_milestone m WHERE {OF_EMPLOYER}",
            "its transfers moved 1200 and 749",
        ),
        (
            f"DELETE FROM ledger_transfer t USING milestones_milestone m WHERE {OF_FREELANCER}",
            "its transfers moved 0 and 750",
        ),
        (
            f"UPDATE ledger_transfer t SET key = gen_random_uuid() FROM milestones_milestone m WHERE {OF_FREELANCER}",
            "moved a fee of 1200 without an event that says so",
        ),
        (
            f"UPDATE ledger_transfer t SET key = gen_random_uuid() FROM milestones_milestone m WHERE {OF_EMPLOYER}",
            "moved a fee of 750 without an event that says so",
        ),
        (
            "UPDATE ledger_transfer t SET credit_account_id = m.escrow_id FROM milestones_milestone m"
            f" WHERE {OF_FREELANCER}",
            "moved a fee of 1200 without an event that says so",
        ),
        (
            f"UPDATE ledger_transfer t SET kind = 'return' FROM milestones_milestone m WHERE {OF_EMPLOYER}",
            "moved a fee of 750 without an event that says so",
        ),
        (
            "UPDATE ledger_transfer t SET kind = 'correction' FROM milestones_milestone m"
            " WHERE t.credit_account_id = m.fee_escrow_id AND m.id = %s",
            "moved a fee of 2000 without an event that says so",
        ),
        (  # into the freelancer's wallet, which the same operation pays
            "UPDATE ledger_transfer t SET credit_account_id = main.credit_account_id FROM milestones_milestone m,"
            f" ledger_transfer main WHERE main.key = t.key AND main.kind = 'release' AND {OF_EMPLOYER}",
            "moved a fee of 750 without an event that says so",
        ),
        (
            "UPDATE milestones_milestone SET fee_escrow_id = NULL WHERE id = %s",
            "keeps 0 for its employer's fee; by the award's terms it is 1250",
        ),
        (
            "UPDATE ledger_account SET currency = 'USD' FROM milestones_milestone m"
            " WHERE m.fee_escrow_id = ledger_account.id AND m.id = %s",
            "keeps its employer's fee in an account of another kind or currency, or one that is not its own"
            " (escrow USD)",
        ),
        (
            "UPDATE milestones_milestone SET fee_escrow_id = escrow_id WHERE id = %s",
            "or one that is not its own (escrow EUR)",
        ),
    ],
)
def test_every_difference_is_found(costly, tamper, statement, words):
    assert not found(words)
    tamper(statement, costly.pk)
    assert found(words), list(verification.differences())


def test_a_fee_that_came_back_as_something_else_is_found(costly, wes, tamper):
    costly.cancel(by=wes, key=uuid.uuid4())
    assert list(verification.differences()) == []
    tamper(
        "UPDATE ledger_transfer t SET kind = 'correction' FROM milestones_milestone m"
        " WHERE t.kind = 'return' AND m.fee_escrow_id = t.debit_account_id AND m.id = %s",
        costly.pk,
    )
    assert found("moved a fee of 1250 without an event that says so")


def test_a_fee_taken_past_the_verbs_is_found(costly, wes):
    site = Account.platform(Account.Kind.FEES, "EUR")
    (taken,) = post(uuid.uuid4(), Leg(Account.wallet(wes.pk, "EUR"), site, 1, Transfer.Kind.FEE))
    assert list(verification.differences()) == [f"T{taken.pk} moved a fee of 1 without an event that says so"]


def test_what_is_set_aside_taken_past_the_verbs_is_found(costly, wes):
    wallet = Account.wallet(wes.pk, "EUR")
    (taken,) = post(uuid.uuid4(), Leg(costly.fee_escrow, wallet, 1, Transfer.Kind.RELEASE))
    assert found(f"T{taken.pk} moved a fee of 1 without an event that says so")
    assert found("keeps 1249 for its employer's fee; by the award's terms it is 1250")


@pytest.mark.parametrize(
    "statement",
    ["freelancer_fee_percent = 9", "freelancer_fee_least = 1", "employer_fee_percent = 9", "employer_fee_least = 1"],
)
def test_terms_that_came_to_an_award_later_are_found(milestone, erin, tamper, statement):
    """Everything that was released before is too cheap for them."""
    milestone.release(10_000, by=erin, key=uuid.uuid4())
    assert list(verification.differences()) == []
    tamper(f"UPDATE projects_award SET {statement} WHERE id = %s", milestone.award_id)
    assert found("says fees of 0 (freelancer) and 0 (employer); by the award's terms")


@given(
    st.lists(
        st.tuples(
            st.integers(0, 100_000).map(lambda n: Decimal(n).scaleb(-3)),
            st.one_of(st.just(0), st.integers(0, 2_000)),
            st.one_of(st.integers(0, 500), st.integers(0, LARGEST)),
        ),
        min_size=20,
        max_size=60,
    )
)
def test_the_rule_in_sql_is_the_rule(db_values, cases):
    rule = fee_verification.due("m.amount", "freelancer")
    rows = db_values(
        f"SELECT {rule} FROM unnest(%s::numeric[], %s::bigint[], %s::bigint[]) WITH ORDINALITY"
        " AS m (freelancer_fee_percent, freelancer_fee_least, amount, place)"
        " CROSS JOIN LATERAL (SELECT m.freelancer_fee_percent, m.freelancer_fee_least) a ORDER BY place",
        [list(column) for column in zip(*cases, strict=True)],
    )
    assert rows == [Fee(percent, least).on(amount) for percent, least, amount in cases]


@pytest.fixture(scope="module")
def db_values(django_db_setup, django_db_blocker):
    """Run a statement and return the first column, in a transaction of its own that writes nothing."""

    def values(statement: str, parameters: list[object]) -> list[int]:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return [row[0] for row in cursor.fetchall()]

    return values
