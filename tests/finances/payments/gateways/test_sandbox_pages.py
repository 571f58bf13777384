"""The pages that stand in for a provider's and a bank's: their owner's only, and each takes effect once."""

import html
import threading
from typing import Any

import pytest

from django.db import connection

from accounts.models import Member
from finances.payments.gateways import Outcome
from finances.payments.sandbox import BANKS, CARDS, PAYOUT_ACCOUNTS, Behaviour
from finances.payments.sandbox.models import SandboxCharge, SandboxInstrument
from tests.finances.payments.gateways.sandbox_helpers import SANDBOX, bank, card, payout_account

pytestmark = pytest.mark.django_db

BACK = "http://testserver/payments/sources/7/?from=setup"
LABEL = "Test provider – no real money"


def setup_url(member: Member, kind: str = "card") -> str:
    if kind == "destination":
        return SANDBOX.begin_destination(owner_id=member.pk, email="", currency="EUR", back=BACK).url
    return SANDBOX.begin_source(owner_id=member.pk, email="", kind=kind, currency="EUR", back=BACK).url


def reference(url: str) -> str:
    return url.split("/")[-2]


def step_of(member: Member) -> Any:
    return SANDBOX.charge(
        key="k1",
        source=card(Behaviour.NEEDS_STEP, owner_id=member.pk).reference,
        customer="",
        amount=5_000,
        currency="EUR",
        words="Photo gallery",
        back=BACK,
    )


@pytest.mark.parametrize(("kind", "listed"), [("card", CARDS), ("bank", BANKS), ("destination", PAYOUT_ACCOUNTS)])
def test_a_setup_offers_what_can_be_tried_and_saves_the_choice(
    erin: Member, signed_in: Any, kind: str, listed: Any
) -> None:
    url, browser = setup_url(erin, kind), signed_in(erin)
    page = html.unescape(browser.get(url).content.decode())
    assert LABEL in page
    assert [each.number for each in listed if each.number not in page or str(each.words) not in page] == []

    answer = browser.post(url, {"number": listed[1].number})

    assert (answer.status_code, answer["Location"]) == (302, "/payments/sources/7/?from=setup")
    saved = SANDBOX.finished(reference(url))
    assert saved is not None
    assert saved.last4 == listed[1].last4
    assert SandboxInstrument.objects.get().behaviour == listed[1].behaviour


@pytest.mark.parametrize("number", ["", "5555 5555 5555 4444", "4242424242424242", "TEST 0000 0000 1001"])
def test_only_test_cards_can_be_added(erin: Member, signed_in: Any, number: str) -> None:
    url = setup_url(erin)

    answer = signed_in(erin).post(url, {"number": number})

    assert answer.status_code == 422
    assert ("Only test cards" if number else "Choose one of them.") in answer.content.decode()
    assert SANDBOX.finished(reference(url)) is None


