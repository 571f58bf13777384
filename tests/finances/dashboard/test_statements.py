"""A month of one wallet as page, CSV and PDF: complete, adding up, the same for ever (P50, P53)."""

import csv
import datetime
import io
import uuid

import pypdf
import pytest
import time_machine

from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.dashboard import statements
from finances.ledger.models import Account, Transfer
from finances.payments.models import Correction
from tests.finances.dashboard.conftest import awarded, live_through
from tests.finances.payments.refunds import of_finance
from tests.money import EUR, JPY
from tests.situation import hold
from tests.steps import page


def at(text: str) -> time_machine.travel:
    """The time of everything that is done inside."""
    return time_machine.travel(datetime.datetime.fromisoformat(text + "+00:00"), tick=True)


def pdf_text(response) -> str:
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    return "\n".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(response.content)).pages)


def csv_rows(response) -> list[dict[str, str]]:
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode()), strict=True))


@pytest.fixture
def autumn(erin, wes, fund):
    """Erin's and Wes's euros: a deposit in September, work in October, nothing in November, work in December."""
    with at("2026-09-10T10:00"):
        fund(erin, EUR("1000.00"))
        award = awarded(erin, wes, title="Guest house website")
    with at("2026-10-05T10:00"):
        gallery = hold(award, "Photo gallery", 40_000)
        booking = hold(award, "Booking form", 10_000)
    with at("2026-10-31T23:59:58"):
        gallery.release(25_000, by=erin, key=uuid.uuid4())
        booking.cancel(by=wes, key=uuid.uuid4())
    with time_machine.travel(datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC), tick=False):
        hold(award, "Summer pictures", 5_000)
    with at("2026-12-15T12:00"):
        yield award


def sum_of(money) -> int:
    """Money with two decimals as a page shows it, in minor units; 0 where it shows none."""
    return int(str(money).partition('value="')[2].partition('"')[0].replace(".", "") or 0)


def shown(response) -> list[tuple[str, str, int, int]]:
    """Kind, task, and change and balance in minor units of the lines on a page."""
    return [(x["kind"], x["task"], sum_of(x["change"]), sum_of(x["balance"])) for x in response.context["lines"]]


def test_p50_a_statement_begins_and_ends_with_a_balance_and_has_every_transfer(autumn, erin, wes, signed_in):
    response = signed_in(erin).get("/finances/statements/EUR/2026-10/")
    assert shown(response) == [
        ("Put on hold", "Photo gallery", -40_000, 60_000),
        ("Put on hold", "Booking form", -10_000, 50_000),
        ("Returned", "Booking form", 10_000, 60_000),
    ]
    text = page(response)
    for words in (
        "<h1>October 2026</h1>",
        "Statement EUR 2026-10",
        "<dt>Member</dt><dd>Erin Vogel</dd>",
        "<dt>E-mail</dt><dd>erin@example.com</dd>",
        "<dt>Wallet</dt><dd>Euro (EUR)</dd>",
        "<dt>Period</dt><dd>1 Oct 2026 to 31 Oct 2026</dd>",
        '<dt>Opening balance</dt><dd><a href="/finances/statements/EUR/2026-09/"><data value="1000.00">',
        '<dt>Closing balance</dt><dd><data value="600.00">€600.00</data>',
        "Photo gallery · Guest house website",
        "site's clock (UTC)",
    ):
        assert words in text
    of_wes = signed_in(wes).get("/finances/statements/EUR/2026-10/")
    assert shown(of_wes) == [("Released", "Photo gallery", 25_000, 25_000)]
    assert "<dt>Opening balance</dt><dd><data" in page(of_wes)


def test_p53_the_sums_of_each_kind_open_to_their_lines(autumn, erin, signed_in):
    client = signed_in(erin)
    response = client.get("/finances/statements/EUR/2026-10/")
    assert [(label, str(came), str(went)) for _, label, came, went in response.context["sums"]] == [
        ("Put on hold", "", '<data value="500.00">€500.00</data>'),
        ("Returned", '<data value="100.00">€100.00</data>', ""),
    ]
    for address, label, _came, _went in response.context["sums"]:
        assert f'href="{address}"' in page(response)
        assert {shown_line[0] for shown_line in shown(client.get(address))} == {label}
    for line in response.context["lines"]:
        assert client.get(line["url"]).status_code == 200


