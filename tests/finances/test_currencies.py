"""Any ISO 4217 currency that is switched on, with 0, 2 or 3 decimals, from a card to a bank account (issue 3, point 9).

Every journey has the same minor units, so that the books are the same whatever the decimals; only the words differ.
"""

import csv
import io
import re
from typing import NamedTuple

import pytest

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from finances.ledger.models import Account, Transfer
from finances.payments import adding, withdrawing
from finances.payments.models import Payment, PaymentSource, Withdrawal
from finances.payments.sandbox import Behaviour
from finances.payments.sandbox.models import SandboxInstrument, SandboxSetup
from milestones.models import Milestone
from projects.models import Project
from tests import factories
from tests.steps import ask, books, confirm, error_at, page

pytestmark = pytest.mark.django_db


class Journey(NamedTuple):
    """What is typed, and what stands on pages and in files, in one currency."""

    currency: str
    deposit: str  # 10005 minor units
    amount: str  # of the milestone: 7777; the employer's 2.5 % on top of it are 194
    left: str  # in the employer's wallet: 2034
    released: str  # 4445
    rest: str  # held on: 3332
    fee: str  # the freelancer's 7.125 %: 316.70625, rounded to 317
    earned: str  # 4128
    taken: str  # withdrawn: 1127
    kept: str  # 3001
    too_fine: str
    words: str


JOURNEYS = [
    Journey(
        "JPY", "10,005", "7777", "2034", "4445", "3332", "317", "4128", "1127", "3001", "1.5", "JPY has no decimals",
    ),
    Journey(
        "EUR", "100.05", "77.77", "20.34", "44.45", "33.32", "3.17", "41.28", "11.27", "30.01", "1.005", "2 decimals",
    ),
    Journey(
        "TND", "10.005", "7.777", "2.034", "4.445", "3.332", "0.317", "4.128", "1.127", "3.001", "1.0005", "3 decimals",
    ),
]  # fmt: skip


@pytest.fixture(params=JOURNEYS, ids=lambda journey: journey.currency)
def journey(request, settings, rates) -> Journey:
    settings.CURRENCIES = ["USD", "JPY", "EUR", "TND"]
    settings.WITHDRAWAL_PAUSE = 0
    rates("*=7.125%", "*=2.5%")
    return request.param


def added(instrument, behaviour: Behaviour = Behaviour.SUCCEEDS):
    """Go to the provider's page, choose what behaves so, and come back."""
    setup = SandboxSetup.objects.get(reference=instrument.setup)
    setup.add(next(each for each in setup.choices if each.behaviour == behaviour))
    return adding.finish(instrument)


def card(owner: Member) -> PaymentSource:
    source = added(adding.begin_source(owner, kind="card"))
    assert source.verify(SandboxInstrument.objects.get(reference=source.reference).code, by=owner)
    return source


def deposit(client: Client, journey: Journey, source: PaymentSource) -> None:
    wanted = {"currency": journey.currency, "source": source.pk}
    refused = client.post("/finances/deposit/", {**wanted, "amount": journey.too_fine})
    assert journey.words in error_at(refused, "amount")
    confirm(client, "/finances/deposit/", ask(client, "/finances/deposit/", **wanted, amount=journey.deposit))
    payment = Payment.objects.get()
    assert (payment.state, payment.amount, payment.currency) == ("succeeded", 10_005, journey.currency)


def work(client: Client, journey: Journey, erin: Member, wes: Member) -> Milestone:
    """Post a project, award it, put money on hold and release a part of it."""
    client.post(
        "/projects/new/",
        {
            "title": "Guest house website",
            "description": "Seven rooms.",
            "skills": "Django",
            "currency": journey.currency,
            "budget_from": journey.amount,
            "budget_to": journey.deposit,
        },
    )
    project = Project.objects.get()
    assert (project.budget_from, project.budget_to) == (7_777, 10_005)
    bid = factories.BidFactory(project=project, freelancer=wes, amount=7_777)
    award = factories.accepted(factories.award(bid, by=erin))

    create = f"/awards/{award.pk}/milestones/new/"
    assert journey.words in error_at(client.post(create, {"amount": journey.too_fine, "task": "Rooms"}), "amount")
    confirm(client, create, ask(client, create, amount=journey.amount, task="Rooms"))
    milestone = Milestone.objects.get()

    release = f"/milestones/{milestone.pk}/release/"
    assert journey.words in error_at(client.post(release, {"amount": journey.too_fine}), "amount")
    confirm(client, release, ask(client, release, amount=journey.released))
    return milestone


