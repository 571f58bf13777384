"""The freelancer asks for the release, and the employer sees it first (P32)."""

import datetime
import io
import uuid
from pathlib import Path

import pytest
import time_machine
from PIL import Image

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import todo
from accounts.models import Notification
from config.refusals import WrongState
from config.uploads import Checked
from milestones.models import AskEvent, Criterion, Milestone, ReleaseFile, ReleaseRequest
from milestones.models.criteria_changes import rewrite
from tests import factories
from tests.situation import hold
from tests.steps import ask, confirm, error_at, page

pytestmark = pytest.mark.django_db


def asked(milestone, **about) -> ReleaseRequest:
    return ReleaseRequest.make(milestone, by=milestone.freelancer, key=uuid.uuid4(), **about)


def state(request: ReleaseRequest) -> str:
    return ReleaseRequest.objects.get(pk=request.pk).state


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (3, 3), "teal").save(written, "PNG")
    return written.getvalue()


def send(client, milestone, **typed):
    return client.post(f"/milestones/{milestone.pk}/ask-release/", {"amount": "400.00", "note": "Done.", **typed})


def told(kind: str) -> list[str]:
    return [note.member.name for note in Notification.objects.filter(kind=kind).select_related("member")]


def test_p32_the_employer_sees_it_first_in_the_list_with_how_long_it_has_waited(award, milestone, wes, erin, signed_in):
    hold(award, "Made later", 10_000)
    with time_machine.travel(datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=3, minutes=1)):
        asked(milestone, note="Three rooms, twelve pictures.")
    finances = page(signed_in(erin).get("/finances/"))
    block, rest = finances.split('id="requested"')[1].split("</section>", 1)
    assert "Photo gallery" in block
    assert "release requested 3 days ago" in block.replace("\xa0", " ")
    assert f'href="/milestones/{milestone.pk}/release/"' in block
    assert "Made later" in rest
    theirs = page(signed_in(wes).get("/finances/incoming/"))
    assert 'id="requested"' not in theirs


def test_what_is_asked_stands_in_the_release_dialog_and_is_filled_in(milestone, signed_in, erin):
    rewrite(milestone, ["Twelve pictures", "Works on a phone"])
    first = milestone.criteria.first()
    asked(milestone, amount=15_000, note="See the draft.", done=[first.pk])
    dialog = page(signed_in(erin).get(f"/milestones/{milestone.pk}/release/"))
    assert 'value="150.00"' in dialog
    assert "Wes asks for the release of €150.00." in dialog
    assert "“See the draft.”" in dialog
    assert ["is-done" in line for line in dialog.split('<li class="')[1:3]] == [True, False]
    second = page(signed_in(erin).post(f"/milestones/{milestone.pk}/release/", {"amount": "150.00"}))
    assert "Wes did not tick as done:" in second
    assert "Works on a phone" in second
    assert "Twelve pictures" not in second


def test_the_record_of_the_release_says_what_was_not_ticked(milestone, signed_in, erin):
    rewrite(milestone, ["Twelve pictures"])
    asked(milestone)
    client = signed_in(erin)
    url = f"/milestones/{milestone.pk}/release/"
    confirm(client, url, ask(client, url, amount="400.00"))
    assert milestone.events.get(action="release").shown["unticked"] == ["Twelve pictures"]


def test_without_a_request_the_dialog_shows_what_done_means(milestone, signed_in, erin):
    rewrite(milestone, ["Twelve pictures"])
    assert "Twelve pictures" in page(signed_in(erin).get(f"/milestones/{milestone.pk}/release/"))


@pytest.mark.parametrize("amount", [1, 40_000], ids=["some", "all"])
def test_any_release_answers_it(milestone, erin, amount):
    request = asked(milestone)
    milestone.release(amount, by=erin, key=uuid.uuid4())
    assert state(request) == "agreed"


def test_cancelling_overtakes_it(milestone, wes):
    request = asked(milestone)
    milestone.cancel(by=wes, key=uuid.uuid4())
    assert state(request) == "overtaken"


def test_it_is_sent_back_with_what_is_missing_and_can_be_asked_again(milestone, erin, wes, signed_in):
    request = asked(milestone)
    url = f"/release-requests/{request.pk}/send-back/"
    assert signed_in(erin).post(url, {"reason": ""}).status_code == 422
    assert signed_in(erin).post(url, {"reason": "Two rooms are missing."}).status_code == 302
    assert state(request) == "refused"
    assert "Two rooms are missing." in page(signed_in(wes).get(milestone.get_absolute_url()))
    assert told("release-sent-back") == [wes.name]
    assert state(asked(milestone)) == "waiting"


def test_the_freelancer_takes_it_back(milestone, erin, wes, signed_in):
    request = asked(milestone)
    url = f"/release-requests/{request.pk}/withdraw/"
    assert signed_in(erin).post(url).status_code == 403
    assert signed_in(wes).post(url).status_code == 302
    assert state(request) == "withdrawn"
    assert told("release-withdrawn") == [erin.name]


