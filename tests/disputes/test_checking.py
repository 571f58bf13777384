"""A dispute's record: whoever owns the tables changes one thing of it, and it is found (P44)."""

import contextlib
import datetime
import hashlib
import uuid
from string import Template
from zoneinfo import ZoneInfo

import pytest

from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from config.uploads import Checked
from disputes import chain, checking, verification
from disputes.checking import differences_of
from disputes.models import Dispute, DisputeEvent, EvidenceFile, Said
from tests.disputes.record import argued, decided, write
from tests.situation import hold

TABLES = (
    *("dispute", "disputeevent", "disputedmilestone", "offer", "evidenceitem", "evidencefile", "question"),
    *("proposal", "proposalanswer", "verdict", "absence"),
)


class Undo(Exception):
    """What was tampered with is as it was."""


@pytest.fixture
def whole(disputed, arbitrator) -> Dispute:
    """A case with all that can be said in one, decided: €150.00 of €400.00 to Wes."""
    return decided(argued(disputed, arbitrator), [15_000])


@pytest.fixture
def found_after():
    """``found_after(dispute, "UPDATE …")``: the differences once the tables' owner did that; then it is undone."""

    def found_after(dispute: Dispute, *statements: str, **values) -> list[str]:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for table in ("milestones_milestoneevent", *(f"disputes_{table}" for table in TABLES)):
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                for statement in statements:
                    cursor.execute(statement, {"dispute": dispute.pk, **values})
                    assert cursor.rowcount > 0
                found = differences_of(dispute)
                raise Undo
        except Undo:
            return found

    return found_after


def last(dispute: Dispute) -> DisputeEvent:
    return dispute.events.order_by("-number").first()