def test_p50_page_csv_and_pdf_say_the_same(autumn, erin, signed_in):
    client = signed_in(erin)
    lines = shown(client.get("/finances/statements/EUR/2026-10/"))
    file = client.get("/finances/statements/EUR/2026-10.csv")
    assert file["Content-Disposition"] == 'attachment; filename="statement-eur-2026-10.csv"'
    rows = csv_rows(file)
    assert (rows[0]["Kind"], rows[0]["Balance afterwards"]) == ("Opening balance", "1000.00")
    assert (rows[-1]["Kind"], rows[-1]["Balance afterwards"]) == ("Closing balance", "600.00")
    of_csv = [
        (r["Kind"], r["Task"], *(int(r[name].replace(".", "")) for name in ("Change", "Balance afterwards")))
        for r in rows[1:-1]
    ]
    assert of_csv == lines
    paper = client.get("/finances/statements/EUR/2026-10.pdf")
    assert paper["Content-Disposition"] == 'attachment; filename="statement-eur-2026-10.pdf"'
    assert paper["X-Content-Type-Options"] == "nosniff"
    text = pdf_text(paper)
    for words in (
        *("October 2026", "Statement EUR 2026-10", "Erin Vogel", "erin@example.com", "1 Oct 2026 to 31 Oct 2026"),
        *("€1,000.00", "−€400.00", "€600.00", "€500.00", "Photo gallery · Guest house website", "Returned"),
        *(r["Reference"] for r in rows[1:-1]),
    ):
        assert words in text


def test_p50_what_was_made_at_midnight_is_in_the_month_that_begins(autumn, erin, signed_in):
    client = signed_in(erin)
    assert [x[1] for x in shown(client.get("/finances/statements/EUR/2026-12/"))] == ["Summer pictures"]


def test_p50_a_month_without_a_transfer_says_so(autumn, erin, signed_in):
    response = signed_in(erin).get("/finances/statements/EUR/2026-11/")
    assert shown(response) == []
    assert "No money moved in this month." in page(response)
    assert '<dt>Closing balance</dt><dd><data value="600.00">' in page(response)
    assert "No money moved." in pdf_text(signed_in(erin).get("/finances/statements/EUR/2026-11.pdf"))


def test_p50_a_month_still_running_says_so(autumn, erin, signed_in):
    client = signed_in(erin)
    assert "This month is still running" in page(client.get("/finances/statements/EUR/2026-12/"))
    assert "still running" in pdf_text(client.get("/finances/statements/EUR/2026-12.pdf"))
    assert "still running" not in page(client.get("/finances/statements/EUR/2026-11/"))


@pytest.mark.parametrize("kind", ["/", ".csv", ".pdf"])
@pytest.mark.parametrize(
    "which",
    [
        *("EUR/2026-13", "EUR/2026-00", "EUR/2027-01", "EUR/2026-08", "EUR/9999-12", "EUR/0000-01", "EUR/1969-12"),
        *("XXX/2026-10", "USD/2026-10", "eur/2026-10", "EUR/2026-1", "EUR/٢٠٢٦-10", "EUR/2026-10x"),
    ],
)
def test_p82_what_is_no_statement_is_not_found(autumn, erin, signed_in, which, kind):
    assert signed_in(erin).get(f"/finances/statements/{which}{kind}").status_code == 404


def test_p82_nobody_sees_anothers(autumn, sam, ana, sue, signed_in, client):
    for kind in ("/", ".csv", ".pdf"):
        for person in (sam, ana, sue):
            assert signed_in(person).get(f"/finances/statements/EUR/2026-10{kind}").status_code == 404
        assert client.get(f"/finances/statements/EUR/2026-10{kind}").status_code == 302


def listed(response) -> list[tuple[str, str, int]]:
    return [(row["title"], row["currency"], row["number"]) for row in response.context["rows"]]


