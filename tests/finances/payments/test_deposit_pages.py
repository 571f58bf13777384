"""Depositing: asked twice, charged once, on a lasting page (P51)."""

import re
import uuid
from datetime import timedelta

import pytest

from django.utils import timezone

from finances.ledger.models import Account
from finances.payments import charging
from finances.payments.gateways import Outcome
from finances.payments.models import Payment, PaymentSource
from tests.finances.payments.refunds import give_back
from tests.finances.payments.test_charging import begin
from tests.money import EUR
from tests.steps import HTMX, ask, confirm, error_at, page

pytestmark = pytest.mark.django_db

URL = "/finances/deposit/"


def typed(card: PaymentSource, amount: str = "120.50", currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency, "source": str(card.pk)}


def wallet(member) -> int:
    return Account.wallet(member.pk, "EUR").balance


def test_p51_money_arrives_after_two_steps(card, erin, signed_in, fund, provider):
    fund(erin, EUR("10.00"))
    client = signed_in(erin)
    asked = client.post(URL, typed(card))
    for words in ("Deposit €120.50?", "Visa ···· 4242", "none", "€130.50", "Confirm Deposit"):
        assert words in page(asked)
    assert provider.calls == [], "step one charges nothing"
    answer = confirm(client, URL, ask(client, URL, **typed(card)), follow=True)
    payment = Payment.objects.get()
    assert answer.redirect_chain == [(payment.get_absolute_url(), 302)]
    assert (payment.state, wallet(erin)) == ("succeeded", 13_050)
    shown = payment.events.get(action="created").shown
    assert (shown["amount"], shown["source"], shown["available_afterwards"]) == (12_050, "Visa ···· 4242", 13_050)


def test_pressed_twice_it_is_charged_once_and_shows_the_same_page(card, erin, signed_in, provider):
    client = signed_in(erin)
    token = ask(client, URL, **typed(card))
    goals = {confirm(client, URL, token).headers["Location"] for _again in range(3)}
    assert goals == {Payment.objects.get().get_absolute_url()}
    assert provider.calls == ["charge"]
    assert wallet(erin) == 12_050


def test_a_repeat_finds_its_payment_while_the_provider_is_down(card, erin, signed_in, provider):
    client = signed_in(erin)
    provider.down = True
    token = ask(client, URL, **typed(card))
    assert confirm(client, URL, token).headers["Location"] == confirm(client, URL, token).headers["Location"]
    assert Payment.objects.get().state == "created"
    assert wallet(erin) == 0


def test_out_of_a_dialog_the_whole_page_goes_to_the_payment(card, erin, signed_in):
    client = signed_in(erin)
    answer = confirm(client, URL, ask(client, URL, **typed(card)), headers=HTMX)
    assert answer.headers["HX-Redirect"] == Payment.objects.get().get_absolute_url()


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("", "EUR", "Enter an amount."),
        ("0", "EUR", "more than zero"),
        ("-5", "EUR", "more than zero"),
        ("ten", "EUR", "as a number"),
        ("1.005", "EUR", "2 decimals"),
        ("1.5", "JPY", "no decimals"),
        ("99999999999999999", "EUR", "more than one payment can hold"),
    ],
)
def test_a_bad_amount_is_refused_at_its_field(card, erin, signed_in, amount, currency, words):
    answer = signed_in(erin).post(URL, typed(card, amount, currency))
    assert answer.status_code == 422
    assert words in error_at(answer, "amount")


def test_a_source_pays_in_its_own_currency_only(card, another, erin, signed_in):
    dollars = another(PaymentSource, erin, kind="bank", currency="USD")
    client = signed_in(erin)
    assert "Visa ···· 4242 · in USD" in page(client.get(URL))
    answer = client.post(URL, typed(dollars))
    assert answer.status_code == 422
    assert "This one is in USD." in page(answer)
    assert client.post(URL, typed(dollars, currency="USD")).status_code == 200


def test_p16_only_ones_own_verified_sources_can_be_chosen(card, another, erin, sam, signed_in, provider):
    others = [
        another(PaymentSource, sam),
        another(PaymentSource, erin, state="unverified"),
        another(PaymentSource, erin, state="removed"),
        another(PaymentSource, erin, gateway="stripe"),
    ]
    client = signed_in(erin)
    offered = re.findall(r'name="source" value="(\d+)"', page(client.get(URL)))
    assert offered == [str(card.pk)]
    for source in others:
        answer = client.post(URL, typed(source))
        assert answer.status_code == 422
        assert "This one can't be used (any more)." in page(answer)


def test_without_a_source_it_says_how_to_add_one(erin, signed_in, another, provider):
    client = signed_in(erin)
    assert 'href="/finances/sources/new/"' in page(client.get(URL))
    assert client.post(URL, {"amount": "5"}).status_code == 422
    another(PaymentSource, erin, state="unverified")
    assert "Verify it first" in page(client.get(URL))


