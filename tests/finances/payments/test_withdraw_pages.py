"""Withdrawing: the password again, asked twice, sent once, cancelled until then (P51)."""

import re
import uuid
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal import auth as totp

from django.utils import timezone

from config.money import format_minor
from finances.ledger.models import Account
from finances.payments import state_words, withdrawing
from finances.payments.gateways import Outcome, Unreachable
from finances.payments.models import PayoutDestination, Withdrawal
from tests.finances.payments.test_withdrawing import ask as requested
from tests.finances.payments.test_withdrawing import due
from tests.money import EUR, JPY, USD
from tests.steps import HTMX, ask, confirm, error_at, page

pytestmark = pytest.mark.django_db

URL = "/finances/withdraw/"


@pytest.fixture(autouse=True)
def _money(wes, fund, provider):
    fund(wes, EUR("100.00"))


def typed(account: PayoutDestination, amount: str = "60", currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency, "destination": str(account.pk)}


def wallet(member) -> int:
    return Account.wallet(member.pk, "EUR").balance


def test_p51_money_leaves_after_two_steps(account, wes, trusted):
    client = trusted(wes)
    asked = client.post(URL, typed(account))
    for words in (
        "Withdraw €60.00?",
        "Testbank ···· 7890",
        "none",
        "10 minutes after you confirm",
        "€40.00",
        "working days",
    ):
        assert words in page(asked)
    assert wallet(wes) == 10_000, "step one moves nothing"
    answer = confirm(client, URL, ask(client, URL, **typed(account)), follow=True)
    withdrawal = Withdrawal.objects.get()
    assert answer.redirect_chain == [(withdrawal.get_absolute_url(), 302)]
    assert wallet(wes) == 4_000
    shown = withdrawal.events.get().shown
    assert (shown["amount"], shown["destination"], shown["available_afterwards"]) == (
        6_000,
        "Testbank ···· 7890",
        4_000,
    )


def test_pressed_twice_it_leaves_once_and_shows_the_same_page(account, wes, trusted):
    client = trusted(wes)
    token = ask(client, URL, **typed(account))
    goals = {confirm(client, URL, token).headers["Location"] for _again in range(3)}
    assert goals == {Withdrawal.objects.get().get_absolute_url()}
    assert wallet(wes) == 4_000


def test_two_windows_never_take_more_than_there_is(account, wes, trusted):
    client = trusted(wes)
    tokens = [ask(client, URL, **typed(account)) for _window in range(2)]
    assert confirm(client, URL, tokens[0]).status_code == 302
    answer = confirm(client, URL, tokens[1])
    assert answer.status_code == 409
    assert "€40.00" in page(answer), "what is true now"
    assert Withdrawal.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "words"),
    [("", "Enter an amount."), ("0", "more than zero"), ("x", "as a number"), ("100.01", "You have only €100.00")],
)
def test_a_bad_amount_is_refused_at_its_field(account, wes, trusted, amount, words):
    answer = trusted(wes).post(URL, typed(account, amount))
    assert answer.status_code == 422
    assert words in error_at(answer, "amount")


def test_an_account_takes_its_own_currency_only(account, wes, trusted, fund):
    fund(wes, USD("50.00"))
    answer = trusted(wes).post(URL, typed(account, "5", "USD"))
    assert answer.status_code == 422
    assert "This one is in EUR." in page(answer)


def test_only_ones_own_verified_accounts_can_be_chosen(account, another, wes, sam, trusted):
    others = [
        another(PayoutDestination, sam, currency="EUR"),
        another(PayoutDestination, wes, currency="EUR", state="unverified"),
        another(PayoutDestination, wes, currency="EUR", gateway="stripe"),
    ]
    client = trusted(wes)
    for destination in others:
        assert client.post(URL, typed(destination)).status_code == 422
    assert re.findall(r'name="destination" value="(\d+)"', page(client.get(URL))) == [str(account.pk)]


def test_all_of_it_is_filled_in_by_a_link(account, wes, trusted, fund):
    fund(wes, JPY("700"))
    client = trusted(wes)
    text = page(client.get(URL))
    assert 'href="/finances/payout-accounts/new/?currency=JPY"' in text
    goal = re.search(r'href="([^"]+)">Withdraw all', text)[1]
    text = page(client.get(goal))
    assert 'value="100.00"' in text
    assert re.search(rf'value="{account.pk}"[^>]*checked', text)


def test_it_says_what_is_missing(another, wes, erin, trusted, provider):
    assert "nothing to withdraw" in page(trusted(erin).get(URL))
    client = trusted(wes)
    assert 'href="/finances/payout-accounts/new/"' in page(client.get(URL))
    assert client.post(URL, {"amount": "5"}).status_code == 422
    another(PayoutDestination, wes, state="unverified", currency="EUR")
    assert "still checking it" in page(client.get(URL))


def test_what_changed_between_the_steps_stops_it(account, wes, trusted):
    client = trusted(wes)
    token = ask(client, URL, **typed(account))
    account.remove(by=wes)
    assert confirm(client, URL, token).status_code == 409
    assert wallet(wes) == 10_000


