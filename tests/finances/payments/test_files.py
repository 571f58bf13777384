"""Receipts of deposits and withdrawals as files, with what their pages say (issue: page, CSV and PDF)."""

import csv
import io

import pytest
from pypdf import PdfReader

from config.seen import Seen
from finances.payments import charging, withdrawing
from finances.payments.gateways import Outcome
from finances.payments.models import PaymentSource
from tests.finances.payments.test_charging import begin
from tests.finances.payments.test_withdrawing import ask, due

pytestmark = pytest.mark.django_db


def sheet(answer) -> dict[str, str]:
    text = b"".join(answer.streaming_content).decode()
    return dict(row[:2] for row in csv.reader(io.StringIO(text)))


def paper(answer) -> str:
    assert answer["Content-Type"] == "application/pdf"
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)


def test_of_a_deposit(card, erin, sam, provider, signed_in):
    PaymentSource.objects.update(name="=1+1")
    payment = charging.charge(begin(card))
    address = f"/finances/payments/{payment.pk}"
    cells = sheet(signed_in(erin).get(f"{address}.csv"))
    assert cells[f"Payment P{payment.pk}"] == "Deposit"
    assert (cells["Sum"], cells["Currency"], cells["State"]) == ("200.00", "EUR", "Paid")
    assert cells["From"] == "'=1+1 ···· 4242", "no spreadsheet computes it"
    assert cells["Transfer"] == payment.transfer.reference
    text = paper(signed_in(erin).get(f"{address}.pdf"))
    for words in (f"Payment P{payment.pk}", "€200.00", "=1+1 ···· 4242", payment.transfer.reference):
        assert words in text
    page = signed_in(erin).get(f"{address}/").content.decode()
    assert f'href="{address}.pdf"' in page
    for kind in ("pdf", "csv"):
        assert signed_in(sam).get(f"{address}.{kind}").status_code == 404


def test_of_a_payment_that_is_not_paid(card, erin, provider, signed_in):
    provider.next = Outcome.DECLINED
    payment = charging.charge(begin(card))
    assert sheet(signed_in(erin).get(f"/finances/payments/{payment.pk}.csv"))["State"] == "Declined"
    assert (
        f"/finances/payments/{payment.pk}.pdf" not in signed_in(erin).get(payment.get_absolute_url()).content.decode()
    )


def test_of_a_withdrawal(account, wes, sam, fund, provider, signed_in):
    fund(wes)
    withdrawal = withdrawing.send(due(ask(account)))
    address = f"/finances/withdrawals/{withdrawal.pk}"
    cells = sheet(signed_in(wes).get(f"{address}.csv"))
    assert (cells["Sum"], cells["State"], cells["To"]) == ("60.00", "Paid out", "Testbank ···· 7890")
    text = paper(signed_in(wes).get(f"{address}.pdf"))
    for words in (f"Withdrawal W{withdrawal.pk}", "€60.00", "Testbank ···· 7890", "Paid out"):
        assert words in text
    assert signed_in(sam).get(f"{address}.pdf").status_code == 404


def test_a_receipt_calls_what_paid_as_it_was_called_then(card, erin, provider, signed_in):
    seen = Seen("", {"source": str(card)})
    payment = charging.charge(begin(card, seen=seen))
    card.rename("Household", by=erin)
    assert sheet(signed_in(erin).get(f"/finances/payments/{payment.pk}.csv"))["From"] == "Visa ···· 4242"


def test_a_receipt_calls_where_it_went_as_it_was_called_then(account, wes, fund, signed_in):
    fund(wes)
    withdrawal = ask(account, seen=Seen("", {"destination": str(account)}))
    account.rename("Household", by=wes)
    assert sheet(signed_in(wes).get(f"/finances/withdrawals/{withdrawal.pk}.csv"))["To"] == "Testbank ···· 7890"
