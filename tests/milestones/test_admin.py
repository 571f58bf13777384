"""Staff find milestones, accounts and transfers by any reference, and change nothing by any form (P70)."""

import re
import uuid

import pytest

from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.steps import page

KINDS = ["milestones/milestone", "ledger/transfer", "ledger/account"]


@pytest.fixture
def staff(db, settings, signed_in):
    settings.STAFF_SECOND_FACTOR = False
    return signed_in(factories.MemberFactory(name="Root", is_staff=True, is_superuser=True))


@pytest.fixture
def things(milestone, erin):
    event = milestone.release(15_000, by=erin, key=uuid.uuid4())
    return dict(zip(KINDS, (milestone, event.transfer, milestone.escrow), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_p70_found_by_reference_and_e_mail(kind, things, erin, staff):
    thing = things[kind] if kind != "ledger/account" else erin.accounts.get()
    for words in (
        getattr(thing, "reference", f"#{thing.pk}"),
        str(thing.pk),
        "WES@" if "ledger/t" in kind else "erin@",
    ):
        text = page(staff.get(f"/admin/{kind}/", {"q": words}))
        assert f"/admin/{kind}/{thing.pk}/change/" in text, words
    for words in ("M0", "9" * 18, "9" * 30, "²", "٤", "nobody@example.com", "a\0b", "\0", "%"):
        response = staff.get(f"/admin/{kind}/", {"q": words})
        assert response.status_code == 200
        if "\0" not in words:  # Django says that it can't search for that
            assert f"/admin/{kind}/{thing.pk}/change/" not in page(response), words


def test_p70_a_milestone_is_found_by_its_task(things, staff):
    assert "Photo gallery" in page(staff.get("/admin/milestones/milestone/", {"q": "gallery"}))


def test_p70_a_milestone_tells_its_whole_story(things, staff):
    milestone, transfer = things[KINDS[0]], things[KINDS[1]]
    text = page(staff.get(f"/admin/milestones/milestone/{milestone.pk}/change/"))
    for words in (
        milestone.reference,
        "€400.00",
        "€250.00",
        "€150.00",
        f'href="/admin/ledger/transfer/{transfer.pk}/change/"',
    ):
        assert words in text
    for event in milestone.events.all():
        assert event.reference in text


@pytest.mark.parametrize("kind", KINDS)
def test_p70_nothing_can_be_added_changed_or_deleted(kind, things, staff):
    thing = things[kind]
    before = type(thing).objects.filter(pk=thing.pk).values().get()
    base = f"/admin/{kind}/"
    assert staff.get(f"{base}{thing.pk}/change/").status_code == 200
    assert 'name="_save"' not in page(staff.get(f"{base}{thing.pk}/change/"))
    assert staff.get(f"{base}add/").status_code == 403
    assert staff.post(f"{base}add/", {"amount": "1"}).status_code == 403
    assert staff.post(f"{base}{thing.pk}/change/", {"state": "released", "amount": "1"}).status_code == 403
    assert staff.post(f"{base}{thing.pk}/delete/", {"post": "yes"}).status_code == 403
    staff.post(base, {"action": "delete_selected", "_selected_action": thing.pk, "post": "yes"})
    assert type(thing).objects.filter(pk=thing.pk).values().get() == before


@pytest.mark.parametrize("kind", KINDS)
def test_p70_a_search_by_number_reads_no_words(kind, things, staff):
    with CaptureQueriesContext(connection) as queries:
        staff.get(f"/admin/{kind}/", {"q": "12"})
    assert not [q["sql"] for q in queries if "LIKE" in q["sql"].upper()]


@pytest.mark.parametrize("kind", KINDS)
def test_p82_members_do_not_get_in(kind, things, erin, settings, signed_in):
    assert signed_in(erin).get(f"/admin/{kind}/").status_code in (302, 403, 404)


def test_p70_the_story_is_read_at_once_however_long_it_is(milestone, erin, staff):
    """Not with queries for each of its events."""
    address = f"/admin/milestones/milestone/{milestone.pk}/change/"
    counts = []
    for _ in range(3):
        milestone.release(100, by=erin, key=uuid.uuid4())
        with CaptureQueriesContext(connection) as queries:
            text = page(staff.get(address))
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]
    assert "€1.00" in text
    assert "€397.00" in text


@pytest.mark.parametrize("kind", ["milestones/milestone", "projects/project", "accounts/member"])
def test_p70_no_link_leads_staff_to_a_page_that_they_can_not_see(kind, milestone, erin, staff):
    pk = {"milestones/milestone": milestone.pk, "projects/project": milestone.award.project_id}.get(kind, erin.pk)
    text = page(staff.get(f"/admin/{kind}/{pk}/change/"))
    assert "View on site" not in text
    assert "/admin/r/" not in text


@pytest.fixture
def reader(db, settings, signed_in):
    """Staff who may look at what the admin has pages for, as a group of readers does."""
    settings.STAFF_SECOND_FACTOR = False
    member = factories.MemberFactory(name="Reader", is_staff=True)
    codes = ["view_milestone", "view_transfer", "view_award", "view_project"]
    member.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return signed_in(member)


def test_p70_who_may_read_a_milestone_reads_its_story(things, reader):
    milestone, transfer = things[KINDS[0]], things[KINDS[1]]
    text = page(reader.get(f"/admin/milestones/milestone/{milestone.pk}/change/"))
    for words in ("Milestone created", "Released", "Erin Vogel", "€150.00", transfer.reference):
        assert words in text
    assert ">release<" not in text
    assert "View on site" not in text


def test_p70_members_are_called_what_they_are(staff, things):
    text = page(staff.get("/admin/"))
    for words in ("Milestones", "Ledger", "Accounts", "Transfers", "Projects", "Bids", "Awards"):
        assert re.search(rf">\s*{words}\s*</a>", text), words
