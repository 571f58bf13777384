"""Transfers: every one explained, with the balance it left (P50, P53, P82)."""

import uuid

import pytest

from finances.ledger.models import Transfer
from tests.finances.dashboard.conftest import live_through, walk
from tests.finances.dashboard.test_finances import minor
from tests.situation import hold
from tests.steps import page


@pytest.mark.parametrize("seed", range(3))
def test_p53_running_balances_are_right_to_the_first_deposit(erin, wes, ana, signed_in, seed):
    live_through(seed, [erin, wes, ana], steps=80)
    for person in (erin, wes, ana):
        for code in ("EUR", "JPY"):
            client, address, rows = signed_in(person), f"/finances/transfers/?currency={code}", []
            while address:
                response = client.get(address)
                rows += response.context["rows"]
                address = response.context["older"]
            balance = 0
            for row in reversed(rows):
                balance += minor(str(row["change"]))
                assert minor(str(row["balance"])) == balance
            wallet = person.accounts.get(kind="wallet", currency=code)
            assert balance == wallet.balance
            assert len(rows) == wallet.sequence


def test_p53_a_line_says_what_it_was_for_and_leads_to_the_transfer(employer, wes, award, signed_in):
    milestone = hold(award, "Photo gallery", 40_000)
    event = milestone.release(15_000, by=employer, key=uuid.uuid4())
    client = signed_in(wes)
    (row,) = client.get("/finances/transfers/").context["rows"]
    assert (row["what"], row["project"], row["kind"]) == ("Photo gallery", "Guest house website", "Released")
    text = page(client.get(row["url"]))
    for words in (
        f"Transfer {event.transfer.reference}",
        '<p class="sum"><data value="150.00">€150.00</data>',
        "Money on hold",
        "Wes Adeyemi's available funds",
        f'href="{milestone.get_absolute_url()}"',
        f'href="{event.get_absolute_url()}"',
    ):
        assert words in text


def test_p53_every_listed_transfer_opens(employer, many, signed_in):
    many(3)
    client = signed_in(employer)
    for url in walk(client, "/finances/transfers/"):
        assert client.get(url).status_code == 200


def test_p82_both_parties_see_it_and_nobody_else(employer, wes, ana, sam, sue, award, signed_in):
    milestone = hold(award, "x", 100)
    event = milestone.release(100, by=employer, key=uuid.uuid4())
    for transfer in Transfer.objects.filter(
        pk__in=[event.transfer_id, milestone.events.get(action="create").transfer_id]
    ):
        url = f"/finances/transfers/{transfer.pk}/"
        assert signed_in(employer).get(url).status_code == signed_in(wes).get(url).status_code == 200
        for person in (ana, sam, sue):
            assert signed_in(person).get(url).status_code == 404
    deposit = Transfer.objects.get(kind="deposit")
    assert signed_in(employer).get(f"/finances/transfers/{deposit.pk}/").status_code == 200
    assert signed_in(wes).get(f"/finances/transfers/{deposit.pk}/").status_code == 404


def test_p82_nobody_reads_the_others_balance(employer, wes, award, signed_in):
    hold(award, "x", 100).release(100, by=employer, key=uuid.uuid4())
    hold_, release = Transfer.objects.filter(kind__in=("hold", "release")).order_by("id")
    assert "99,999.00" in page(signed_in(employer).get(f"/finances/transfers/{hold_.pk}/")).partition("<main")[2]
    assert "99,999.00" not in page(signed_in(wes).get(f"/finances/transfers/{hold_.pk}/"))
    text = page(signed_in(employer).get(f"/finances/transfers/{release.pk}/")).partition("<main")[2]
    assert text.count("afterwards") == 1  # of the money on hold
