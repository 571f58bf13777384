"""One box for any reference, address, name or amount (P70)."""

import uuid

import pytest

from django.contrib.auth.models import Permission
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from finances.ledger.models import Transfer
from milestones.models import ConsentRequest, Milestone
from projects.models import Award
from support.desk import searching
from tests import factories
from tests.money import EUR
from tests.situation import hold
from tests.steps import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def sue(sue, settings) -> Member:
    settings.STAFF_SECOND_FACTOR = False
    apps = ("accounts", "projects", "milestones", "disputes", "payments", "ledger")
    permissions = Permission.objects.filter(content_type__app_label__in=apps, codename__startswith="view_")
    sue.user_permissions.set(permissions)
    return sue


@pytest.fixture
def award(erin, wes, fund) -> Award:
    fund(erin, EUR("1000.00"))
    return factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))


@pytest.fixture
def milestone(award) -> Milestone:
    return hold(award, "Photo gallery", 40_150)


def search(text: str, reader: Member) -> list[searching.Found]:
    request = RequestFactory().get("/admin/search/")
    request.user = reader
    return searching.search(text, request)


def links(found: list[searching.Found]) -> set[str]:
    return {hit.url for kind in found for hit in kind.hits}


def change(model: str, pk: int) -> str:
    return f"/admin/{model}/{pk}/change/"


def test_references_of_every_kind_are_found(sue, in_group, milestone, award, erin):
    transfer = Transfer.objects.filter(kind="hold").get()
    consent = ConsentRequest.begin(
        milestone, note="The town has no money left.", by=in_group("support"), key=uuid.uuid4()
    )
    for text, url in (
        (f"M{milestone.pk}", change("milestones/milestone", milestone.pk)),
        (f" m{milestone.pk} ", change("milestones/milestone", milestone.pk)),
        (f"G{consent.pk}", change("milestones/consentrequest", consent.pk)),
        ("no money left", change("milestones/consentrequest", consent.pk)),
        (f"A{award.pk}", change("projects/award", award.pk)),
        (f"P{award.project_id}", change("projects/project", award.project_id)),
        (f"T{transfer.pk}", change("ledger/transfer", transfer.pk)),
        (f"#{erin.pk}", change("accounts/member", erin.pk)),
    ):
        assert url in links(search(text, sue)), text
    assert change("milestones/milestone", milestone.pk) not in links(search(f"D{milestone.pk}", sue))


def test_names_addresses_and_words_are_found(sue, milestone, award, erin):
    for text in ("erin@example.com", "VOGEL", "erin@"):
        assert change("accounts/member", erin.pk) in links(search(text, sue)), text
    assert change("milestones/milestone", milestone.pk) in links(search("o gall", sue))
    assert change("projects/award", award.pk) in links(search("erin@example.com", sue))
    assert search("e", sue) == []


@pytest.mark.parametrize("text", ["401.50", "401,50", "EUR 401.5", "401.50 eur", "40150"])
def test_amounts_are_found_as_people_write_them(sue, milestone, text):
    assert change("milestones/milestone", milestone.pk) in links(search(text, sue))


@pytest.mark.parametrize("text", ["401.51", "USD 401.50", "401.500 EUR", "JPY 401.50"])
def test_another_amount_is_another(sue, milestone, text):
    assert change("milestones/milestone", milestone.pk) not in links(search(text, sue))


@pytest.mark.parametrize(
    "text", ["", "   ", "\0", "%", "'; --", "9" * 40, "M999999999999999999", "<b>", "²", "x" * 5000]
)
def test_nonsense_finds_nothing_and_breaks_nothing(signed_in, sue, milestone, text):
    answer = signed_in(sue).get("/admin/search/", {"q": text})
    assert answer.status_code == 200
    assert "<b>" not in answer.text
    assert search(text, sue) == []


def test_a_reader_finds_what_they_may_look_at(signed_in, sue, mia, milestone, settings):
    assert search("Photo gallery", mia) == []
    assert "Nothing is called" in page(signed_in(mia).get("/admin/search/?q=Photo"))
    assert "Photo gallery" in page(signed_in(sue).get("/admin/search/?q=Photo"))


def test_a_long_list_is_cut_and_says_so(signed_in, sue, award):
    for number in range(searching.SHOWN + 1):
        hold(award, f"Sketch {number}", 100)
    (found,) = [kind for kind in search("Sketch", sue) if str(kind.title) == "Milestones"]
    assert (len(found.hits), found.more) == (searching.SHOWN, True)
    assert "There are more" in page(signed_in(sue).get("/admin/search/?q=Sketch"))


def test_what_is_found_costs_no_query_more(sue, award):
    hold(award, "Sketch", 100)
    counts = []
    for _round in range(2):
        reader = Member.objects.get(pk=sue.pk)
        with CaptureQueriesContext(connection) as queries:
            search("Sketch", reader)
        counts.append(len(queries))
        for number in range(5):
            hold(award, f"Sketch {number}", 100)
    assert counts[0] == counts[1]


def test_the_box_stands_on_the_first_page(signed_in, sue):
    text = signed_in(sue).get("/admin/").text
    assert 'action="/admin/search/"' in text
    assert 'name="q"' in text