def test_a_case_as_it_was_recorded_has_no_difference(whole, disputed, dispute_of, award, erin):
    assert differences_of(whole) == []
    assert len(whole.events.all()) == 14
    plain = dispute_of([hold(award, "Menu", 1_000)], [0], by=erin)
    assert differences_of(plain) == []
    plain.withdraw(by=erin, key=uuid.uuid4())
    assert differences_of(plain) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("disputeevent SET data = '{}' WHERE $d AND number = 3", "Event 3 was changed"),
        ("disputeevent SET at = at - interval '1 hour' WHERE $d AND number = 2", "Event 2 was changed"),
        ("disputeevent SET action = 'accept' WHERE $d AND number = 4", "Event 4 was changed"),
        ("disputeevent SET role = 'site' WHERE $d AND number = 4", "Event 4 was changed"),
        ("disputeevent SET previous = '$z' WHERE $d AND number = 5", "Event 5 does not follow"),
        ("disputeevent SET digest = '$z' WHERE $d AND number = 5", "Event 6 does not follow"),
        ("disputeevent SET number = 99 WHERE $d AND number = 14", "Event 14 is missing"),
        ("dispute SET claim = 'All of it is missing.' WHERE $i", "event 1 recorded it: the claim"),
        ("dispute SET terms = terms || '{\"fee_cap\": \"99\"}' WHERE $i", "the times and the fee"),
        ("dispute SET opened_at = opened_at - interval '9 days' WHERE $i", "recorded it: when"),
        ("dispute SET opened_by_id = arbitrator_id WHERE $i", "The opening is not as event 1 recorded it: who"),
        ("dispute SET outcome = 'accepted' WHERE $i", "how it ended"),
        ("dispute SET arbitrator_id = opened_by_id WHERE $i", "the arbitrator"),
        ("dispute SET ended_at = ended_at + interval '1 day' WHERE $i", "when it ended"),
        ("dispute SET answer_by = answer_by - interval '1 day' WHERE $i", "the deadlines"),
        ("dispute SET verdict_by = verdict_by + interval '1 day' WHERE $i", "the deadlines"),
        ("dispute SET escalate_from = escalate_from + interval '1 day' WHERE $i", "the deadlines"),
        ("disputedmilestone SET held = held + 1 WHERE $d", "recorded it: what was held"),
        ("disputedmilestone SET to_freelancer = 15001 WHERE $d", "The split is not as event 14"),
        ("offer SET to_freelancer = '{30001}' WHERE $d AND words <> ''", "event 3 recorded it: the sums"),
        ("offer SET words = 'None is done.' WHERE $d AND words <> ''", "event 3 recorded it: the words"),
        ("offer SET words = 'Mine.' WHERE $d AND to_freelancer = '{10000}'", "Offer 1 is not as event 1"),
        ("offer SET at = at - interval '1 day' WHERE $d AND to_freelancer = '{15000}'", "Offer 3 is not as event 4"),
        ("offer SET by_id = (SELECT by_id FROM disputes_question) WHERE $d AND words <> ''", "recorded it: who"),
        ("evidenceitem SET text = 'All is there.' WHERE $d AND number = 1", "event 2 recorded it: the text"),
        ("evidenceitem SET links = '{}' WHERE $d AND number = 1", "E1 is not as event 2 recorded it: the links"),
        ("evidenceitem SET question_id = NULL WHERE $d AND number = 2", "the question that it answers"),
        ("evidenceitem SET question_id = (SELECT id FROM disputes_question) WHERE $d AND number = 1", "it answers"),
        ("evidencefile SET name = 'lies.txt'", "E1 is not as event 2 recorded it: the files"),
        ("evidencefile SET sha256 = '$z'", "E1 is not as event 2 recorded it: the files"),
        ("evidencefile SET item_id = (SELECT id FROM disputes_evidenceitem WHERE number = 2)", "E2 is not as event 8"),
        ("question SET text = 'Which pages?' WHERE $d", "Q1 is not as event 7 recorded it: the text"),
        ("question SET freelancer_by = employer_by WHERE $d", "Q1 is not as event 7 recorded it: who was asked"),
        ("question SET employer_by = employer_by + interval '1 day' WHERE $d", "event 7 recorded it: the deadlines"),
        ("proposal SET to_freelancer = '{1}' WHERE $d", "Proposal 1 is not as event 9 recorded it: the sums"),
        ("proposal SET words = 'None.' WHERE $d", "Proposal 1 is not as event 9 recorded it: the words"),
        ("proposalanswer SET accepted = true", "An answer to proposal 1 is not as event 10 recorded it: the answer"),
        ("verdict SET words = 'Because.' WHERE $d AND words LIKE 'What%%'", "Verdict 2 is not as event 13"),
        ("verdict SET to_freelancer = '{1}' WHERE $d AND words LIKE 'Half%%'", "Verdict 1 is not as event 11"),
        ("verdict SET cites = '{2}' WHERE $d AND words LIKE 'What%%'", "recorded it: the cited evidence"),
    ],
)  # fmt: skip
def test_what_is_changed_is_found(whole, found_after, statement, found):
    """P44"""
    places = {"d": "dispute_id = %(dispute)s", "i": "id = %(dispute)s", "z": "0" * 64}
    differences = found_after(whole, "UPDATE disputes_" + Template(statement).substitute(places))
    assert any(found in sentence for sentence in differences), differences
    assert differences_of(whole) == []


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["disputeevent WHERE number = 3"], "Event 3 is missing."),
        (["disputeevent WHERE number = 14"], "What the dispute is now is not as event 13 recorded it: the state"),
        (["disputeevent"], "There are no events."),
        (["offer WHERE words <> ''"], "Something that event 3 (Offer made) tells of is gone."),
        (["evidencefile"], "E1 is not as event 2 recorded it: the files"),
        (
            ["evidencefile", "evidenceitem WHERE number = 1"],
            "event 2 (Evidence added) tells of is gone.",
        ),
        (["proposalanswer"], "Something that event 10 (Proposal refused) tells of is gone."),
        (["proposalanswer", "proposal"], "Something that event 9 (Proposal of the arbitrator) tells of is gone."),
        (["verdict WHERE words LIKE 'Half%%'"], "Something that event 11 (Verdict written) tells of is gone."),
    ],
)
def test_what_is_taken_away_is_found(whole, found_after, statements, found):
    """P44"""
    differences = found_after(whole, *(f"DELETE FROM disputes_{statement}" for statement in statements))
    assert any(found in sentence for sentence in differences), differences


