"""Payment sources and payout accounts: listed, added at the provider, verified, named, ordered, removed."""

import re

import pytest

from finances.payments.gateways import Refused, Saved, Unreachable
from finances.payments.models import Instrument, PaymentSource, PayoutDestination
from tests.finances.payments.test_charging import begin
from tests.finances.payments.test_withdrawing import ask
from tests.money import EUR
from tests.steps import HTMX, error_at, page

pytestmark = pytest.mark.django_db

SOURCES, ACCOUNTS = "/finances/sources/", "/finances/payout-accounts/"


def names(answer) -> list[str]:
    """The list's lines by their names, in order."""
    return re.findall(r"<li>\s*<span><strong>(.*?)</strong>", page(answer), re.S)


def added(provider, **fields) -> None:
    """The member finishes what was begun last on the provider's page."""
    begun = [*PaymentSource.objects.all(), *PayoutDestination.objects.all()][-1]
    saved = {"reference": "card-1", "kind": "card", "brand": "Visa", "last4": "1111", "expires": "12/2029"}
    provider.saved[begun.setup] = Saved(**{**saved, "currency": "", "verified": True, **fields})


def test_nothing_is_there_and_it_says_how_to_add_one(erin, signed_in, provider):
    for url in (SOURCES, ACCOUNTS):
        answer = signed_in(erin).get(url)
        assert "yet" in page(answer)
        assert f'href="{url}new/"' in page(answer)


def test_they_are_listed_in_the_order_in_which_they_are_tried_each_with_its_state(card, another, erin, signed_in):
    another(PaymentSource, erin, brand="Later", state="unverified")
    another(PaymentSource, erin, brand="Old", expires="01/2020")
    another(PaymentSource, erin, brand="", kind="bank", currency="USD", last4="9", place=0)
    another(PaymentSource, erin, brand="Elsewhere", gateway="stripe")
    another(PaymentSource, erin, brand="", last4="", state="adding", place=0)
    another(PaymentSource, erin, brand="Gone", state="removed")
    answer = signed_in(erin).get(SOURCES)
    listed = [
        "Bank account ···· 9",
        "Visa ···· 4242",
        "Later ···· 4242",
        "Old ···· 4242",
        "Elsewhere ···· 4242",
        "Card",
    ]
    assert names(answer) == listed
    states = re.findall(r'<span class="chip[^>]*>(.*?)</span>', page(answer))
    assert states == ["Verified", "Verified", "Not verified yet", "Expired", "Not usable", "Being added"]
    assert page(answer).count("Tried first") == 1
    assert page(answer).index("Tried first") < page(answer).index("Visa")
    assert "Bank account · USD" in page(answer)


def test_others_ones_are_not_there(card, account, sam, signed_in):
    client = signed_in(sam)
    assert names(client.get(SOURCES)) == names(client.get(ACCOUNTS)) == []


@pytest.mark.parametrize(("kind", "currency"), [("card", ""), ("bank", "USD")])
def test_adding_leads_to_the_provider_and_back(erin, signed_in, provider, kind, currency):
    client = signed_in(erin)
    answer = client.post(f"{SOURCES}new/", {"kind": kind, "currency": "USD"}, follow=True)
    source = PaymentSource.objects.get()
    assert (source.kind, source.currency, source.state) == (kind, currency, "adding")
    assert answer.redirect_chain == [(f"{SOURCES}{source.pk}/add/", 302)]
    assert 'href="https://provider.example/add"' in page(answer)
    assert "never reaches" in page(answer)
    added(provider, kind=kind, currency=currency)
    answer = client.get(f"{SOURCES}back/", follow=True)
    assert "Visa ···· 1111 can be used now." in page(answer)
    assert names(answer) == ["Visa ···· 1111"]
    assert client.get(f"{SOURCES}{source.pk}/add/").status_code == 302, "there is nothing to finish any more"