def test_p50_the_list_has_each_month_of_each_wallet_that_moved(autumn, erin, wes, sam, fund, signed_in):
    with at("2026-12-20T10:00"):
        fund(erin, JPY("5000"))
        response = signed_in(erin).get("/finances/statements/")
        assert listed(response) == [
            ("December 2026", "EUR", 1),
            ("December 2026", "JPY", 1),
            ("October 2026", "EUR", 3),
            ("September 2026", "EUR", 1),
        ]
        assert response.context["older"] == ""
        for row in response.context["rows"]:
            assert signed_in(erin).get(row["url"]).status_code == 200
        assert listed(signed_in(wes).get("/finances/statements/")) == [("October 2026", "EUR", 1)]
        assert "No money has moved yet." in page(signed_in(sam).get("/finances/statements/"))
    assert 'href="/finances/statements/"' in page(signed_in(erin).get("/finances/transfers/"))


def test_p50_the_list_goes_on_past_years_without_a_transfer(erin, fund, signed_in):
    for when in ("2019-05-31T23:59:59", "2020-01-01T00:00", "2026-10-01T00:00"):
        with at(when):
            fund(erin, EUR("1.00"))
    with at("2026-11-02T00:00"):
        client, pages = signed_in(erin), []
        address = "/finances/statements/"
        while address:
            response = client.get(address)
            pages.append(listed(response))
            address = response.context["older"]
            assert not address or f'href="{address}"' in page(response)
    assert pages == [[("October 2026", "EUR", 1)], [("January 2020", "EUR", 1), ("May 2019", "EUR", 1)]]


@pytest.mark.parametrize("before", ["2026-13", "x", "\0", "0000-01", "2026-1", "9" * 40])
def test_a_list_from_nowhere_is_the_list(autumn, erin, signed_in, before):
    assert len(listed(signed_in(erin).get("/finances/statements/", {"before": before}))) == 3


def test_p50_months_are_the_sites_whoever_reads(autumn, erin, settings, signed_in):
    """23:59:58 in UTC is the next day in Tokyo: for the reader's clock nothing changes, for the site's it does."""
    erin.time_zone = "Asia/Tokyo"
    erin.save()
    client = signed_in(erin)
    assert len(shown(client.get("/finances/statements/EUR/2026-10/"))) == 3
    assert "31 Oct 2026, 23:59" in page(client.get("/finances/statements/EUR/2026-10/"))
    settings.TIME_ZONE = "Asia/Tokyo"
    assert len(shown(client.get("/finances/statements/EUR/2026-10/"))) == 2
    november = client.get("/finances/statements/EUR/2026-11/")
    assert [x[0] for x in shown(november)] == ["Returned"]
    assert "1 Nov 2026, 08:59" in page(november)
    assert "31 Oct" not in csv_rows(client.get("/finances/statements/EUR/2026-11.csv"))[1]["When"]


def test_p50_a_month_begins_by_the_sites_clock_not_the_readers(autumn, erin, signed_in):
    erin.time_zone = "Asia/Tokyo"
    erin.save()
    with at("2026-12-31T23:00"):
        client = signed_in(erin)
        assert client.get("/finances/statements/EUR/2027-01/").status_code == 404
        assert "still running" in page(client.get("/finances/statements/EUR/2026-12/"))
        assert listed(client.get("/finances/statements/"))[0] == ("December 2026", "EUR", 1)


def test_p50_what_waited_over_midnight_keeps_the_balances_in_order(erin, fund, signed_in):
    """Times and places of three deposits differ by seconds; the months are cut in the order of the balances."""
    for when in ("2026-10-31T23:59:59", "2026-11-01T00:00:01", "2026-10-31T23:59:58", "2026-11-01T00:00:02"):
        with at(when):
            fund(erin, EUR("1.00"))
    with at("2026-11-30T10:00"):
        client = signed_in(erin)
        assert [x[3] for x in shown(client.get("/finances/statements/EUR/2026-10/"))] == [100]
        assert [x[3] for x in shown(client.get("/finances/statements/EUR/2026-11/"))] == [200, 300, 400]
        assert listed(client.get("/finances/statements/"))[0] == ("November 2026", "EUR", 3)


