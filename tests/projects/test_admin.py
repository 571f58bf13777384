"""Staff read projects, bids and awards in the admin, and change nothing by any form (P70)."""

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories

KINDS = ("project", "bid", "award")


@pytest.fixture
def root(db):
    return factories.MemberFactory(name="Root", is_staff=True, is_superuser=True)


@pytest.fixture
def client_of(root, settings, signed_in):
    settings.STAFF_SECOND_FACTOR = False
    return signed_in(root)


@pytest.fixture
def project_with(db):
    """``project_with(3)`` is a project with three bids, each awarded."""

    def project_with(number):
        project = factories.ProjectFactory()
        for _ in range(number):
            factories.award(factories.BidFactory(project=project))
        return project

    return project_with


@pytest.mark.parametrize("kind", KINDS)
def test_finds_by_number_title_and_person(kind, award, client_of):
    thing = {"project": award.project, "bid": award.bid, "award": award}[kind]
    person = "erin@example.com" if kind == "project" else "wes@example.com"
    for words in (str(thing.pk), "guest house", person):
        page = client_of.get(f"/admin/projects/{kind}/", {"q": words}).content.decode()
        assert f"/admin/projects/{kind}/{thing.pk}/change/" in page, words
    assert client_of.get(f"/admin/projects/{kind}/", {"q": "a\0b"}).status_code == 200
    for words in ("nobody@example.com", "9" * 30, "⁵"):
        response = client_of.get(f"/admin/projects/{kind}/", {"q": words})
        assert response.status_code == 200
        assert f"/admin/projects/{kind}/{thing.pk}/change/" not in response.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_can_be_changed_even_by_a_superuser(kind, award, client_of):
    thing = {"project": award.project, "bid": award.bid, "award": award}[kind]
    before = type(thing).objects.filter(pk=thing.pk).values().get()
    base = f"/admin/projects/{kind}/"
    assert client_of.get(f"{base}{thing.pk}/change/").status_code == 200
    assert client_of.get(f"{base}add/").status_code == 403
    assert client_of.post(f"{base}{thing.pk}/change/", {"state": "closed", "amount": "1"}).status_code == 403
    assert client_of.post(f"{base}{thing.pk}/delete/", {"post": "yes"}).status_code == 403
    client_of.post(base, {"action": "delete_selected", "_selected_action": thing.pk, "post": "yes"})
    assert type(thing).objects.filter(pk=thing.pk).values().get() == before


def test_an_award_tells_its_story(award, client_of):
    factories.accepted(award)
    page = client_of.get(f"/admin/projects/award/{award.pk}/change/").content.decode()
    assert "€1,000.00" in page
    assert page.index(">Awarded<") < page.index(">Accepted<")


def test_a_project_with_many_bids_takes_no_query_a_row(project_with, client_of):
    counts = []
    for number in (1, 8):
        project = project_with(number)
        client_of.get(f"/admin/projects/project/{project.pk}/change/")
        with CaptureQueriesContext(connection) as queries:
            text = client_of.get(f"/admin/projects/project/{project.pk}/change/").content.decode()
        assert text.count("€1,000.00") == 2 * number
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nothing_leads_to_pages_that_are_the_parties_own(award, client_of):
    for kind, thing in (("project", award.project), ("bid", award.bid), ("award", award)):
        assert "View on site" not in client_of.get(f"/admin/projects/{kind}/{thing.pk}/change/").content.decode()