@pytest.mark.parametrize(
    ("table", "columns", "where", "found"),
    [
        ("offer", "by_id, '{7}', words, at, dispute_id", "words <> ''", "Offer 4: no event tells of it."),
        ("evidenceitem", "3, text, links, at, by_id, dispute_id, question_id", "number = 1", "E3: no event tells"),
        ("question", "2, text, at, employer_by, freelancer_by, by_id, dispute_id", "true", "Q2: no event tells of it."),
        ("proposal", "by_id, to_freelancer, words, at, dispute_id", "true", "Proposal 2: no event tells of it."),
        ("verdict", "by_id, to_freelancer, words, at, dispute_id, cites", "words LIKE 'Half%%'", "Verdict 3: no event"),
    ],
)  # fmt: skip
def test_what_was_slipped_in_is_found(whole, found_after, table, columns, where, found):
    """P44"""
    names = {"'{7}'": "to_freelancer", "3": "number", "2": "number"}
    into = ", ".join(names.get(column, column) for column in columns.split(", "))
    statement = f"INSERT INTO disputes_{table} ({into}) SELECT {columns} FROM disputes_{table} WHERE {where}"
    assert any(found in sentence for sentence in found_after(whole, statement))


def test_an_absence_without_an_event_is_found(whole, found_after):
    statement = (
        "INSERT INTO disputes_absence (dispute_id, member_id, at, until)"
        " SELECT id, opened_by_id, opened_at, opened_at + interval '1 day' FROM disputes_dispute"
    )
    assert found_after(whole, statement) == ["An absence: no event tells of it."]


def test_an_absence_moves_a_clock_by_its_own_time_alone(disputed, wes, found_after):
    """Whatever zone its time was given in."""
    until = (timezone.now() + datetime.timedelta(days=2)).astimezone(ZoneInfo("Asia/Tokyo"))
    disputed.absence(until, by=wes, key=uuid.uuid4())
    assert differences_of(disputed) == []
    changed = "is not as event 2 recorded it"
    for statement, found in (
        ("absence SET until = until + interval '1 hour'", f"An absence {changed}: until when."),
        ("dispute SET answer_by = answer_by + interval '1 hour'", f"What the dispute is now {changed}: the deadlines."),
        ("dispute SET answer_by = answer_by - interval '3 days'", f"What the dispute is now {changed}: the deadlines."),
    ):
        assert found in found_after(disputed, f"UPDATE disputes_{statement}")


def test_receipts_that_split_otherwise_are_found(whole, milestone, found_after):
    """P43"""
    statement = "UPDATE milestones_milestoneevent SET amount = amount - 1 WHERE cause <> '' AND action = 'release'"
    assert found_after(whole, statement) == [
        f"M{milestone.pk}, Released: its receipts say 14999, the dispute 15000.",
    ]
    statement = "UPDATE milestones_milestoneevent SET cause = '' WHERE cause <> '' AND action = 'return'"
    assert found_after(whole, statement) == [
        f"M{milestone.pk}, Returned, because the award ended: its receipts say 0, the dispute 25000.",
    ]


def test_a_fee_that_nobody_paid_is_found(whole, erin):
    with contextlib.suppress(Undo), transaction.atomic():
        write(whole, "charge", whole.arbitrator, employer=500, freelancer=0)
        assert differences_of(whole) == ["The fee for the arbitration is not what event 15 says."]
        assert len(list(verification.differences())) == 2  # the books tell of it, too
        raise Undo