def test_a_setup_sent_twice_saves_the_first_choice(erin: Member, signed_in: Any) -> None:
    url, browser = setup_url(erin), signed_in(erin)
    browser.post(url, {"number": CARDS[0].number})
    before = SANDBOX.finished(reference(url))

    again = browser.post(url, {"number": CARDS[1].number})
    reloaded = browser.get(url)

    assert again.status_code == 302
    assert SANDBOX.finished(reference(url)) == before
    assert SandboxInstrument.objects.count() == 1
    assert "This has been added" in reloaded.content.decode()
    assert 'name="number"' not in reloaded.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_setup_sent_from_many_windows_at_once_saves_one_choice(erin: Member, signed_in: Any) -> None:
    url, start = setup_url(erin), threading.Barrier(5)

    def send(number: str) -> None:
        browser = signed_in(erin)
        start.wait()
        browser.post(url, {"number": number})
        connection.close()

    threads = [threading.Thread(target=send, args=(each.number,)) for each in CARDS[:5]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert SandboxInstrument.objects.count() == 1


@pytest.mark.parametrize(
    ("chosen", "outcome", "reason"),
    [("confirm", Outcome.SUCCEEDED, ""), ("refuse", Outcome.DECLINED, "authentication_failed")],
)
def test_the_banks_question_is_answered_once(
    erin: Member, signed_in: Any, chosen: str, outcome: Outcome, reason: str
) -> None:
    """P17"""
    asked, browser = step_of(erin), signed_in(erin)
    page = browser.get(asked.step_url).content.decode()
    assert LABEL in page
    assert "€50.00" in page
    assert "Photo gallery" in page

    answer = browser.post(asked.step_url, {"answer": chosen})
    assert (answer.status_code, answer["Location"]) == (302, "/payments/sources/7/?from=setup")
    for other in ("refuse", "confirm"):
        assert browser.post(asked.step_url, {"answer": other}).status_code == 302

    stands = SANDBOX.read_charge(asked.reference)
    assert (stands.outcome, stands.reason, stands.step_url) == (outcome, reason, "")
    assert SANDBOX.balances() == ({"EUR": 5_000} if chosen == "confirm" else {})
    assert "nothing to confirm any more" in browser.get(asked.step_url).content.decode()


def test_a_cancelled_charge_is_not_confirmed_any_more(erin: Member, signed_in: Any) -> None:
    asked = step_of(erin)
    SANDBOX.cancel_charge(asked.reference)

    signed_in(erin).post(asked.step_url, {"answer": "confirm"})

    assert SANDBOX.read_charge(asked.reference).outcome == Outcome.CANCELLED


def test_no_answer_to_the_banks_question_is_none(erin: Member, signed_in: Any) -> None:
    asked = step_of(erin)
    for sent in ({}, {"answer": "perhaps"}):
        assert signed_in(erin).post(asked.step_url, sent).status_code == 422
    assert SANDBOX.read_charge(asked.reference).outcome == Outcome.NEEDS_STEP


def test_the_statement_shows_the_code_and_what_was_charged(erin: Member, signed_in: Any) -> None:
    source = card(owner_id=erin.pk)
    SANDBOX.charge(
        key="k1", source=source.reference, customer="", amount=5_000, currency="EUR", words="Photo gallery", back=""
    )
    page = signed_in(erin).get(SANDBOX.statement_url(source.reference)).content.decode()

    assert LABEL in page
    assert f"code {source.code}" in page
    assert "\N{MINUS SIGN}€50.00" in page
    assert "\N{MINUS SIGN}€1.00" in page
    assert page.index("Photo gallery") < page.index(f"code {source.code}")


def test_the_statement_says_nothing_of_what_did_not_happen(erin: Member, signed_in: Any) -> None:
    asked = step_of(erin)
    source = SandboxCharge.objects.get(reference=asked.reference).instrument
    account = payout_account()
    SandboxInstrument.objects.filter(pk=account.pk).update(owner_id=erin.pk)

    browser = signed_in(erin)
    assert "€50.00" not in browser.get(source.get_absolute_url()).content.decode()
    assert "Nothing has been paid" in browser.get(account.get_absolute_url()).content.decode()
    SANDBOX.pay_out(key="p1", destination=account.reference, amount=700, currency="EUR", words="")
    assert "€7.00" in browser.get(account.get_absolute_url()).content.decode()


def test_a_stranger_finds_nothing(erin: Member, sam: Member, signed_in: Any) -> None:
    asked, url, source = step_of(erin), setup_url(erin), bank()
    SandboxInstrument.objects.filter(pk=source.pk).update(owner_id=erin.pk)
    browser = signed_in(sam)

    for address in (asked.step_url, url, source.get_absolute_url()):
        assert browser.get(address).status_code == 404
    assert browser.post(asked.step_url, {"answer": "confirm"}).status_code == 404
    assert browser.post(url, {"number": CARDS[0].number}).status_code == 404
    assert SANDBOX.read_charge(asked.reference).outcome == Outcome.NEEDS_STEP
    assert SANDBOX.finished(reference(url)) is None


def test_the_way_back_stays_on_this_site(erin: Member, signed_in: Any) -> None:
    """Whatever address it was given, and by whatever name the person came."""
    ways = {"https://elsewhere.example/x/?y=1#z": "/x/?y=1#z", "": "/", "http://testserver": "/", "http://a//b/": "/b/"}
    for back, here in ways.items():
        begun = SANDBOX.begin_source(owner_id=erin.pk, email="", kind="card", currency="", back=back)
        assert signed_in(erin).post(begun.url, {"number": CARDS[0].number})["Location"] == here