def test_an_address_fills_the_form_in(card, another, erin, signed_in):
    another(PaymentSource, erin, place=0)
    text = page(signed_in(erin).get(f"{URL}?amount=7.50&currency=USD&source={card.pk}"))
    assert 'value="7.50"' in text
    assert re.search(rf'value="{card.pk}"[^>]*checked', text)
    assert '<option value="USD" selected>' in text
    assert signed_in(erin).get(f"{URL}?amount=%00&currency=%00&source=x").status_code == 200


def test_what_changed_between_the_steps_stops_it(card, erin, signed_in, provider):
    client = signed_in(erin)
    token = ask(client, URL, **typed(card))
    card.remove(by=erin)
    answer = confirm(client, URL, token)
    assert answer.status_code == 409
    assert "can't be used" in page(answer)
    assert not Payment.objects.exists()


def test_an_old_confirmation_charges_nothing(card, erin, signed_in, provider, time_machine):
    client = signed_in(erin)
    time_machine.move_to("2026-11-24 10:00:00 +0000")
    token = ask(client, URL, **typed(card))
    time_machine.shift(601)
    assert confirm(client, URL, token).status_code == 409
    assert not Payment.objects.exists()


def test_a_confirmation_is_good_for_nobody_else(card, erin, sam, signed_in, provider):
    token = ask(signed_in(erin), URL, **typed(card))
    assert confirm(signed_in(sam), URL, token).status_code == 422
    assert not Payment.objects.exists()


class TestPage:
    """The page of a payment says what is true, whose move it is, and nothing else (P17)."""

    @pytest.mark.parametrize(
        ("outcome", "words", "not_there"),
        [
            (Outcome.SUCCEEDED, ["Paid", "The money is in your available funds.", "Transfer"], ["Look again"]),
            (Outcome.PROCESSING, ["Being processed", "You don't have to do anything", "Look again"], ["Try again"]),
            (
                Outcome.NEEDS_STEP,
                ["Needs your confirmation", 'href="https://bank.example/step"', "Give up", "Look again"],
                ["Try again"],
            ),
            (Outcome.DECLINED, ["Declined", "Nothing was taken.", "Try again"], ["Look again", "Give up"]),
            (Outcome.CANCELLED, ["Given up", "Nothing was taken.", "Try again"], ["Look again", "Give up"]),
        ],
    )
    def test_says_how_it_stands(self, card, erin, signed_in, provider, outcome, words, not_there):
        provider.next = outcome
        payment = charging.charge(begin(card))
        text = page(signed_in(erin).get(payment.get_absolute_url()))
        for each in (payment.display_reference, "€200.00", "Visa ···· 4242", "Payment confirmed", *words):
            assert each in text
        for each in not_there:
            assert each not in text
        assert ("hx-trigger" in text.partition("<main")[2]) == payment.is_open

    def test_says_that_there_is_no_answer(self, card, erin, signed_in, provider):
        provider.down = True
        payment = charging.charge(begin(card))
        text = page(signed_in(erin).get(payment.get_absolute_url()))
        assert "We have no answer from the payment provider yet. Nothing is lost" in text

    def test_says_that_another_sum_was_taken_and_given_back(self, card, erin, finn, signed_in, provider):
        provider.next = Outcome.PROCESSING
        payment = charging.charge(begin(card))
        provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED, amount=30_000)
        charging.look_up(payment)
        text = page(signed_in(erin).get(payment.get_absolute_url()))
        assert "it took €300.00, not €200.00" in text
        assert wallet(erin) == 0
        provider.next = Outcome.SUCCEEDED
        give_back(Payment.objects.get(), by=finn)
        assert "was given back to Visa" in page(signed_in(erin).get(payment.get_absolute_url()))

    def test_p53_its_sums_open_to_what_made_them(self, card, erin, signed_in):
        payment = charging.charge(begin(card))
        text = page(signed_in(erin).get(payment.get_absolute_url()))
        assert f'<a class="figure-link" href="/finances/transfers/{payment.transfer_id}/"><data value="200.00">' in text
        upto = f"/finances/transfers/?currency=EUR&before={payment.transfer_id + 1}"
        assert f'href="{upto}"><data value="200.00">' in text
        assert signed_in(erin).get(upto).context["rows"][0]["balance"] == '<data value="200.00">€200.00</data>'

    def test_declined_leads_to_the_same_again(self, card, erin, signed_in, provider):
        provider.next = Outcome.DECLINED
        payment = charging.charge(begin(card))
        goal = re.search(r'href="([^"]+)">Try again', page(signed_in(erin).get(payment.get_absolute_url())))[1]
        text = page(signed_in(erin).get(goal))
        assert 'value="200.00"' in text
        assert re.search(rf'value="{card.pk}"[^>]*checked', text)

    def test_is_nobody_elses(self, card, erin, mia, signed_in):
        payment = charging.charge(begin(card))
        for step in ("", "back/", "give-up/"):
            assert signed_in(mia).get(payment.get_absolute_url() + step).status_code == 404