def test_a_file_that_is_gone_or_another_is_found(whole):
    file = EvidenceFile.objects.get()
    with open(file.file.path, "r+b") as kept:
        kept.write(b"All")
    assert differences_of(whole) == ["E1: the file “notes.txt” is not the one that was handed in."]
    file.file.storage.delete(file.file.name)
    assert differences_of(whole) == ["E1: the file “notes.txt” is missing on the disk."]
    assert differences_of(whole, most_bytes=file.size - 1) == []


def test_a_chain_computed_anew_shows_to_who_kept_a_digest(whole, found_after):
    """Who owns the tables can rewrite it all from the change on; the digest on paper is another then."""
    kept = last(whole)
    assert checking.on_paper(whole, kept.number, kept.digest)
    changed = whole.events.get(number=7)
    digests, previous, values = [], changed.previous, {}
    for event in whole.events.filter(number__gte=7).order_by("number"):
        if event.number == 7:
            event.data = {**event.data, "text": chain.of_text("Which pages?")}
        event.previous, event.digest = previous, event.expected_digest(previous)
        previous = event.digest
        digests.append(f"({event.number}, '{event.previous}', '{event.digest}')")
    rewrite = f"""UPDATE disputes_disputeevent e SET previous = v.p, digest = v.d
        FROM (VALUES {", ".join(digests)}) v (n, p, d) WHERE e.dispute_id = %(dispute)s AND e.number = v.n"""
    values["text"] = chain.of_text("Which pages?")
    statements = [
        "UPDATE disputes_question SET text = 'Which pages?'",
        """UPDATE disputes_disputeevent SET data = jsonb_set(data, '{text}', to_jsonb(%(text)s::text))
           WHERE dispute_id = %(dispute)s AND number = 7""",
        rewrite,
    ]
    assert found_after(whole, *statements, **values) == []
    assert previous != kept.digest
    assert not checking.on_paper(whole, kept.number, previous)


def test_an_event_of_another_dispute_is_no_part_of_the_chain(whole, dispute_of, award, erin, found_after):
    other = dispute_of([hold(award, "Menu", 1_000)], [0], by=erin)
    digest = hashlib.sha256(b"").hexdigest()
    assert not checking.on_paper(other, 14, last(whole).digest)
    assert not checking.on_paper(whole, 14, digest)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ab" * 32, "ab" * 32),
        (" AB" * 32, "ab" * 32),
        ("abab abab-" * 8, "ab" * 32),
        ("ab" * 31, ""),
        ("xy" * 32, ""),
        ("", ""),
    ],
)
def test_a_digest_is_read_as_people_type_it(text, plain):
    assert checking.plain_digest(text) == plain


def test_the_command_says_each_difference_and_fails(whole, found_after, capsys):
    call_command("verify_case", whole.reference)
    assert "1 dispute in" in (out := capsys.readouterr().out)
    assert out.rstrip().endswith("s: no difference.")
    EvidenceFile.objects.get().file.delete(save=False)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_case", "--all")
    assert ended.value.code == 1
    out = capsys.readouterr().out
    assert f"{whole.reference}: E1: the file “notes.txt” is missing on the disk." in out
    assert "1 difference." in out


@pytest.mark.parametrize("asked", [[], ["D999999"], ["X1"], ["D1", "--all"]])
def test_the_command_wants_to_know_which(db, asked):
    with pytest.raises(CommandError):
        call_command("verify_case", *asked)


def test_a_longer_case_takes_no_more_queries(whole, disputed, dispute_of, award, erin, django_assert_num_queries):
    long = dispute_of([hold(award, f"Page {n}", 1_000) for n in range(5)], [0] * 5, by=erin)
    for n in range(8):
        file = Checked(f"{n}.txt", "text/plain", 1, b"x")
        long.add_evidence(Said(f"Text {n}", files=[file]), by=erin, key=uuid.uuid4())
    for dispute in (whole, long):
        with django_assert_num_queries(15 if dispute is whole else 14):
            assert differences_of(dispute) == []