def test_a_confirmation_is_good_for_nobody_else(account, wes, sam, trusted):
    token = ask(trusted(wes), URL, **typed(account))
    assert confirm(trusted(sam), URL, token).status_code == 422
    assert not Withdrawal.objects.exists()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "as soon as you confirm"), (45, "45 seconds after"), (3600, "1 hour after"), (172_800, "2 days after")],
)
def test_it_says_how_long_it_can_be_cancelled(account, wes, trusted, settings, seconds, words):
    settings.WITHDRAWAL_PAUSE = seconds
    text = page(trusted(wes).post(URL, typed(account)))
    assert words in text
    assert ("Until then you can cancel it." in text) == bool(seconds)


class TestPasswordAgain:
    """P51: whoever finds a browser in which somebody is signed in does not get at the money."""

    def test_it_is_asked_on_every_step_and_comes_back(self, account, wes, signed_in):
        client = signed_in(wes)
        answer = client.get(f"{URL}?currency=EUR", follow=True)
        assert answer.redirect_chain == [
            ("/accounts/reauthenticate/?next=%2Ffinances%2Fwithdraw%2F%3Fcurrency%3DEUR", 302)
        ]
        assert "Is it still you?" in page(answer)
        address = answer.redirect_chain[0][0]
        form = {"password": "wrong", "next": f"{URL}?currency=EUR"}
        assert client.post(address, form).status_code == 200
        assert client.get(URL).status_code == 302, "a wrong password opens nothing"
        answer = client.post(address, {**form, "password": "secret"})
        assert answer.headers["Location"] == f"{URL}?currency=EUR"
        assert client.get(answer.headers["Location"]).status_code == 200

    def test_a_password_that_was_typed_long_ago_does_not_count(self, account, wes, trusted, settings, time_machine):
        time_machine.move_to("2026-11-24 10:00:00 +0000")
        client = trusted(wes)
        token = ask(client, URL, **typed(account))
        time_machine.shift(301)
        for sent in ({"token": token}, typed(account)):
            assert client.post(URL, sent).headers["Location"].startswith("/accounts/reauthenticate/")
        assert client.get(URL).status_code == 302
        assert not Withdrawal.objects.exists()

    def test_typing_it_confirms_nothing_and_keeps_what_was_typed(self, account, wes, trusted, time_machine):
        time_machine.move_to("2026-11-24 10:00:00 +0000")
        client = trusted(wes)
        fields = {**typed(account), "token": ask(client, URL, **typed(account))}
        time_machine.shift(301)
        back = parse_qs(urlsplit(client.post(URL, fields).headers["Location"]).query)["next"][0]
        answer = client.post("/accounts/reauthenticate/", {"password": "secret", "next": back}, follow=True)
        assert answer.redirect_chain == [(back, 302)]
        assert not Withdrawal.objects.exists(), "the confirmation was not replayed"
        assert 'value="60"' in page(answer)
        assert re.search(rf'value="{account.pk}"[^>]*checked', page(answer))

    def test_the_confirmation_carries_what_was_typed(self, account, wes, trusted):
        asked = page(trusted(wes).post(URL, typed(account)))
        hidden = dict(re.findall(r'<input type="hidden" name="(amount|currency|destination)" value="([^"]*)"', asked))
        assert hidden == {"amount": "60.00", "currency": "EUR", "destination": str(account.pk)}

    def test_out_of_a_dialog_the_whole_page_is_asked(self, account, wes, signed_in):
        client = signed_in(wes)
        for answer in (client.get(URL, headers=HTMX), client.post(URL, typed(account), headers=HTMX)):
            assert answer.status_code == 200
            assert answer.headers["HX-Redirect"].startswith("/accounts/reauthenticate/?next=%2Ffinances%2Fwithdraw")
            assert answer.content == b""

    def test_just_having_signed_in_does_not_count(self, account, wes, client, settings):
        settings.ACCOUNT_RATE_LIMITS = False
        client.post("/accounts/login/", {"login": wes.email, "password": "secret"})
        assert client.get("/finances/").status_code == 200
        assert client.get(URL).status_code == 302

    def test_another_members_password_in_the_same_browser_does_not_count(self, account, wes, erin, trusted):
        client = trusted(erin)
        client.force_login(wes)
        assert client.get(URL).status_code == 302

    def test_a_second_factor_does_too(self, account, wes, signed_in, settings):
        settings.MFA_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS = False
        secret = totp.generate_totp_secret()
        totp.TOTP.activate(wes, secret)
        client = signed_in(wes)
        code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
        client.post("/accounts/2fa/reauthenticate/", {"code": code})
        assert client.get(URL).status_code == 200


