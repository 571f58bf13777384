"""Evidence: what may be handed in, who may have a file and for how long, and that nothing of it changes (P44)."""

import io
import uuid
import zipfile

import pytest
from PIL import Image

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InternalError, connection, transaction
from django.utils import timezone

from disputes import chronology
from disputes.models import EvidenceFile, EvidenceItem, Said
from milestones.models import Message
from tests.steps import error_at, page


def key():
    return uuid.uuid4()


def png(name: str) -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (4, 4)).save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue())


def archive(*names: str) -> SimpleUploadedFile:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name in names:
            made.writestr(name, "x" * 10)
    return SimpleUploadedFile("work.zip", content.getvalue())


@pytest.fixture
def handed_in(disputed, erin, signed_in) -> EvidenceFile:
    answer = signed_in(erin).post(
        f"/disputes/{disputed.pk}/evidence/",
        {"text": "Half is missing.", "links": "https://example.org/a", "files": [archive("a/b.html", "c.txt")]},
    )
    assert answer.status_code == 302
    return EvidenceFile.objects.get()


def test_text_links_and_files_are_handed_in_at_once(handed_in, disputed, wes, signed_in):
    item = handed_in.item
    assert (item.reference, item.text, item.links) == ("E1", "Half is missing.", ["https://example.org/a"])
    text = page(signed_in(wes).get(disputed.get_absolute_url()))
    assert 'id="E1"' in text
    assert "work.zip" in text
    assert "a/b.html" in text  # listed, not opened
    assert 'rel="noopener noreferrer nofollow ugc"' in text
    assert disputed.events.get(action="evidence").data["files"][0]["sha256"] == handed_in.sha256


def test_nothing_at_all_is_refused(disputed, erin, signed_in):
    answer = signed_in(erin).post(f"/disputes/{disputed.pk}/evidence/", {"text": " "})
    assert answer.status_code == 422
    assert "Write something" in page(answer)


@pytest.mark.parametrize("content", [b"<html><script>alert(1)</script>", b"\x7fELF\x00", b""])
def test_a_file_of_another_kind_is_refused_at_its_field(disputed, erin, signed_in, content):
    bad = SimpleUploadedFile("a.png", content)
    answer = signed_in(erin).post(f"/disputes/{disputed.pk}/evidence/", {"text": "x", "files": [bad]})
    assert answer.status_code == 422
    assert error_at(answer, "files")
    assert not EvidenceItem.objects.exists()


def test_a_double_click_hands_it_in_once(disputed, erin, signed_in):
    client, said = signed_in(erin), {"text": "Once.", "key": str(key())}
    for _ in range(2):
        assert client.post(f"/disputes/{disputed.pk}/evidence/", said).status_code == 302
    assert EvidenceItem.objects.count() == 1


def test_a_side_hands_in_no_more_than_the_most(settings, disputed, erin, wes, signed_in):
    settings.EVIDENCE_MOST = 1
    disputed.add_evidence(Said("One."), by=erin, key=key())
    answer = signed_in(erin).post(f"/disputes/{disputed.pk}/evidence/", {"text": "Two."})
    assert answer.status_code == 409
    assert "the most" in page(answer)
    disputed.add_evidence(Said("The other side's own."), by=wes, key=key())


def opened(client, file) -> str:
    """The fresh address that *client* gets for *file*."""
    return client.get(f"/disputes/files/{file.pk}/open/")["Location"]


def test_a_file_leaves_as_a_file_and_never_as_a_page(handed_in, wes, signed_in):
    client = signed_in(wes)
    answer = client.get(opened(client, handed_in))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_a_file_s_address_is_useless_to_anybody_else(
    handed_in, erin, wes, sam, ana, sue, arbitrator, client, signed_in
):
    address = opened(signed_in(wes), handed_in)
    for member in (sam, ana, sue, arbitrator, erin):  # even to the other side, who has its own
        assert signed_in(member).get(address).status_code == 404
    for member in (sam, ana, sue, arbitrator):
        assert signed_in(member).get(f"/disputes/files/{handed_in.pk}/open/").status_code == 404
    assert client.get(address).status_code in (302, 404)


def test_a_file_s_address_runs_out_and_is_opened_anew(handed_in, wes, signed_in, time_machine):
    client = signed_in(wes)
    time_machine.move_to(timezone.now(), tick=False)
    address = opened(client, handed_in)
    time_machine.shift(901)
    answer = client.get(address)
    assert answer.status_code == 410
    assert f"/disputes/files/{handed_in.pk}/open/" in page(answer)
    assert client.get(opened(client, handed_in)).status_code == 200


@pytest.mark.parametrize("change", [lambda a: a[:-1], lambda a: a.split("?")[0], lambda a: a + "x", lambda a: a[:-9]])
def test_an_address_that_was_altered_is_none(handed_in, wes, signed_in, change):
    client = signed_in(wes)
    assert client.get(change(opened(client, handed_in))).status_code == 404


def test_one_file_s_address_opens_no_other(handed_in, disputed, wes, erin, signed_in):
    client = signed_in(wes)
    mark = opened(client, handed_in).split("?")[1]
    signed_in(erin).post(f"/disputes/{disputed.pk}/evidence/", {"files": [png("b.png")]})
    other = EvidenceFile.objects.order_by("-pk").first()
    assert client.get(f"/disputes/files/{other.pk}/?{mark}").status_code == 404


def test_the_assigned_arbitrator_may_have_it_and_no_other(handed_in, escalated, arbitrator, sue, signed_in):
    client = signed_in(arbitrator)
    assert client.get(f"/disputes/files/{handed_in.pk}/open/").status_code == 404
    escalated.take(by=arbitrator, key=key())
    assert client.get(opened(client, handed_in)).status_code == 200
    escalated.hand_over(None, reason="Away.", by=arbitrator, key=key())
    assert client.get(f"/disputes/files/{handed_in.pk}/open/").status_code == 404


@pytest.mark.parametrize("table", ["evidenceitem", "evidencefile"])
def test_evidence_cannot_be_changed_or_deleted(handed_in, table):
    for statement in (f"UPDATE disputes_{table} SET id = id", f"DELETE FROM disputes_{table}"):
        with (
            pytest.raises((InternalError, IntegrityError), match="history"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_after_its_end_nothing_is_added(disputed, erin, signed_in):
    disputed.withdraw(by=erin, key=key())
    assert signed_in(erin).post(f"/disputes/{disputed.pk}/evidence/", {"text": "Late."}).status_code == 409


def test_the_chronology_joins_what_was_written_paid_ticked_and_offered(
    disputed, milestone, award, erin, wes, signed_in
):
    Message.send(award, by=wes, text="The first half is up.", key=key())
    text = page(signed_in(erin).get(f"/disputes/{disputed.pk}/chronology/"))
    for words in ("The first half is up.", "put €400.00 on hold", "opened the dispute", "half of the pictures"):
        assert words in text
    money = page(signed_in(erin).get(f"/disputes/{disputed.pk}/chronology/?kind=money"))
    assert "put €400.00 on hold" in money
    assert "The first half is up." not in money


def test_the_chronology_is_read_in_a_bounded_number_of_queries(disputed, erin, wes, django_assert_max_num_queries):
    for number in range(12):
        by = wes if number % 2 == 0 else erin
        disputed.offer([number], by=by, key=key())
        disputed.add_evidence(Said(f"{number}"), by=by, key=key())
    with django_assert_max_num_queries(16):
        chronology.of(disputed, erin)