def test_one_waits_at_a_time(milestone):
    asked(milestone)
    with pytest.raises(WrongState, match="asked for it already"):
        asked(milestone)
    with pytest.raises(DatabaseError), transaction.atomic():  # whatever the code says
        ReleaseRequest.objects.create(
            award=milestone.award, milestone=milestone, asked_of=milestone.employer, state="waiting"
        )


def test_only_its_freelancer_asks_and_only_once_accepted(milestone, offered, erin, ana):
    for member in (erin, ana):
        with pytest.raises(PermissionDenied):
            ReleaseRequest.make(milestone, by=member, key=uuid.uuid4())
    with pytest.raises(WrongState, match="Accept the project first"):
        asked(offered)
    assert not ReleaseRequest.objects.exists()
    assert not AskEvent.objects.exists()


def test_no_more_than_is_held(milestone, erin, wes, signed_in):
    milestone.release(15_000, by=erin, key=uuid.uuid4())
    with pytest.raises(WrongState, match=r"Only €250\.00 is held"):
        asked(Milestone.objects.get(pk=milestone.pk), amount=25_001)
    assert error_at(send(signed_in(wes), milestone, amount="250.01"), "amount") == "Only €250.00 is held."
    milestone.release(25_000, by=erin, key=uuid.uuid4())
    assert send(signed_in(wes), milestone, amount="1.00").status_code == 409
    assert signed_in(wes).get(f"/milestones/{milestone.pk}/ask-release/").status_code == 409


@pytest.mark.parametrize("typed", ["", "0", "-4", "1.234", "NaN", "1e2", "400,00", "٤٠٠"])
def test_ugly_amounts_are_refused_at_the_field(milestone, wes, signed_in, typed):
    assert error_at(send(signed_in(wes), milestone, amount=typed), "amount")
    assert not ReleaseRequest.objects.exists()


def test_a_double_click_asks_once_and_keeps_each_file_once(milestone, wes, erin, signed_in):
    key = str(uuid.uuid4())
    for _ in range(2):
        file = SimpleUploadedFile("room.png", picture())
        assert send(signed_in(wes), milestone, key=key, files=file).status_code == 302
    request = ReleaseRequest.objects.get()
    assert (request.amount, request.files.count()) == (None, 1)
    assert told("release-asked") == [erin.name]


def test_files_go_to_both_sides_and_to_nobody_else(milestone, wes, erin, ana, sam, sue, signed_in):
    send(signed_in(wes), milestone, files=SimpleUploadedFile("room.png", picture()))
    url = ReleaseFile.objects.get().get_absolute_url()
    for member in (wes, erin):
        answer = signed_in(member).get(url)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert answer["Content-Disposition"] == 'attachment; filename="room.png"'
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    for member in (ana, sam, sue):
        assert signed_in(member).get(url).status_code == 404


def test_p72_staff_have_a_file_only_if_they_may_read_such_files(milestone, wes, sue, signed_in, settings):
    settings.STAFF_SECOND_FACTOR = False
    send(signed_in(wes), milestone, files=SimpleUploadedFile("room.png", picture()))
    file = ReleaseFile.objects.get()
    url, story = file.get_absolute_url(), f"/admin/milestones/releaserequest/{file.request_id}/change/"
    may = Permission.objects.filter(content_type__app_label="milestones")
    sue.user_permissions.set(may.exclude(codename="view_releasefile"))
    assert signed_in(sue).get(url).status_code == 404
    assert url not in page(signed_in(sue).get(story))
    sue.user_permissions.set(may.filter(codename__in=["view_releasefile", "view_releaserequest"]))
    assert signed_in(sue).get(url).status_code == 200
    assert f'href="{url}"' in page(signed_in(sue).get(story))
    settings.STAFF_SECOND_FACTOR = True
    assert signed_in(sue).get(url).status_code == 404


def test_p70_staff_read_what_was_ticked_and_sent_back_and_change_nothing(milestone, erin, sue, signed_in, settings):
    settings.STAFF_SECOND_FACTOR = False
    rewrite(milestone, ["Twelve pictures", "Works on a phone"])
    request = asked(milestone, done=[milestone.criteria.first().pk], note="See the draft.")
    request.take("send_back", by=erin, key=uuid.uuid4(), note="Two rooms are missing.")
    sue.user_permissions.set(Permission.objects.filter(codename="view_releaserequest"))
    story = page(signed_in(sue).get(f"/admin/milestones/releaserequest/{request.pk}/change/"))
    for words in (
        "[x] Twelve pictures",
        "[ ] Works on a phone",
        "See the draft.",
        "Two rooms are missing.",
        "Sent back",
    ):
        assert words in story
    assert signed_in(sue).post(f"/admin/milestones/releaserequest/{request.pk}/change/").status_code == 403