class TestPage:
    """The page of a withdrawal says where the money is, and when it arrives."""

    def test_requested_it_says_when_it_is_sent(self, account, wes, signed_in):
        withdrawal = requested(account)
        text = page(signed_in(wes).get(withdrawal.get_absolute_url()))
        for words in (
            "Withdrawal W",
            "Requested",
            "€60.00",
            "Testbank ···· 7890",
            "Until then you can cancel it.",
            "Is sent",
        ):
            assert words in text
        assert f'href="{withdrawal.get_absolute_url()}cancel/"' in text
        transfer = withdrawal.events.get().transfer
        assert f'<a class="figure-link" href="/finances/transfers/{transfer.pk}/"><data value="60.00">' in text

    def test_given_to_the_provider_it_says_that_there_is_no_answer(self, account, wes, signed_in, provider):
        withdrawal = requested(account)
        provider.down = True
        with pytest.raises(Unreachable):
            withdrawing.send(due(withdrawal))
        text = page(signed_in(wes).get(withdrawal.get_absolute_url()))
        assert "has not confirmed it yet" in text
        assert "Given to the provider" in text
        assert "cancel/" not in text

    @pytest.mark.parametrize(
        ("outcome", "day", "words"),
        [
            (Outcome.PROCESSING, None, "has sent it. You don't have to do anything. Banks usually need"),
            (Outcome.PROCESSING, 2, "It is expected at your bank on "),
            (Outcome.SUCCEEDED, None, "has paid it out."),
            (Outcome.SUCCEEDED, -1, "It was expected at your bank on "),
            (Outcome.DECLINED, None, "The money is back in your available funds."),
        ],
    )
    def test_sent_it_says_when_it_arrives(self, account, wes, signed_in, provider, outcome, day, words):
        withdrawal = requested(account)
        provider.next = Outcome.PROCESSING
        withdrawing.send(due(withdrawal))
        arrives: date | None = None if day is None else timezone.localdate() + timedelta(days=day)
        answer = provider.ends(provider.payouts, withdrawal.key, outcome, arrives_on=arrives)
        withdrawing.settle(withdrawal.pk, answer)
        text = page(signed_in(wes).get(withdrawal.get_absolute_url()))
        assert words in text
        assert ("hx-trigger" in text.partition("<main")[2]) == (outcome == Outcome.PROCESSING)

    def test_an_open_page_is_loaded_anew_when_something_changed(self, account, wes, signed_in):
        withdrawal, client = requested(account), signed_in(wes)
        asks = re.search(r'hx-get="([^"]+)"', page(client.get(withdrawal.get_absolute_url())).partition("<main")[2])[1]
        assert client.get(asks, headers={"HX-Request": "true"}).status_code == 204
        withdrawing.cancel(withdrawal, by=wes)
        assert client.get(asks, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"

    def test_is_nobody_elses(self, account, erin, mia, signed_in):
        withdrawal = requested(account)
        for member in (erin, mia):
            for step in ("", "cancel/"):
                assert signed_in(member).get(withdrawal.get_absolute_url() + step).status_code == 404
            assert signed_in(member).post(f"{withdrawal.get_absolute_url()}cancel/").status_code == 404

    def test_every_state_has_a_tone_and_a_sentence(self, account):
        withdrawal = requested(account)
        for state in Withdrawal.State:
            withdrawal.state = state
            assert state_words.of_withdrawal(withdrawal)
            assert state in state_words.WITHDRAWAL_TONES


class TestCancelling:
    """Until it is sent it can be taken back."""

    def test_is_asked_once_and_done_once(self, account, wes, signed_in):
        withdrawal, client = requested(account), signed_in(wes)
        url = f"{withdrawal.get_absolute_url()}cancel/"
        asked = client.get(url)
        assert f"Cancel the withdrawal of {format_minor(6000, 'EUR')}?" in page(asked)
        assert wallet(wes) == 4_000
        token = re.search(r'name="token" value="([^"]+)"', page(asked))[1]
        for _again in range(2):
            assert client.post(url, {"token": token}).headers["Location"] == withdrawal.get_absolute_url()
        assert wallet(wes) == 10_000
        event = withdrawal.events.get(action="cancelled")
        assert (event.shown["amount"], event.address) == (6_000, "127.0.0.1")
        assert "The money is back" in page(client.get(withdrawal.get_absolute_url()))

    def test_is_too_late_once_it_is_sent(self, account, wes, signed_in, provider):
        withdrawal, client = requested(account), signed_in(wes)
        url = f"{withdrawal.get_absolute_url()}cancel/"
        token = re.search(r'name="token" value="([^"]+)"', page(client.get(url)))[1]
        provider.next = Outcome.PROCESSING
        withdrawing.send(due(withdrawal))
        for answer in (client.post(url, {"token": token}), client.get(url)):
            assert answer.status_code == 409
            assert "On its way" in page(answer)
        assert wallet(wes) == 4_000

    def test_needs_its_own_confirmation(self, account, wes, signed_in):
        first, second = requested(account, 1_000), requested(account, 2_000, key=uuid.uuid4())
        client = signed_in(wes)
        url = f"{first.get_absolute_url()}cancel/"
        token = re.search(r'name="token" value="([^"]+)"', page(client.get(f"{second.get_absolute_url()}cancel/")))[1]
        assert client.post(url, {"token": token}).status_code == 422
        assert client.post(url).status_code == 422
        assert wallet(wes) == 7_000