def test_in_a_dialog_the_next_page_is_a_whole_one(erin, signed_in, provider):
    answer = signed_in(erin).post(f"{SOURCES}new/", {"kind": "card", "currency": "EUR"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"{SOURCES}{PaymentSource.objects.get().pk}/add/"


def test_who_presses_twice_adds_one(erin, signed_in, provider):
    client = signed_in(erin)
    for _again in range(2):
        client.post(f"{SOURCES}new/", {"kind": "card", "currency": "EUR"})
    assert PaymentSource.objects.count() == 1
    client.post(f"{SOURCES}new/", {"kind": "bank", "currency": "EUR"})
    assert PaymentSource.objects.count() == 2, "something else is something else"
    PaymentSource.objects.update(created_at="2026-01-01T00:00:00Z")
    client.post(f"{SOURCES}new/", {"kind": "card", "currency": "EUR"})
    assert PaymentSource.objects.count() == 3, "and so is what is begun later"


@pytest.mark.parametrize("sent", [{}, {"kind": "gold", "currency": "EUR"}, {"kind": "bank", "currency": "XXX"}])
def test_what_can_not_be_added_is_refused_at_the_field(erin, signed_in, provider, sent):
    assert signed_in(erin).post(f"{SOURCES}new/", sent).status_code == 422
    assert not PaymentSource.objects.exists()


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (Unreachable(), "does not answer right now. Nothing was added."),
        (Refused("No such banks here."), "No such banks"),
    ],
)
def test_what_the_provider_does_not_begin_is_not_begun(erin, signed_in, provider, monkeypatch, trouble, words):
    def begin(**asked: object) -> None:
        raise trouble

    monkeypatch.setattr(provider, "begin_source", begin)
    answer = signed_in(erin).post(f"{SOURCES}new/", {"kind": "card", "currency": "EUR"})
    assert answer.status_code == 422
    assert words in page(answer)
    assert not PaymentSource.objects.exists()


def test_there_can_be_twenty(erin, signed_in, another, provider):
    for _number in range(20):
        another(PaymentSource, erin)
    for answer in (signed_in(erin).get(f"{SOURCES}new/"), signed_in(erin).post(f"{SOURCES}new/", {"kind": "card"})):
        assert answer.status_code == 409
        assert "You have 20 already" in page(answer)


def test_back_without_having_finished_changes_nothing(erin, signed_in, provider):
    client = signed_in(erin)
    client.post(f"{SOURCES}new/", {"kind": "card", "currency": "EUR"})
    answer = client.get(f"{SOURCES}back/", follow=True)
    assert PaymentSource.objects.get().state == "adding"
    assert "Finish adding" in page(answer)


def test_back_while_the_provider_is_down_loses_nothing(erin, signed_in, provider):
    client = signed_in(erin)
    client.post(f"{SOURCES}new/", {"kind": "card", "currency": "EUR"})
    added(provider)
    provider.down = True
    assert "What you added is not lost" in page(client.get(f"{SOURCES}back/", follow=True))
    provider.down = False
    assert names(client.get(f"{SOURCES}back/", follow=True)) == ["Visa ···· 1111"]


def test_back_asks_nothing_about_what_is_others(erin, sam, signed_in, provider):
    signed_in(erin).post(f"{SOURCES}new/", {"kind": "card", "currency": "EUR"})
    provider.calls.clear()
    signed_in(sam).get(f"{SOURCES}back/")
    assert provider.calls == []


def test_p16_one_is_verified_by_the_code_on_its_statement(erin, signed_in, another, provider):
    source = another(PaymentSource, erin, state="unverified")
    client, url = signed_in(erin), f"{SOURCES}{source.pk}/verify/"
    assert "small payment with a code" in page(client.get(url))
    answer = client.post(url, {"code": "0000"})
    assert answer.status_code == 422
    assert "not the code" in error_at(answer, "code")
    answer = client.post(url, {"code": " 1234 "}, follow=True)
    assert "is verified and can be used now" in page(answer)
    assert PaymentSource.objects.get().state == "verified"
    assert client.post(url, {"code": "1234"}).status_code == 302, "pressed twice"
    assert client.get(url).status_code == 409


@pytest.mark.parametrize("trouble", [Refused("The code was wrong too often."), Unreachable()])
def test_what_the_provider_does_not_verify_stays_unverified(erin, signed_in, another, provider, monkeypatch, trouble):
    def verify(reference: str, code: str) -> bool:
        raise trouble

    source = another(PaymentSource, erin, state="unverified")
    monkeypatch.setattr(provider, "verify", verify)
    answer = signed_in(erin).post(f"{SOURCES}{source.pk}/verify/", {"code": "1234"})
    assert answer.status_code == 422
    assert ("too often" if isinstance(trouble, Refused) else "does not answer") in page(answer)
    assert PaymentSource.objects.get().state == "unverified"


def test_its_owner_names_it(card, erin, signed_in):
    client, url = signed_in(erin), f"{SOURCES}{card.pk}/rename/"
    assert client.post(url, {"name": "a\u202eb"}).status_code == 422
    client.post(url, {"name": "Household"})
    assert names(client.get(SOURCES)) == ["Household ···· 4242"]
    client.post(url, {"name": ""})
    assert names(client.get(SOURCES)) == ["Visa ···· 4242"]