def withdraw(client: Client, journey: Journey, wes: Member) -> Withdrawal:
    account = added(adding.begin_destination(wes, currency=journey.currency))
    client.post("/accounts/reauthenticate/", {"password": "secret"})
    wanted = {"currency": journey.currency, "destination": account.pk}
    refused = client.post("/finances/withdraw/", {**wanted, "amount": journey.too_fine})
    assert journey.words in error_at(refused, "amount")
    confirm(client, "/finances/withdraw/", ask(client, "/finances/withdraw/", **wanted, amount=journey.taken))
    return withdrawing.send(Withdrawal.objects.get())


def shown(client: Client, address: str) -> set[str]:
    """The amounts on a page, as they are read by machines."""
    response = client.get(address)
    assert response.status_code == 200
    return {value.lstrip("-") for value in re.findall(r'<data [^>]*value="([^"]+)"', page(response))}


def rows(client: Client, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode()), strict=True))


def wallets(member: Member) -> dict[str, int]:
    return dict(Account.objects.filter(owner=member, kind="wallet").values_list("currency", "balance"))


def test_p52_every_minor_unit_from_the_card_to_the_bank_account(journey, erin, wes, signed_in):
    employer, freelancer = signed_in(erin), signed_in(wes)
    source = card(erin)
    assert wallets(erin) == {}
    deposit(employer, journey, source)
    assert wallets(erin) == {journey.currency: 10_005}  # a wallet appears with its first money

    milestone = work(employer, journey, erin, wes)
    assert Milestone.objects.get(pk=milestone.pk).held == 3_332
    assert wallets(erin) == {journey.currency: 2_034}
    assert wallets(wes) == {journey.currency: 4_128}

    withdrawal = withdraw(freelancer, journey, wes)
    assert (withdrawal.state, withdrawal.amount) == ("paid", 1_127)
    assert wallets(wes) == {journey.currency: 3_001}

    assert books() == []
    call_command("verify_ledger", stdout=io.StringIO())
    out = io.StringIO()
    call_command("reconcile", stdout=out)
    assert "Everything agrees." in out.getvalue()
    assert {account.currency for account in Account.objects.all()} == {journey.currency}


def test_p53_pages_files_and_statements_write_them_with_the_currencys_decimals(journey, erin, wes, signed_in):
    employer, freelancer = signed_in(erin), signed_in(wes)
    deposit(employer, journey, card(erin))
    milestone = work(employer, journey, erin, wes)
    withdrawal = withdraw(freelancer, journey, wes)
    code, month = journey.currency, f"{timezone.now():%Y-%m}"
    typed = journey.deposit.replace(",", "")

    assert shown(employer, f"/finances/?currency={code}") >= {journey.left, journey.rest}
    assert shown(freelancer, f"/finances/transfers/?currency={code}") >= {journey.released, journey.fee, journey.taken}
    assert shown(employer, f"/milestones/{milestone.pk}/") >= {journey.amount, journey.released, journey.rest}
    assert journey.taken in shown(freelancer, f"/finances/withdrawals/{withdrawal.pk}/")
    assert typed in shown(employer, f"/finances/payments/{Payment.objects.get().pk}/")

    (row,) = rows(employer, f"/finances/outgoing.csv?currency={code}")
    assert (row["Currency"], row["Amount"], row["Released"], row["Held"]) == (
        code, journey.amount, journey.released, journey.rest,
    )  # fmt: skip
    moved = rows(freelancer, f"/finances/transfers.csv?currency={code}")
    assert [(one["Change"], one["Balance afterwards"]) for one in moved] == [
        (f"-{journey.taken}", journey.kept),
        (f"-{journey.fee}", journey.earned),
        (journey.released, journey.released),
    ]
    statement = f"/finances/statements/{code}/{month}"
    assert shown(freelancer, f"{statement}/") >= {journey.kept, journey.taken, journey.fee}
    lines = rows(freelancer, f"{statement}.csv")
    assert {journey.released, f"-{journey.fee}", f"-{journey.taken}"} <= {line["Change"] for line in lines}
    assert Transfer.objects.exclude(currency=code).count() == 0


def test_what_is_not_switched_on_can_not_be_used(settings, erin, signed_in):
    settings.CURRENCIES = ["EUR", "JPY"]
    client, source = signed_in(erin), card(erin)
    wanted = {"currency": "TND", "amount": "1.005", "source": source.pk}
    assert client.post("/finances/deposit/", wanted).status_code == 422
    assert not Payment.objects.exists()
    settings.CURRENCIES = ["EUR", "JPY", "TND"]
    assert client.post("/finances/deposit/", wanted).status_code == 200
