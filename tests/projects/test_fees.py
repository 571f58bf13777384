"""An award carries the fees with which it was made, for good (P52)."""

import uuid
from decimal import Decimal

import pytest

from django.db import IntegrityError, connection, transaction

from config.fees import Fee, Terms
from tests import factories


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_p52_an_award_takes_the_fees_of_its_currency_when_it_is_made(erin, wes, rates):
    rates("*=10%,GBP=5% min 0.50", "USD=1.125%")
    made = {}
    for code in ("EUR", "GBP", "USD"):
        project = factories.ProjectFactory(employer=erin, currency=code)
        made[code] = factories.award(factories.BidFactory(project=project, freelancer=wes))
    rates()
    for award in made.values():
        award.refresh_from_db()
    ten = Fee(Decimal(10))
    assert {code: award.terms for code, award in made.items()} == {
        "EUR": Terms(ten, Fee()),
        "GBP": Terms(Fee(Decimal(5), 50), Fee()),
        "USD": Terms(ten, Fee(Decimal("1.125"))),
    }


def test_p52_an_award_that_is_made_anew_takes_the_fees_of_now(erin, wes, rates):
    rates("EUR=10%")
    first = factories.AwardFactory(employer=erin, freelancer=wes)
    first.decline(by=wes, key=uuid.uuid4())
    rates("EUR=5%")
    second = factories.award(first.bid)
    assert [award.terms.freelancer.percent for award in (first, second)] == [10, 5]


@pytest.mark.parametrize(
    "column", ["freelancer_fee_percent", "freelancer_fee_least", "employer_fee_percent", "employer_fee_least"]
)
def test_p52_the_database_lets_nobody_change_them(award, column):
    with pytest.raises(IntegrityError, match="UPDATE of projects_award is refused"):
        run(f"UPDATE projects_award SET {column} = 1")
    with pytest.raises(IntegrityError, match="UPDATE of projects_award is refused"):
        run(f"SET LOCAL session_replication_role = replica; UPDATE projects_award SET {column} = 1")
    run(f"UPDATE projects_award SET version = version + 1, {column} = {column}")


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("freelancer_fee_percent", "100.001", "award_fees_are_per_cent"),
        ("freelancer_fee_percent", "-1", "award_fees_are_per_cent"),
        ("employer_fee_percent", "101", "award_fees_are_per_cent"),
        ("freelancer_fee_least", "-1", "award_fees_not_below_zero"),
        ("employer_fee_least", "-1", "award_fees_not_below_zero"),
    ],
)
def test_nonsense_is_refused(award, column, value, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        run(
            "INSERT INTO projects_award (bid_id, project_id, employer_id, freelancer_id, amount, currency, days, state,"
            f" version, awarded_at, answer_by, {column}) SELECT bid_id, project_id, employer_id, freelancer_id, amount,"
            f" currency, days, 'declined', 1, awarded_at, answer_by, {value} FROM projects_award"
        )