def test_p15_its_owner_says_which_one_is_used_first(card, another, erin, signed_in):
    second = another(PaymentSource, erin, brand="Second")
    client = signed_in(erin)
    for _again in range(2):
        client.post(f"{SOURCES}{second.pk}/first/")
        assert names(client.get(SOURCES)) == ["Second ···· 4242", "Visa ···· 4242"]


def test_removing_is_asked_once_and_done_once(card, erin, signed_in, provider):
    client, url = signed_in(erin), f"{SOURCES}{card.pk}/remove/"
    begin(card)
    asked = client.get(url)
    assert "Remove Visa ···· 4242?" in page(asked)
    assert "may still succeed" in page(asked)
    assert PaymentSource.objects.get().state == "verified", "asking removes nothing"
    assert "was removed" in page(client.post(url, follow=True))
    assert client.post(url).status_code == 302, "pressed twice"
    assert provider.calls == ["forget"]
    assert names(client.get(SOURCES)) == []
    assert client.get(f"{SOURCES}{card.pk}/rename/").status_code == 404


def test_what_is_removed_while_the_provider_is_down_is_used_no_more(card, erin, signed_in, provider):
    provider.down = True
    answer = signed_in(erin).post(f"{SOURCES}{card.pk}/remove/", follow=True)
    assert "was removed here and is not used any more" in page(answer)
    assert not PaymentSource.objects.usable("EUR")


@pytest.mark.parametrize("step", ["add", "verify", "rename", "first", "remove"])
def test_a_stranger_learns_nothing(card, sam, signed_in, step):
    client = signed_in(sam)
    answers = {
        client.get(f"{SOURCES}{card.pk}/{step}/").status_code,
        client.post(f"{SOURCES}{card.pk}/{step}/").status_code,
    }
    assert answers <= {404, 405}
    card.refresh_from_db()
    assert (card.state, card.name) == ("verified", "")


class TestPayoutAccounts:
    """P51: they are where money goes, so adding and removing them asks for the password or passkey again."""

    def test_one_is_added(self, wes, trusted, provider):
        client = trusted(wes)
        client.post(f"{ACCOUNTS}new/", {"currency": "USD"})
        account = PayoutDestination.objects.get()
        assert (account.kind, account.currency) == ("bank", "USD")
        assert 'href="https://provider.example/add"' in page(client.get(f"{ACCOUNTS}{account.pk}/add/"))
        added(provider, kind="bank", brand="Testbank", currency="USD", verified=False)
        answer = client.get(f"{ACCOUNTS}back/", follow=True)
        assert "The payment provider is still checking it." in page(answer)
        assert "Verify" not in re.sub("Not verified", "", page(answer))
        added(provider, kind="bank", brand="Testbank", currency="USD")
        assert "can be used now" in page(client.get(f"{ACCOUNTS}back/", follow=True)), "checked since"

    def test_in_every_currency_in_which_there_is_money(self, wes, trusted, provider, settings, fund):
        fund(wes, EUR("1.00"))
        settings.CURRENCIES = ["USD"]
        answer = trusted(wes).get(f"{ACCOUNTS}new/?currency=USD")
        assert re.findall(r'<option value="(\w+)"( selected)?', page(answer)) == [("EUR", ""), ("USD", " selected")]

    @pytest.mark.parametrize("step", ["new/", "{}/add/", "{}/remove/"])
    def test_the_password_is_asked_for_first(self, account, wes, signed_in, provider, step):
        client, url = signed_in(wes), ACCOUNTS + step.format(account.pk)
        for answer in (client.get(url), client.post(url, {"currency": "EUR"})):
            assert answer.headers["Location"].startswith("/accounts/reauthenticate/?next=%2Ffinances%2Fpayout-accounts")
        assert PayoutDestination.objects.get().state == "verified"

    def test_one_is_removed(self, account, wes, trusted, fund):
        fund(wes, EUR("100.00"))
        withdrawal = ask(account)
        url = f"{ACCOUNTS}{account.pk}/remove/"
        asked = page(trusted(wes).get(url))
        assert f'href="{withdrawal.get_absolute_url()}"' in asked
        assert "may fail and come back" in asked
        trusted(wes).post(url)
        account.refresh_from_db()
        assert account.state == Instrument.State.REMOVED

    def test_one_is_named_and_put_first(self, account, another, wes, signed_in):
        second = another(PayoutDestination, wes, brand="Second", currency="EUR", kind="bank")
        client = signed_in(wes)
        client.post(f"{ACCOUNTS}{second.pk}/rename/", {"name": "Savings"})
        client.post(f"{ACCOUNTS}{second.pk}/first/")
        assert names(client.get(ACCOUNTS)) == ["Savings ···· 4242", "Testbank ···· 7890"]