@pytest.mark.parametrize("seed", range(3))
def test_p53_any_history_is_told_without_a_gap(erin, wes, ana, seed):
    """Month by month the opening balance is the last closing one, and the last closing one is the wallet's."""
    people = [erin, wes, ana]
    for number in range(5):
        with at(f"2026-0{3 + number}-28T23:59:30"):
            live_through(100 * seed + number, people, steps=20)
    for wallet in Account.objects.filter(kind="wallet"):
        ids, before = [], 0
        for number in range(1, 10):
            try:
                found = statements.find([wallet], wallet.currency, f"2026-0{number}")
            except statements.Http404:
                assert not ids
                continue
            assert found.opening == before
            before = found.closing
            ids += [line.transfer.pk for line in found.lines()]
        wallet.refresh_from_db()
        assert before == wallet.balance
        assert len(ids) == wallet.sequence
        assert ids == sorted(ids)


def test_p50_a_statement_that_does_not_add_up_is_not_given(autumn, erin):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_transfer SET amount = amount + 1 WHERE kind = 'return'")
        wallets = list(Account.objects.filter(owner=erin))
        with pytest.raises(statements.DoesNotAddUp):
            statements.find(wallets, "EUR", "2026-10")
        cursor.execute("UPDATE ledger_transfer SET amount = amount - 1 WHERE kind = 'return'")
        cursor.execute("ALTER TABLE ledger_transfer ENABLE ALWAYS TRIGGER ledger_transfer_stays_what_it_is")
    assert statements.find(wallets, "EUR", "2026-10").closing == 60_000


def test_p50_a_long_month_has_pages_and_the_same_number_of_queries(erin, fund, signed_in, monkeypatch):
    monkeypatch.setattr("finances.dashboard.views.statements.PAGE", 7)
    monkeypatch.setattr("finances.dashboard.statements.CHUNK", 4)
    for _ in range(8):
        fund(erin, EUR("1.00"))
    client, month = signed_in(erin), f"{datetime.datetime.now(datetime.UTC):%Y-%m}"
    address, balances, counts = f"/finances/statements/EUR/{month}/", [], []
    for more in (0, 12):
        for _ in range(more):
            fund(erin, EUR("1.00"))
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9
    while address:
        response = client.get(address)
        balances += [x[3] for x in shown(response)]
        address = response.context["next"]
    assert balances == [100 * n for n in range(1, 21)]
    assert len(csv_rows(client.get(f"/finances/statements/EUR/{month}.csv"))) == 22


def test_p50_a_month_too_long_for_a_pdf_says_to_take_the_csv(autumn, erin, signed_in, monkeypatch):
    monkeypatch.setattr("config.papers.MOST_LINES", 2)
    monkeypatch.setattr("finances.dashboard.views.statements.MOST_LINES", 2)
    client = signed_in(erin)
    text = page(client.get("/finances/statements/EUR/2026-10/"))
    assert "A month of more than 2 transfers is too long for a PDF." in text
    assert "2026-10.pdf" not in text
    assert "2026-10.csv" in text
    refused = client.get("/finances/statements/EUR/2026-10.pdf")
    assert refused.status_code == 503
    assert "The CSV file has every line." in page(refused)


def test_no_cell_of_a_statement_is_a_formula(erin, wes, fund, signed_in):
    fund(erin)
    hold(awarded(erin, wes, title="@SUM(A1)"), "=1+1", 100)
    month = f"{datetime.datetime.now(datetime.UTC):%Y-%m}"
    row = csv_rows(signed_in(erin).get(f"/finances/statements/EUR/{month}.csv"))[2]
    assert (row["Task"], row["Project"], row["Change"]) == ("'=1+1", "'@SUM(A1)", "-1.00")


@pytest.fixture
def charged(erin, wes, fund, rates):
    """October of an award with fees on both sides: €400.00 on hold, €150.00 of it released, the rest given back."""
    rates("EUR=8% min 0.50", "EUR=5%")
    with at("2026-10-05T10:00"):
        fund(erin, EUR("1000.00"))
        gallery = hold(awarded(erin, wes, title="Guest house website"), "Photo gallery", 40_000)
        gallery.release(15_000, by=erin, key=uuid.uuid4())
        gallery.cancel(by=wes, key=uuid.uuid4())
    with at("2026-11-15T12:00"):
        yield


