"""Anyone signed in can search and browse open projects (P1)."""

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Project
from tests import factories


def titles(response) -> list[str]:
    return [row["title"] for row in response.context["rows"]]


@pytest.fixture
def some(erin, ana) -> list[Project]:
    return [
        factories.ProjectFactory(employer=erin, title="Guest house website", skills=["Django", "CSS"]),
        factories.ProjectFactory(employer=erin, title="Cookbook drawings", skills=["illustration"], budget_to=60_000),
        factories.ProjectFactory(employer=ana, title="Handbook in French", currency="USD", skills=[]),
    ]


def test_shows_open_projects_newest_first(some, erin, sam, signed_in):
    some[1].close(by=erin)
    assert titles(signed_in(sam).get("/projects/")) == ["Handbook in French", "Guest house website"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("words=guest", ["Guest house website"]),
        ("words=websites", ["Guest house website"]),
        ("words=booking+-website", ["Handbook in French", "Cookbook drawings"]),
        ("words='%26|!:*()", None),
        ("skill=django", ["Guest house website"]),
        ("skill=+CSS+", ["Guest house website"]),
        ("skill=cobol", []),
        ("currency=USD", ["Handbook in French"]),
        ("currency=EUR&budget=601", ["Guest house website"]),
        ("currency=EUR&budget=600", ["Cookbook drawings", "Guest house website"]),
        ("before=999999999", ["Handbook in French", "Cookbook drawings", "Guest house website"]),
        (f"before={2**63 - 1}", ["Handbook in French", "Cookbook drawings", "Guest house website"]),
        ("before=1", []),
        ("after=999999999", []),
    ],
)
def test_finds(query, expected, some, sam, signed_in):
    response = signed_in(sam).get(f"/projects/?{query}")
    assert response.status_code == 200
    assert expected is None or titles(response) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("words=a%00b", "words"),
        ("words=" + "x" * 201, "words"),
        ("skill=" + "x" * 41, "skill"),
        ("currency=XXX", "currency"),
        ("budget=600", "currency"),
        ("currency=EUR&budget=-1", "budget"),
        ("currency=EUR&budget=1e9", "budget"),
        ("before=x", "before"),
        (f"before={2**63}", "before"),
        ("after=-1", "after"),
    ],
)
def test_bad_input_is_told_at_the_field(query, field, sam, signed_in):
    """P82"""
    response = signed_in(sam).get(f"/projects/?{query}")
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_bytes_that_are_no_text_do_no_harm(sam, signed_in):
    assert signed_in(sam).get("/projects/?words=%ff%fe&skill=%ed%a0%80").status_code == 200


def test_pages_lead_to_every_project_once_and_back(erin, sam, signed_in):
    for number in range(65):
        factories.ProjectFactory(employer=erin, title=f"P{number}")
    client, seen, address = signed_in(sam), [], "/projects/?words=booking"
    pages = []
    while address:
        response = client.get(address)
        pages.append(titles(response))
        seen += titles(response)
        older = response.context["older"]
        address = older and "/projects/" + older
    assert seen == [f"P{number}" for number in reversed(range(65))]
    assert [len(page) for page in pages] == [30, 30, 5]
    back = client.get("/projects/" + response.context["newer"])
    assert titles(back) == pages[1]
    assert "words=booking" in response.context["newer"]
    first = client.get("/projects/" + back.context["newer"])
    assert titles(first) == pages[0]
    assert first.context["newer"] == ""


def test_needs_the_same_few_queries_for_any_number_of_rows(erin, wes, signed_in):
    client = signed_in(wes)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get("/projects/")
        return len(captured)

    factories.BidFactory(project=factories.ProjectFactory(employer=erin))
    one = queries()
    for _ in range(29):
        factories.BidFactory(project=factories.ProjectFactory(employer=factories.MemberFactory()))
    assert queries() == one
    assert one <= 7  # one more where somebody has a standing


def test_says_how_many_bids_stand_and_which_are_mine(erin, wes, ana, signed_in):
    project = factories.ProjectFactory(employer=erin)
    factories.BidFactory(project=project, freelancer=ana).withdraw(by=ana)
    factories.BidFactory(project=project, freelancer=wes)
    for member, mine in ((wes, "Your bid stands"), (erin, "Your project"), (ana, "")):
        (row,) = signed_in(member).get("/projects/").context["rows"]
        assert (row["bids"], row["mine"]) == ("1 bid", mine)


def test_visitors_sign_in_first(client, db):
    assert client.get("/projects/")["Location"].startswith("/accounts/login/")
