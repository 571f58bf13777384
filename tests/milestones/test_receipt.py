"""Receipts: permanent, for both parties, of every step (P26, P27)."""

import io
import re
import uuid

import pypdf
import pytest

from tests.steps import ask, confirm, page


@pytest.fixture
def released(milestone, erin, signed_in):
    """A confirmed partial release of €150.00, through the pages."""
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/release/"
    confirm(client, url, ask(client, url, amount="150"), REMOTE_ADDR="203.0.113.7")
    return milestone.events.get(action="release")


def test_p27_says_what_was_paid_to_whom_and_what_stays(released, milestone, erin, signed_in):
    text = page(signed_in(erin).get(released.get_absolute_url()))
    for words in (
        f"Receipt {released.reference}",
        f'<p class="sum"><a class="figure-link" href="/finances/transfers/{released.transfer_id}/">'
        '<data value="150.00">€150.00</data>',
        "Photo gallery",
        f"({milestone.reference})",
        "Guest house website",
        "<dt>Paid to</dt><dd>Wes Adeyemi</dd>",
        '#history"><data value="250.00">€250.00</data></a></dd>',
        "<dt>Confirmed by</dt><dd>Erin Vogel (203.0.113.7)</dd>",
        f'href="/finances/transfers/{released.transfer_id}/">{released.transfer.reference}</a>',
        "The rest stays on hold",
    ):
        assert words in text


def test_p27_never_changes(released, milestone, erin, wes, signed_in):
    client = signed_in(erin)

    def article() -> str:
        return page(client.get(released.get_absolute_url())).partition("<article")[2].partition("</article")[0]

    before = article()
    milestone.release(20_000, by=erin, key=uuid.uuid4())
    milestone.cancel(by=wes, key=uuid.uuid4())
    assert article() == before
    assert "€150.00" in before


def test_p27_the_other_party_sees_it_without_the_address(released, wes, signed_in):
    text = page(signed_in(wes).get(released.get_absolute_url()))
    assert "€150.00" in text
    assert "203.0.113.7" not in text


