"""The database itself keeps what was agreed: raw SQL can't rewrite it (P26)."""

import pytest

from django.db import IntegrityError, connection, transaction

from projects.models import AwardEvent


def run(statement: str) -> None:
    """Run *statement*; what it breaks is told at once, not at the end of the transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE projects_awardevent SET action = 'accept'",
        "UPDATE projects_awardevent SET at = now() - interval '1 year', address = '10.0.0.1'",
        "DELETE FROM projects_awardevent",
        "TRUNCATE projects_awardevent CASCADE",
        "INSERT INTO projects_awardevent (at, action, key, shown, award_id)"
        " SELECT at, 'x', key, shown, award_id FROM projects_awardevent",
    ],
)
def test_events_of_awards_are_history(award, statement):
    before = list(AwardEvent.objects.values())
    with pytest.raises(IntegrityError):
        run(statement)
    assert list(AwardEvent.objects.values()) == before
    assert len(before) == 1


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE projects_award SET amount = 0", "award_agrees_on_something"),
        ("UPDATE projects_award SET employer_id = freelancer_id", "award_between_two_people"),
        ("UPDATE projects_bid SET amount = -1", "bid_asks_for_something"),
        ("UPDATE projects_project SET budget_to = budget_from - 1", "project_budget_is_a_range"),
        ("UPDATE projects_project SET budget_from = 0", "project_budget_is_a_range"),
        (
            "INSERT INTO projects_award (bid_id, project_id, employer_id, freelancer_id, amount, currency, days, state,"
            " version, awarded_at, answer_by) SELECT bid_id, project_id, employer_id, freelancer_id, amount, currency,"
            " days, 'accepted', 1, awarded_at, answer_by FROM projects_award",
            "award_once_a_bid",
        ),
        (
            "INSERT INTO projects_bid (project_id, freelancer_id, amount, days, proposal, plan, state, version,"
            " placed_at) SELECT project_id, freelancer_id, 1, 1, '', '[]', 'placed', 1, now() FROM projects_bid",
            "bid_once_a_project",
        ),
        ("DELETE FROM projects_award", "projects_awardevent"),
    ],
)
def test_nonsense_is_refused(award, statement, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        run(statement)
