"""What came back after its release, wherever Finances tells of money (P36, P50, P53)."""

import csv
import io
import uuid

import pytest

from django.utils import timezone

from milestones import months
from milestones.models import MilestoneEvent, ReturnRequest
from milestones.months import Month
from tests.situation import hold
from tests.steps import page


@pytest.fixture
def returned(award, employer, wes) -> MilestoneEvent:
    """€400.00 held, €150.00 of it released, and €40.00 of that returned."""
    milestone = hold(award, "Photo gallery", 40_000)
    milestone.release(15_000, by=employer, key=uuid.uuid4())
    about = {"milestone": milestone, "amount": 4_000, "note": "Why"}
    return ReturnRequest.ask(award, by=employer, key=uuid.uuid4(), **about).agree(by=wes, key=uuid.uuid4())


def csv_rows(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode()), strict=True))


@pytest.mark.parametrize(("who", "change", "balance"), [("erin", "40.00", "99640.00"), ("wes", "-40.00", "110.00")])
def test_p53_the_list_of_transfers_and_its_file_have_it(returned, request, signed_in, who, change, balance):
    client = signed_in(request.getfixturevalue(who))
    text = page(client.get("/finances/transfers/?currency=EUR&kind=refund"))
    assert returned.transfer.reference in text
    assert "Photo gallery" in text
    (row,) = csv_rows(client.get("/finances/transfers.csv?currency=EUR&kind=refund"))
    assert row["Kind"] == "Returned after release"
    assert (row["Task"], row["Change"], row["Balance afterwards"]) == ("Photo gallery", change, balance)
    found = client.get("/finances/transfers/", {"currency": "EUR", "q": returned.milestone.reference})
    assert returned.transfer.reference in page(found), "it is found by its milestone"


@pytest.mark.parametrize(("who", "side"), [("erin", (4_000, 0)), ("wes", (0, 4_000))])
def test_p50_a_statement_adds_it_up_under_a_heading_of_its_own(returned, request, signed_in, who, side):
    client = signed_in(request.getfixturevalue(who))
    address = f"/finances/statements/EUR/{timezone.localdate():%Y-%m}/"
    response = client.get(address)
    text = page(response)
    assert "Returned after release" in text
    came, went = ("€40.00", "") if side[0] else ("", "€40.00")
    heading = text.split("Returned after release")[1].split("</tr>")[0]
    assert came in heading
    assert went in heading
    assert "€40.00" in heading
    assert returned.transfer.reference in page(client.get(f"{address}?kind=refund"))
    assert "Photo gallery" not in page(client.get(f"{address}?kind=return"))


def test_p53_the_month_counts_it_as_returned_and_names_it(returned, employer, signed_in):
    today = timezone.localdate(timezone=timezone.get_default_timezone()).replace(day=1)
    for member, side in ((employer, "outgoing"), (returned.milestone.freelancer, "incoming")):
        assert months.read(member, "EUR", today)[side, today] == Month(40_000, 15_000, 4_000)
        response = signed_in(member).get(f"/finances/months/{side}/EUR/{today:%Y-%m}/?kind=returned")
        (row,) = response.context["rows"]
        assert (row["kind"], row["url"]) == ("Returned after release", returned.get_absolute_url())
