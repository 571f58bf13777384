"""Finances shows what is on its way in and out, and names what moved each transfer (P50, P51, P53)."""

import re
import uuid
from datetime import timedelta

import pytest

from django.utils import timezone

from finances.dashboard.outside import transfers_named
from finances.ledger.models import Account, Transfer
from finances.payments import charging, withdrawing
from finances.payments.gateways import Outcome
from finances.payments.models import Payment, PaymentSource, PayoutDestination, Withdrawal
from tests.finances.payments.memory import saved
from tests.money import EUR
from tests.steps import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(erin, provider) -> PaymentSource:
    return saved(PaymentSource, erin)


@pytest.fixture
def account(erin, provider) -> PayoutDestination:
    return saved(PayoutDestination, erin, kind="bank", brand="Testbank", last4="7890", currency="EUR")


def paid(card, amount=20_000) -> Payment:
    return charging.charge(charging.begin(card, amount, "EUR", by=card.owner, key=uuid.uuid4()))


def withdrawn(account, amount=3_000) -> Withdrawal:
    return withdrawing.request(account, amount, "EUR", by=account.owner, key=uuid.uuid4())


def due(withdrawal) -> Withdrawal:
    Withdrawal.objects.filter(pk=withdrawal.pk).update(send_at=timezone.now() - timedelta(seconds=1))
    return Withdrawal.objects.get(pk=withdrawal.pk)


def rows(client, **asked) -> list[dict]:
    return client.get("/finances/transfers/", asked).context["rows"]


def test_what_is_under_way_stands_there_with_whose_move_it_is(card, account, erin, signed_in, provider, fund):
    fund(erin, EUR("100.00"))
    paid(card)
    provider.next = Outcome.NEEDS_STEP
    step = paid(card, 5_000)
    provider.next = Outcome.DECLINED
    paid(card, 6_000)
    sent = withdrawn(account)
    withdrawing.cancel(withdrawn(account), by=erin)
    answer = signed_in(erin).get("/finances/")
    shown = answer.context["under_way"]
    assert [(row["reference"], row["state"]) for row in shown] == [
        (sent.display_reference, "Requested"),
        (step.display_reference, "Needs your confirmation"),
    ]
    for words in ("Payments under way", "from Visa ···· 4242", "to Testbank ···· 7890", step.get_absolute_url()):
        assert words in page(answer)


def test_what_is_under_review_is_still_under_way(card, erin, signed_in, provider):
    provider.next = Outcome.PROCESSING
    payment = paid(card)
    provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED, amount=1)
    charging.look_up(payment)
    assert [row["state"] for row in signed_in(erin).get("/finances/").context["under_way"]] == ["Under review"]


def test_others_see_nothing_of_it(card, account, erin, sam, signed_in, provider, fund):
    fund(erin, EUR("100.00"))
    provider.next = Outcome.NEEDS_STEP
    paid(card)
    withdrawn(account)
    answer = signed_in(sam).get("/finances/")
    assert answer.context["under_way"] == []
    assert "Payments under way" not in page(answer)


def test_p53_on_its_way_out_is_what_the_withdrawals_under_way_add_up_to(account, erin, signed_in, provider, fund):
    fund(erin, EUR("100.00"))
    client = signed_in(erin)
    provider.next = Outcome.PROCESSING
    first, _kept, third = (withdrawn(account, amount) for amount in (3_000, 500, 70))
    withdrawing.send(due(first))
    withdrawing.cancel(third, by=erin)
    for expected in (3_500, 500):
        answer = client.get("/finances/")
        figure = next(f for f in answer.context["figures"] if f["label"] == "On its way out")
        shown = [row["sum"] for row in answer.context["under_way"]]
        values = [int(re.sub(r"\D", "", re.search(r'value="([^"]+)"', each)[1])) for each in (figure["sum"], *shown)]
        assert values[0] == sum(values[1:]) == expected
        assert Account.payout(erin.pk, "EUR").balance == expected
        withdrawing.settle(first.pk, provider.ends(provider.payouts, first.key, Outcome.SUCCEEDED))


def test_transfers_name_the_payment_or_withdrawal_that_moved_them(card, account, erin, signed_in, provider):
    payment = paid(card)
    kept, cancelled = withdrawn(account), withdrawn(account)
    withdrawing.cancel(cancelled, by=erin)
    client = signed_in(erin)
    listed = rows(client)
    assert [(row["what"], str(row["outside"])) for row in listed] == [
        ("Returned", cancelled.display_reference),
        ("Withdrawal", cancelled.display_reference),
        ("Withdrawal", kept.display_reference),
        ("Deposit", payment.display_reference),
    ]
    text = page(client.get("/finances/transfers/"))
    for outside in (payment, kept, cancelled):
        assert f'<a href="{outside.get_absolute_url()}">{outside}</a>' in text
    text = page(client.get(f"/finances/transfers/{payment.transfer_id}/"))
    assert f'<dt>Payment</dt><dd><a href="{payment.get_absolute_url()}">{payment}</a> from Visa ···· 4242' in text
    returned = Transfer.objects.get(kind=Transfer.Kind.RETURN)
    text = page(client.get(f"/finances/transfers/{returned.pk}/"))
    assert f'<dt>Withdrawal</dt><dd><a href="{cancelled.get_absolute_url()}">{cancelled}</a> to Testbank' in text


def test_money_that_nobody_was_charged_for_names_nothing(erin, signed_in, fund):
    fund(erin, EUR("5.00"))
    assert [row["outside"] for row in rows(signed_in(erin))] == [None]


def test_they_are_found_by_the_reference_of_what_moved_them(card, account, erin, sam, signed_in, provider):
    payment, withdrawal = paid(card), withdrawn(account)
    withdrawing.cancel(withdrawal, by=erin)
    client = signed_in(erin)
    assert [row["what"] for row in rows(client, q=payment.display_reference)] == ["Deposit"]
    assert [row["what"] for row in rows(client, q=withdrawal.display_reference.lower())] == ["Returned", "Withdrawal"]
    assert rows(client, q="W999999999") == []
    assert rows(signed_in(sam), q=payment.display_reference) == []
    assert transfers_named(sam, withdrawal.display_reference) == []


def test_every_way_in_and_out_is_one_press_away(erin, signed_in):
    text = page(signed_in(erin).get("/finances/"))
    for address in ("deposit/", "withdraw/", "sources/", "payout-accounts/"):
        assert f'href="/finances/{address}"' in text.partition("<main")[2]
    top = text.partition('id="balance-menu"')[2].partition("</header>")[0]
    assert 'href="/finances/deposit/"' in top
    assert 'href="/finances/withdraw/"' in top