class TestLookingAgain:
    """Whoever comes back from the bank, or presses, or just leaves the page open, sees what is true."""

    def test_it_settles_and_shows_it(self, card, erin, signed_in, provider):
        provider.next = Outcome.NEEDS_STEP
        for step, method in (("back/", "get"), ("look/", "post")):
            payment = charging.charge(begin(card, key=uuid.uuid4()))
            provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED)
            answer = getattr(signed_in(erin), method)(payment.get_absolute_url() + step, follow=True)
            assert answer.redirect_chain == [(payment.get_absolute_url(), 302)]
            assert "The money is in your available funds." in page(answer)
        assert wallet(erin) == 40_000

    def test_it_says_that_nothing_changed(self, card, erin, signed_in, provider):
        provider.next = Outcome.PROCESSING
        payment = charging.charge(begin(card))
        assert "Nothing has changed yet." in page(
            signed_in(erin).post(f"{payment.get_absolute_url()}look/", follow=True)
        )

    def test_it_says_that_the_provider_does_not_answer(self, card, erin, signed_in, provider):
        provider.next = Outcome.NEEDS_STEP
        payment = charging.charge(begin(card))
        provider.down = True
        for step, method in (("back/", "get"), ("look/", "post")):
            text = page(getattr(signed_in(erin), method)(payment.get_absolute_url() + step, follow=True))
            assert "The payment provider does not answer right now. Nothing is lost" in text

    def test_what_has_ended_is_not_asked_about_again(self, card, erin, signed_in, provider):
        payment = charging.charge(begin(card))
        provider.calls.clear()
        signed_in(erin).post(f"{payment.get_absolute_url()}look/")
        signed_in(erin).get(f"{payment.get_absolute_url()}back/")
        assert provider.calls == []

    def test_an_open_page_is_loaded_anew_when_something_changed(self, card, erin, signed_in, provider):
        provider.next = Outcome.PROCESSING
        payment = charging.charge(begin(card))
        client = signed_in(erin)
        asks = re.search(r'hx-get="([^"]+)"', page(client.get(payment.get_absolute_url())).partition("<main")[2])[1]
        answer = client.get(asks, headers={"HX-Request": "true"})
        assert (answer.status_code, answer.content) == (204, b"")
        provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED)
        charging.look_up(payment)
        assert client.get(asks, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
        assert client.get(asks).status_code == 200, "in a browser's own window it is the page"

    def test_an_open_page_stops_asking_after_a_while(self, card, erin, signed_in, provider, time_machine):
        provider.next = Outcome.PROCESSING
        payment = charging.charge(begin(card))
        time_machine.move_to(timezone.now() + timedelta(minutes=21))
        asks = f"{payment.get_absolute_url()}?seen={payment.version}"
        assert signed_in(erin).get(asks, headers={"HX-Request": "true"}).status_code == 286

    def test_asking_asks_nobody_but_us(self, card, erin, signed_in, provider):
        provider.next = Outcome.PROCESSING
        payment = charging.charge(begin(card))
        provider.calls.clear()
        signed_in(erin).get(f"{payment.get_absolute_url()}?seen=1", headers={"HX-Request": "true"})
        assert provider.calls == []


class TestGivingUp:
    """A payment that needs a step can be given up, at the provider first."""

    @pytest.fixture
    def payment(self, card, provider) -> Payment:
        provider.next = Outcome.NEEDS_STEP
        return charging.charge(begin(card))

    def test_is_asked_once_and_done_once(self, payment, erin, signed_in, provider):
        client, url = signed_in(erin), f"{payment.get_absolute_url()}give-up/"
        assert "Give this payment up?" in page(client.get(url))
        assert Payment.objects.get().state == "needs_step"
        for _again in range(2):
            assert client.post(url).headers["Location"] == payment.get_absolute_url()
        assert Payment.objects.get().state == "cancelled"
        assert provider.calls.count("cancel_charge") == 1

    def test_is_too_late_when_the_bank_confirmed_before(self, payment, erin, signed_in, provider):
        provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED)
        answer = signed_in(erin).post(f"{payment.get_absolute_url()}give-up/", follow=True)
        assert "The money is in your available funds." in page(answer)
        answer = signed_in(erin).get(f"{payment.get_absolute_url()}give-up/")
        assert answer.status_code == 409
        assert "Paid" in page(answer)

    def test_says_where_the_provider_did_not_hear_of_it(self, payment, erin, signed_in, provider):
        provider.down = True
        answer = signed_in(erin).post(f"{payment.get_absolute_url()}give-up/", follow=True)
        assert "The payment was not given up." in page(answer)
        assert Payment.objects.get().state == "needs_step"