@pytest.mark.parametrize(
    ("name", "content"),
    [("page.png", b"<html><script>alert(1)</script></html>"), ("empty.txt", b""), ("tool.exe", b"MZ\x90\x00\x03")],
)
def test_ugly_files_are_refused_at_the_field(milestone, wes, signed_in, name, content):
    answer = send(signed_in(wes), milestone, files=SimpleUploadedFile(name, content))
    assert answer.status_code == 422
    assert name in page(answer)
    assert not ReleaseRequest.objects.exists()


def test_too_many_files_are_refused(milestone, wes, signed_in, settings):
    settings.MAX_FILES = 2
    files = [SimpleUploadedFile(f"{number}.txt", b"words") for number in range(3)]
    answer = send(signed_in(wes), milestone, files=files)
    assert answer.status_code == 422
    assert "at most 2 files" in page(answer)


def test_files_do_not_stay_where_the_request_does_not(milestone, wes, settings, monkeypatch):
    """Neither those that were written, nor those of which one could not be."""
    folder = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    keep = ReleaseFile.keep

    def failing(checked, **fields):
        if checked.name == "b.txt":
            raise OSError("the disk is full")
        return keep(checked, **fields)

    monkeypatch.setattr(ReleaseFile, "keep", failing)
    files = [Checked(name, "text/plain; charset=utf-8", 5, b"words") for name in ("a.txt", "b.txt")]
    with pytest.raises(OSError, match="disk is full"):
        asked(milestone, files=files)
    assert not ReleaseRequest.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_ticks_of_a_list_that_was_changed_since_are_not_lost(milestone):
    rewrite(milestone, ["Twelve pictures"])
    ticked = [milestone.criteria.get().pk]
    rewrite(milestone, ["Twelve pictures", "In colour"])
    with pytest.raises(WrongState, match="has changed since you ticked it"):
        asked(milestone, done=ticked)


def test_ticks_of_another_milestone_are_not_taken(milestone, award, wes, signed_in):
    rewrite(milestone, ["Twelve pictures"])
    other = hold(award, "Map", 5_000)
    rewrite(other, ["To scale"])
    answer = send(signed_in(wes), milestone, done=[other.criteria.get().pk])
    assert answer.status_code == 422


def test_what_was_asked_is_history(milestone):
    request = asked(milestone, note="Done.")
    for statement in (
        "UPDATE milestones_releaserequest SET note = 'More'",
        "UPDATE milestones_releaserequest SET ticks = '[]', amount = 1",
        "DELETE FROM milestones_releaserequest",
        "UPDATE milestones_askevent SET note = ''",
        "DELETE FROM milestones_askevent",
    ):
        with pytest.raises(DatabaseError, match="history"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert ReleaseRequest.objects.get(pk=request.pk).note == "Done."


def test_both_home_pages_say_it(milestone, erin, wes):
    asked(milestone, amount=5_000)
    (mine,) = [entry for entry in todo.all_of(erin) if entry.mine]
    assert (mine.words, mine.minor, mine.action, mine.dialog) == ("Wes asks for a release", 5_000, "Release", True)
    (theirs,) = [entry for entry in todo.all_of(wes) if not entry.mine]
    assert theirs.words == "Erin has yet to release what you asked for"


def test_the_list_reads_an_index_that_begins_with_the_employer(milestone, erin):
    waiting = ReleaseRequest.objects.filter(asked_of=erin, state="waiting").order_by("id")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
    assert "release_requests_first" in waiting.explain()


def test_a_release_makes_one_statement_more_for_all_asks_together(milestone, erin):
    milestone.release(100, by=erin, key=uuid.uuid4())  # the first one opens the freelancer's wallet
    asked(milestone)
    with CaptureQueriesContext(connection) as queries:
        milestone.release(100, by=erin, key=uuid.uuid4())
    overtaken = [query for query in queries.captured_queries if "milestones_releaserequest" in query["sql"]]
    assert len(overtaken) == 1
    savepoints = sum("SAVEPOINT" in query["sql"] for query in queries.captured_queries)
    assert len(queries) - savepoints == 8


def test_a_panel_counts_criteria_and_requests_in_few_queries(erin, wes, fund, signed_in):
    fund(erin)
    project = factories.ProjectFactory(employer=erin)
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes)))
    for number in range(3):
        milestone = hold(award, f"Part {number}", 1_000)
        Criterion.objects.create(milestone=milestone, position=0, words="Neat")
        asked(milestone)
    client = signed_in(erin)
    client.get(f"/projects/{project.pk}/")
    with CaptureQueriesContext(connection) as few:
        shown = page(client.get(f"/projects/{project.pk}/"))
    assert shown.count("1 criterion") == 3
    assert shown.count("release requested") == 3
    for number in range(3):
        asked(hold(award, f"More {number}", 1_000))
    with CaptureQueriesContext(connection) as more:
        client.get(f"/projects/{project.pk}/")
    assert len(more) == len(few)
