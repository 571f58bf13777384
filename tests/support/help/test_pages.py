"""The help centre's pages: for everybody, searched, and asked whether they helped (P61)."""

import pytest

from django.contrib.auth.models import Group
from django.core.cache import cache

from accounts.models import Member
from support.help.models import Missed, Vote
from support.help.views import pages
from tests.steps import page

pytestmark = pytest.mark.django_db
RELEASING = "/help/releasing/"


@pytest.fixture(autouse=True)
def _door(settings) -> None:
    settings.STAFF_SECOND_FACTOR = False
    cache.clear()


def test_p61_anybody_reads_the_help_and_its_foot_leads_there(client):
    text = page(client.get("/help/"))
    assert 'href="/help/releasing/"' in text
    assert 'href="/help/"' in page(client.get("/accounts/login/"))
    shown = page(client.get(RELEASING))
    assert "Was this article helpful?" in shown
    assert 'href="/help/money-back-after-release/"' in shown
    assert "Chat Now!" not in shown


def test_a_member_can_go_on_to_support(signed_in, erin):
    assert 'href="/support/new/">Chat Now!' in page(signed_in(erin).get(RELEASING))


@pytest.mark.parametrize("address", ["/help/nothing/", "/help/../", "/help/nothing/vote/"])
def test_what_is_not_there_is_not_there(client, address):
    ask = client.post if address.endswith("vote/") else client.get
    assert ask(address).status_code == 404


def test_p61_it_speaks_the_readers_language(client):
    text = client.get(RELEASING, headers={"Accept-Language": "pt-BR"}).text
    assert "Sim, quero liberar o dinheiro" in text
    assert "Este artigo foi útil?" in text


def test_p61_a_members_vote_is_remembered_once_and_can_be_changed(signed_in, erin):
    client = signed_in(erin)
    for _round in range(2):  # a double click
        assert client.post(f"{RELEASING}vote/", {"helpful": "no"}).url == f"{RELEASING}#helpful"
    assert "You said no" in page(client.get(RELEASING))
    client.post(f"{RELEASING}vote/", {"helpful": "no", "words": "How long <b>does</b> it take?"})
    assert "How long &lt;b&gt;does" in client.get(RELEASING).text
    client.post(f"{RELEASING}vote/", {"helpful": "yes"})
    vote = Vote.objects.get()
    assert (vote.member, vote.visitor, vote.helpful, vote.words) == (erin, None, True, "How long <b>does</b> it take?")
    assert "You said yes" in page(client.get(RELEASING))


def test_p61_a_visitors_vote_is_remembered_by_a_cookie(client):
    answer = client.post(f"{RELEASING}vote/", {"helpful": "yes"})
    cookie = answer.cookies[pages.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/help/")
    client.post(f"{RELEASING}vote/", {"helpful": "no"})
    vote = Vote.objects.get()
    assert (vote.member, str(vote.visitor), vote.helpful) == (None, cookie.value, False)
    client.cookies[pages.COOKIE] = "nonsense"
    assert client.get(RELEASING).status_code == 200


@pytest.mark.parametrize("said", [{}, {"helpful": "maybe"}, {"helpful": "yes", "words": "x" * 501}])
def test_anything_else_is_no_vote(signed_in, erin, said):
    assert signed_in(erin).post(f"{RELEASING}vote/", said).status_code == 422
    assert signed_in(erin).get(f"{RELEASING}vote/").status_code == 405
    assert not Vote.objects.exists()


def test_visitors_of_one_address_vote_so_often(client, monkeypatch):
    monkeypatch.setattr(pages, "MOST_AN_HOUR", 1)
    assert client.post(f"{RELEASING}vote/", {"helpful": "yes"}).status_code == 302
    assert client.post(f"{RELEASING}vote/", {"helpful": "yes"}).status_code == 429


def test_what_members_look_for_in_vain_is_counted_and_what_visitors_do_is_not(client, signed_in, erin):
    for _round in range(2):
        assert "Nothing is written about that" in page(signed_in(erin).get("/help/?q=Zzzyx"))
    client.get("/help/?q=zzzyw")
    signed_in(erin).get("/help/?q=release")
    signed_in(erin).head("/help/?q=zzzyv")
    assert [(row.words, row.number) for row in Missed.objects.all()] == [("zzzyx", 2)]


def test_p61_staff_read_what_helped_least(signed_in, erin, wes, sue, mia):
    signed_in(erin).post(f"{RELEASING}vote/", {"helpful": "no", "words": "Too long"})
    signed_in(wes).post("/help/fees/vote/", {"helpful": "yes"})
    sue.groups.add(Group.objects.get(name="support"))
    text = page(signed_in(Member.objects.get(pk=sue.pk)).get("/admin/help-figures/"))
    assert text.index("Releasing money, fully or partly") < text.index(">Fees<")
    assert "Too long" in page(signed_in(sue).get("/admin/help/vote/?q=releasing"))
    assert signed_in(mia).get("/admin/help-figures/").status_code == 403


def test_pages_lead_to_the_help_where_the_question_arises(signed_in, erin):
    client = signed_in(erin)
    assert 'href="/help/depositing/"' in page(client.get("/finances/deposit/"))
    assert 'href="/help/payment-sources/"' in page(client.get("/finances/sources/"))