def test_p82_nobody_else_sees_it(released, ana, sam, sue, signed_in, client):
    for person in (ana, sam, sue):
        assert signed_in(person).get(released.get_absolute_url()).status_code == 404
    assert client.get(released.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("by", ["employer", "freelancer"])
def test_p27_a_cancelling_has_one_too(offered, employer, wes, signed_in, by):
    event = offered.cancel(by={"employer": employer, "freelancer": wes}[by], key=uuid.uuid4(), reason="<b>Enough</b>")
    response = signed_in(wes).get(event.get_absolute_url())
    text = page(response)
    assert f"Cancelled by the {by}" in text
    assert "<dt>Returned to</dt><dd>Erin Vogel</dd>" in text
    assert "The money is back in Erin's available funds." in text
    assert "<b>Enough</b>" not in response.content.decode()
    assert "<b>Enough</b>" in text


def test_p27_so_has_a_return_at_the_end_of_the_award(offer, offered, wes, erin, signed_in):
    offer.decline(by=wes, key=uuid.uuid4())
    event = offered.events.get(action="return")
    text = page(signed_in(erin).get(event.get_absolute_url()))
    assert "Returned, because the award ended" in text
    assert "€200.00" in text


def test_p27_the_milestone_page_leads_to_every_receipt(released, milestone, erin, wes, signed_in):
    milestone.cancel(by=wes, key=uuid.uuid4(), reason="No time.")
    for person in (erin, wes):
        client = signed_in(person)
        text = page(client.get(milestone.get_absolute_url()))
        for event in milestone.events.all():
            assert f'href="{event.get_absolute_url()}"' in text
            assert client.get(event.get_absolute_url()).status_code == 200
        assert "Erin Vogel released €150.00" in text
        assert "Wes Adeyemi cancelled: €250.00 went back" in text
        assert "“No time.”" in text
        assert (
            '<dt>Returned</dt><dd class="figure"><a class="figure-link" href="#history"><data value="250.00">' in text
        )


def read(response) -> tuple[pypdf.PdfReader, str]:
    assert response.status_code == 200
    found = pypdf.PdfReader(io.BytesIO(response.content))
    return found, " ".join("\n".join(sheet.extract_text() for sheet in found.pages).split())


def all_of_the_page_in_the_paper(text: str, words: str) -> dict[str, str]:
    """Return the rows of a receipt's page, after looking for each of them in its PDF."""
    article = text.partition("<article")[2].partition("</article")[0]
    shown = {
        name: re.sub(r"<[^>]*>", "", value) for name, value in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", article)
    }
    for name, value in shown.items():
        assert f"{name} {value}" in words
    return shown


def test_p27_the_pdf_has_the_rows_of_the_page(released, erin, signed_in):
    client = signed_in(erin)
    text = page(client.get(released.get_absolute_url()))
    assert f'href="/receipts/{released.pk}.pdf"' in text
    response = client.get(f"/receipts/{released.pk}.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="receipt-r{released.pk}.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    paper, words = read(response)
    assert len(all_of_the_page_in_the_paper(text, words)) == 8
    assert "Released €150.00" in words
    assert f"Receipt {released.reference}" in words
    assert "The rest stays on hold" in words
    assert paper.metadata.title == "Released"
    assert paper.trailer["/Root"]["/Lang"] == "en"


def test_p52_the_pdf_has_the_fees_of_the_page_for_each_side(rates, request, erin, wes, signed_in):
    rates("EUR=8% min 0.50", "EUR=5%")
    released = request.getfixturevalue("released")
    own, theirs = (
        all_of_the_page_in_the_paper(
            page(signed_in(person).get(released.get_absolute_url())),
            read(signed_in(person).get(f"/receipts/{released.pk}.pdf"))[1],
        )
        for person in (erin, wes)
    )
    assert re.fullmatch(r"€7\.50 T\d+", own["Your fee"])
    assert (own["Fee"], own["Wes received"]) == ("€12.00", "€138.00")
    assert re.fullmatch(r"€12\.00 T\d+", theirs["Fee"])
    assert theirs["Wes received"] == "€138.00"
    assert "Your fee" not in theirs
    created = released.milestone.events.get(action="create")
    assert "Fee set aside €20.00 T" in read(signed_in(erin).get(f"/receipts/{created.pk}.pdf"))[1]
    assert "€20.00" not in read(signed_in(wes).get(f"/receipts/{created.pk}.pdf"))[1]


def test_p27_the_pdf_is_the_same_for_ever(released, milestone, erin, wes, signed_in):
    client = signed_in(erin)
    before = client.get(f"/receipts/{released.pk}.pdf").content
    milestone.cancel(by=wes, key=uuid.uuid4())
    assert client.get(f"/receipts/{released.pk}.pdf").content == before


def test_p27_the_other_partys_pdf_is_without_the_address(released, erin, wes, signed_in):
    assert "203.0.113.7" in read(signed_in(erin).get(f"/receipts/{released.pk}.pdf"))[1]
    words = read(signed_in(wes).get(f"/receipts/{released.pk}.pdf"))[1]
    assert "€150.00" in words
    assert "203.0.113.7" not in words


def test_p82_nobody_else_gets_the_pdf(released, ana, sam, sue, signed_in, client):
    for person in (ana, sam, sue):
        assert signed_in(person).get(f"/receipts/{released.pk}.pdf").status_code == 404
    assert client.get(f"/receipts/{released.pk}.pdf").status_code == 302


def test_p27_the_time_is_the_readers_and_says_so(released, erin, signed_in):
    erin.time_zone = "Asia/Tokyo"
    erin.save()
    for address in (released.get_absolute_url(), f"/receipts/{released.pk}.pdf"):
        response = signed_in(erin).get(address)
        words = read(response)[1] if address.endswith("pdf") else page(response)
        assert re.search(r"[0-9]{1,2} \w{3} [0-9]{4}, [0-9]{2}:[0-9]{2} JST", words)


def test_p50_the_receipt_as_csv_has_the_rows_of_its_page(released, wes, sam, signed_in):
    address = f"/receipts/{released.pk}.csv"
    lines = b"".join(signed_in(wes).get(address).streaming_content).decode().splitlines()
    assert lines[:3] == [f"Receipt {released.reference},Released", "Sum,150.00", "Currency,EUR"]
    assert "Paid to,Wes Adeyemi" in lines
    assert f"Transfer,{released.transfer.reference}" in lines
    assert signed_in(sam).get(address).status_code == 404