def test_p52_fees_are_lines_that_say_what_for(charged, erin, wes, signed_in):
    response = signed_in(erin).get("/finances/statements/EUR/2026-10/")
    assert shown(response) == [
        ("Deposit", "", 100_000, 100_000),
        ("Put on hold", "Photo gallery", -40_000, 60_000),
        ("Fee set aside", "Photo gallery", -2_000, 58_000),
        ("Returned", "Photo gallery", 25_000, 83_000),
        ("Fee given back", "Photo gallery", 1_250, 84_250),
    ]
    of_wes = signed_in(wes).get("/finances/statements/EUR/2026-10/")
    assert shown(of_wes) == [("Released", "Photo gallery", 15_000, 15_000), ("Fee", "Photo gallery", -1_200, 13_800)]
    for person, words in ((erin, ("Fee set aside", "−€20.00", "Fee given back", "€12.50")), (wes, ("Fee", "−€12.00"))):
        rows = csv_rows(signed_in(person).get("/finances/statements/EUR/2026-10.csv"))[1:-1]
        lines = shown(signed_in(person).get("/finances/statements/EUR/2026-10/"))
        assert [(row["Kind"], row["Task"]) for row in rows] == [line[:2] for line in lines]
        text = pdf_text(signed_in(person).get("/finances/statements/EUR/2026-10.pdf"))
        for word in words:
            assert word in text


def test_p53_what_is_set_aside_for_a_fee_is_added_up_apart(charged, erin, wes, signed_in):
    """What was put on hold is so the same sum here and in the picture by month."""
    client = signed_in(erin)
    response = client.get("/finances/statements/EUR/2026-10/")
    assert [(label, *map(sum_of, sums)) for _, label, *sums in response.context["sums"]] == [
        ("Deposit", 100_000, 0),
        ("Put on hold", 0, 40_000),
        ("Fee set aside", 0, 2_000),
        ("Returned", 25_000, 0),
        ("Fee given back", 1_250, 0),
    ]
    assert [sum_of(money) for money in response.context["total"]] == [126_250, 42_000]
    for address, label, came, went in response.context["sums"]:
        lines = shown(client.get(address))
        assert {line[0] for line in lines} == {label}
        assert sum(line[2] for line in lines) == sum_of(came) - sum_of(went)
        assert f"Transfers: {label}" in page(client.get(address))
    text = pdf_text(client.get("/finances/statements/EUR/2026-10.pdf"))
    assert "Fee set aside €20.00" in text
    sums = signed_in(wes).get("/finances/statements/EUR/2026-10/").context["sums"]
    assert [(label, sum_of(came), sum_of(went)) for _, label, came, went in sums] == [
        ("Released", 15_000, 0),
        ("Fee", 0, 1_200),
    ]


def test_p71_a_correction_says_its_reason_wherever_it_is_a_line(erin, wes, fund, signed_in, settings):
    settings.CORRECTION_ALONE_LIMIT = {"EUR": 10_000}
    with at("2026-10-05T10:00"):
        fund(erin, EUR("200.00"))
        wrong = Transfer.objects.get(kind="deposit")
        wallets = [Account.wallet(member.pk, "EUR") for member in (erin, wes)]
        about = {
            "reason": "=Sent to the\nwrong person.",
            "corrects": wrong,
            "by": of_finance("Finn"),
            "key": uuid.uuid4(),
        }
        made = Correction.propose(*wallets, 500, **about)
    reason = "=Sent to the wrong person."
    for member in (erin, wes):
        client = signed_in(member)
        assert reason in [task for _kind, task, *_sums in shown(client.get("/finances/statements/EUR/2026-10/"))]
        assert reason in pdf_text(client.get("/finances/statements/EUR/2026-10.pdf"))
        for address in ("/finances/statements/EUR/2026-10.csv", "/finances/transfers.csv?currency=EUR"):
            tasks = [row["Task"] for row in csv_rows(client.get(address))]
            assert f"'{reason}" in tasks, "and it is no formula"
    link = f'<a href="/finances/transfers/{made.transfer_id}/">{made.transfer.reference}</a>'
    assert link in page(signed_in(erin).get(f"/finances/transfers/{wrong.pk}/"))
    back = f'<a href="/finances/transfers/{wrong.pk}/">{wrong.reference}</a>'
    assert back in page(signed_in(erin).get(f"/finances/transfers/{made.transfer_id}/"))
    assert back not in page(signed_in(wes).get(f"/finances/transfers/{made.transfer_id}/")), "it isn't his to see"
