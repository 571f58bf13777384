"""What the project's page shows to whom: bids are sealed (P2, P82)."""

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Project
from projects.page import project_context
from tests import factories


@pytest.fixture
def project(erin) -> Project:
    return factories.ProjectFactory(employer=erin)


@pytest.fixture
def bids(project, wes, ana):
    plan = [{"task": "Sketches", "amount": 40_000}]
    return [
        factories.BidFactory(project=project, freelancer=wes, proposal="Wes writes", amount=111_100),
        factories.BidFactory(project=project, freelancer=ana, proposal="Ana writes", amount=222_200, plan=plan),
    ]


def test_the_employer_sees_every_standing_bid_and_may_award_it(project, bids, erin, wes, signed_in):
    page = signed_in(erin).get(f"/projects/{project.pk}/").content.decode()
    for bid, words, amount in zip(bids, ("Wes writes", "Ana writes"), ("€1,111.00", "€2,222.00"), strict=True):
        assert words in page
        assert amount in page
        assert f'href="/bids/{bid.pk}/award/"' in page
    assert "Sketches" in page
    bids[0].withdraw(by=wes)
    assert "Wes writes" not in signed_in(erin).get(f"/projects/{project.pk}/").content.decode()


def test_a_freelancer_sees_their_own_bid_only(project, bids, wes, signed_in):
    page = signed_in(wes).get(f"/projects/{project.pk}/").content.decode()
    assert "Wes writes" in page
    assert "Ana" not in page
    assert "€2,222.00" not in page
    assert f'href="/projects/{project.pk}/bid/withdraw/"' in page
    assert "/award/" not in page


def test_anybody_else_is_offered_to_bid(project, bids, sam, signed_in):
    page = signed_in(sam).get(f"/projects/{project.pk}/").content.decode()
    assert f'href="/projects/{project.pk}/bid/"' in page
    assert "writes" not in page


def test_an_awarded_bid_offers_nothing_to_press(project, bids, erin, wes):
    factories.award(bids[0])
    context = project_context(project, wes)
    assert context["my_bid"]["actions"] == []
    (row,) = [row for row in project_context(project, erin)["bids"] if row["freelancer"] == wes]
    assert row["actions"] == []


def test_a_closed_project_is_seen_by_those_who_have_a_part_in_it(project, bids, erin, wes, sam, signed_in):
    project.close(by=erin)
    assert signed_in(sam).get(f"/projects/{project.pk}/").status_code == 404
    page = signed_in(wes).get(f"/projects/{project.pk}/").content.decode()
    assert "Revise bid" not in page
    assert "Withdraw bid" in page
    assert f'href="/bids/{bids[0].pk}/award/"' in signed_in(erin).get(f"/projects/{project.pk}/").content.decode()


def test_one_query_reads_the_bids_and_one_the_bidders_standing(project, bids, erin):
    project = Project.objects.select_related("employer").get(pk=project.pk)
    with CaptureQueriesContext(connection) as captured:
        project_context(project, erin)
    assert len(captured) == 2
