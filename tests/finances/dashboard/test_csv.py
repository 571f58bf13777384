"""The lists as files: complete, and harmless to open (P50)."""

import csv
import io
import uuid

import pytest

from config.sheets import safe
from tests.finances.dashboard.conftest import awarded
from tests.money import JPY
from tests.situation import hold


@pytest.fixture
def rows(signed_in):
    """``rows(erin, "outgoing", state="held")`` are the file's lines, as dicts."""

    def rows(person, tab: str, **asked) -> list[dict[str, str]]:
        response = signed_in(person).get(f"/finances/{tab}.csv", asked)
        assert response.status_code == 200
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"].startswith(f'attachment; filename="{tab}-')
        text = b"".join(response.streaming_content).decode()
        return list(csv.DictReader(io.StringIO(text), strict=True))

    return rows


def test_p50_every_milestone_is_in_it(employer, many, rows):
    made = many(75)
    made[0].release(40, by=employer, key=uuid.uuid4())
    found = rows(employer, "outgoing")
    assert [row["Reference"] for row in found] == [m.reference for m in reversed(made)]
    assert found[-1] == {
        "Reference": made[0].reference,
        "Created": made[0].created_at.isoformat(timespec="seconds"),
        "Project": "Guest house website",
        "Task": "Part 0",
        "Employer": "Erin Vogel",
        "Freelancer": "Wes Adeyemi",
        "State": "Held",
        "Currency": "EUR",
        "Amount": "1.00",
        "Released": "0.40",
        "Held": "0.60",
    }


def test_p50_more_than_one_chunk_of_transfers_is_complete(employer, many, rows, monkeypatch):
    monkeypatch.setattr("finances.dashboard.views.csv.CHUNK", 7)
    many(30)
    found = rows(employer, "transfers")
    assert len(found) == len({row["Reference"] for row in found}) == 31
    balance = 0
    for row in reversed(found):
        balance += round(float(row["Change"]) * 100)
        assert round(float(row["Balance afterwards"]) * 100) == balance
    assert found[-1]["Kind"] == "Deposit"
    assert {row["Task"] for row in found if row["Kind"] == "Put on hold"} == {f"Part {n}" for n in range(30)}


def test_p50_filters_count(employer, wes, award, rows):
    hold(award, "Held", 100)
    hold(award, "Done", 100).release(100, by=employer, key=uuid.uuid4())
    assert [row["Task"] for row in rows(employer, "outgoing", state="held")] == ["Held"]
    assert [row["Task"] for row in rows(wes, "incoming", q="done")] == ["Done"]
    assert [row["Kind"] for row in rows(employer, "transfers", kind="deposit")] == ["Deposit"]
    assert [row["Change"] for row in rows(wes, "transfers")] == ["1.00"]


def test_p50_yen_have_no_decimals(employer, wes, fund, rows):
    fund(employer, JPY("5000"))
    hold(awarded(employer, wes, currency="JPY"), "In yen", 1_200)
    (row,) = rows(employer, "outgoing", currency="JPY")
    assert (row["Currency"], row["Amount"], row["Held"]) == ("JPY", "1200", "1200")
    assert [(r["Change"], r["Balance afterwards"]) for r in rows(employer, "transfers", currency="JPY")] == [
        ("-1200", "3800"),
        ("5000", "5000"),
    ]


def test_p82_nothing_of_others(employer, sam, many, rows):
    many(2)
    for tab in ("outgoing", "incoming", "transfers"):
        assert rows(sam, tab) == []


FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", " =1+1", "=cmd|' /C calc'!A0", "＝1+1", "-2+3+cmd|'", "\t=1", "\r=1"]


@pytest.mark.parametrize("typed", FORMULAS)
def test_no_cell_is_a_formula(typed):
    assert safe(typed) == "'" + typed


@pytest.mark.parametrize("typed", FORMULAS[:6])
def test_no_task_project_or_name_is_a_formula(employer, ana, rows, typed):
    ana.name = typed
    ana.save()
    award = awarded(employer, ana, title=typed)
    hold(award, typed, 100)
    (row,) = rows(employer, "outgoing")
    assert row["Task"] == row["Project"] == row["Freelancer"] == "'" + typed
    newest = rows(employer, "transfers")[0]
    assert (newest["Task"], newest["Change"]) == ("'" + typed, "-1.00")


@pytest.mark.parametrize("cell", ["-1.00", "-1200", "0.00", "Photo gallery", "a=b", "1-2", "", 'Müller, "Søren"\nx'])
def test_other_cells_stay_as_they_are(cell):
    assert safe(cell) == cell


def test_commas_quotes_and_lines_stay_in_their_cell(employer, award, rows):
    task = 'Pages, "start"\nand end; é 日本'
    hold(award, task, 100)
    assert rows(employer, "outgoing")[0]["Task"] == task
