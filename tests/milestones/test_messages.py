"""What the two of an award write to each other, and what stands between it."""

import datetime
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import todo
from accounts.models import Notification
from config.refusals import WrongState
from config.uploads import Checked
from milestones import stream, stream_words
from milestones.message_links import message_links
from milestones.models import AskEvent, Message, MessageFile, MessageRead
from milestones.models.messages import MOST_A_MINUTE
from tests import factories
from tests.situation import hold
from tests.steps import page

HTMX = {"HX-Request": "true"}
FILE = Checked("colours.txt", "text/plain; charset=utf-8", 4, b"Blue")


def say(award, by, text="Hello", key=None, files=()) -> Message:
    return Message.send(award, by=by, text=text, key=key or uuid.uuid4(), files=files)


def url(award) -> str:
    return f"/awards/{award.pk}/messages/"


def typed(text="Hello", **more) -> dict:
    return {"text": text, "key": str(uuid.uuid4()), **more}


def since(answer) -> str:
    return re.search(r'name="since" value="([^"]+)"', page(answer))[1]


# --- Sending


@pytest.mark.parametrize("by", ["erin", "wes"])
def test_both_can_write_and_both_read_it(award, erin, wes, by, signed_in):
    author = {"erin": erin, "wes": wes}[by]
    answer = signed_in(author).post(url(award), typed("A darker\nblue?"))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{url(award)}#writing")
    for reader in (erin, wes):
        assert "A darker\nblue?" in page(signed_in(reader).get(url(award)))
    assert Message.objects.get().author == author


def test_it_can_be_written_before_the_award_is_answered(offer, wes, signed_in):
    assert signed_in(wes).post(url(offer), typed()).status_code == 302


def test_an_ended_award_can_be_read_and_not_be_written_to(offer, erin, wes, signed_in):
    say(offer, wes, "May I ask something?")
    factories.revoked(offer)
    text = page(signed_in(wes).get(url(offer)))
    assert "May I ask something?" in text
    assert "This award is “Revoked”. What was said stays here to be read; nothing can be added." in text
    assert "<textarea" not in text
    assert signed_in(wes).post(url(offer), typed()).status_code == 409
    with pytest.raises(WrongState):
        say(offer, wes)
    assert Message.objects.count() == 1


def test_nobody_else_can_write(award, sam, mia):
    for other in (sam, mia):
        with pytest.raises(PermissionDenied):
            say(award, other)


def test_a_double_click_says_it_once(award, wes, signed_in):
    form = typed(), signed_in(wes)
    for _ in range(2):
        assert form[1].post(url(award), form[0]).status_code == 302
    assert Message.objects.count() == 1


def test_what_was_changed_after_a_lost_answer_is_not_lost(award, erin, wes):
    """The same form with other words, other files or from somebody else is another message."""
    key = uuid.uuid4()
    for message in [("One", wes, ()), ("One and two", wes, ()), ("One", wes, [FILE]), ("One", erin, ())] * 2:
        say(award, message[1], message[0], key, message[2])
    assert Message.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_at_once_it_is_said_once(award, wes):
    key = uuid.uuid4()

    def send(_: int) -> int:
        try:
            return say(award, wes, "Hello", key, [FILE]).pk
        finally:
            close_old_connections()
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    assert (Message.objects.count(), MessageFile.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write something, or choose a file."),
        ("  \n ", "Write something, or choose a file."),
        ("a" * 5_001, "This is 5001 characters long; a message has 5000 at most."),
        ("turned \u202e round", "Leave out control characters."),
    ],
)
def test_it_says_at_the_field_what_can_not_be_sent(award, wes, signed_in, text, words):
    answer = signed_in(wes).post(url(award), typed(text))
    assert answer.status_code == 422
    assert words in page(answer)
    assert not Message.objects.exists()


def test_line_breaks_count_once(award, wes, signed_in):
    assert signed_in(wes).post(url(award), typed("a\r\n" * 2_500)).status_code == 302
    assert Message.objects.get().text == ("a\n" * 2_500).strip()


def test_what_was_typed_stays_where_something_is_wrong(award, wes, signed_in):
    exe = SimpleUploadedFile("a.exe", b"MZ\0")
    answer = signed_in(wes).post(url(award), typed("Here it is", files=exe))
    assert answer.status_code == 422
    assert "Here it is</textarea>" in page(answer)
    assert "“a.exe” can't be sent" in page(answer)


def test_nobody_sends_more_than_anybody_needs_to(award, erin, wes, signed_in):
    for number in range(MOST_A_MINUTE):
        say(award, wes, str(number))
    answer = signed_in(wes).post(url(award), typed("One too many"))
    assert answer.status_code == 429
    assert "You have sent a lot of messages within a minute." in page(answer)
    assert "One too many</textarea>" in page(answer)
    assert say(award, erin)
    assert Message.objects.filter(author=wes).count() == MOST_A_MINUTE


def test_markup_is_shown_as_it_was_typed(award, wes, erin, signed_in):
    say(award, wes, "<script>alert(1)</script> <b>&amp;")
    html = signed_in(erin).get(url(award)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;&amp;amp;" in html
    assert "<script>alert" not in html


def test_nothing_that_was_said_can_be_changed(award, wes):
    message = say(award, wes, files=[FILE])
    for change in (
        lambda: Message.objects.filter(pk=message.pk).update(text="Never"),
        lambda: MessageFile.objects.update(name="other.txt"),
        lambda: Message.objects.filter(pk=message.pk)._raw_delete("default"),
        lambda: MessageFile.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="its rows are history"), transaction.atomic():
            change()


# --- Files


def test_a_file_comes_with_it_without_scripts(award, wes, erin, sam, signed_in):
    sent = SimpleUploadedFile("../plan\u202e.txt", b"Blue")
    assert signed_in(wes).post(url(award), typed("", files=sent)).status_code == 302
    file = MessageFile.objects.get()
    assert file.name == "plan.txt"
    assert f'href="/message-files/{file.pk}/"' in page(signed_in(erin).get(url(award)))
    for reader in (erin, wes):
        answer = signed_in(reader).get(f"/message-files/{file.pk}/")
        assert b"".join(answer.streaming_content) == b"Blue"
        assert answer["Content-Disposition"] == 'attachment; filename="plan.txt"'
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert signed_in(sam).get(f"/message-files/{file.pk}/").status_code == 404


def test_p72_staff_have_a_file_only_if_they_may_read_messages(award, wes, mia, signed_in, settings):
    settings.STAFF_SECOND_FACTOR = False
    file = say(award, wes, files=[FILE]).files.get()
    client = signed_in(mia)
    assert client.get(f"/message-files/{file.pk}/").status_code == 404
    mia.is_superuser = True
    mia.save()
    assert client.get(f"/message-files/{file.pk}/").status_code == 200
    settings.STAFF_SECOND_FACTOR = True
    assert client.get(f"/message-files/{file.pk}/").status_code == 404


def test_of_a_message_that_was_not_sent_no_file_stays(award, wes, monkeypatch):
    def fail(message: Message) -> None:
        raise RuntimeError

    monkeypatch.setattr("milestones.notices_messages.written", fail)
    with pytest.raises(RuntimeError):
        say(award, wes, files=[FILE])
    assert [path for path in Path(default_storage.location).rglob("*") if path.is_file()] == []


# --- The stream


def shown(client, address: str) -> list[str]:
    """The first words of each entry of a page, in its order."""
    return re.findall(
        r'<li class="chat-(?:event|message)[^>]*>\s*(?:<div class="chat-bubble">\s*)?<p[^>]*>([^<·]+)',
        page(client.get(address)),
    )


def test_it_is_one_stream_in_the_order_of_time(award, erin, wes, signed_in):
    hold_it = hold(award, "Photo gallery", 40_000)
    say(award, wes, "I have begun")
    AskEvent.objects.create(award=award, milestone=hold_it, kind="test", ask_id=1, actor=wes, action="ask", amount=500)
    say(award, erin, "Very nice")
    hold_it.release(10_000, by=erin, key=uuid.uuid4())
    assert [words.strip() for words in shown(signed_in(erin), url(award))] == [
        "Erin Vogel awarded the project",
        "Wes Adeyemi accepted the project",
        "Erin Vogel put €400.00 on hold",
        "I have begun",
        "Wes Adeyemi made a request: €5.00",
        "Very nice",
        "Erin Vogel released €100.00",
    ]


def test_of_the_same_moment_the_order_is_still_one(award, wes):
    """Pages that begin and end within one moment lose nothing and show nothing twice."""
    now = timezone.now() + datetime.timedelta(minutes=1)
    Message.objects.bulk_create(
        Message(award=award, author=wes, text=str(n), key=uuid.uuid4(), at=now) for n in range(3)
    )
    for number in range(3):
        AskEvent.objects.create(award=award, kind="test", ask_id=number, actor=wes, action="ask", at=now)
    whole = [entry.place for entry in stream.before(award, None).entries]
    assert len(whole) == 8
    assert whole == sorted(whole)
    back, place = [], None
    while True:
        part = stream.before(award, place, most=1)
        back = [entry.place for entry in part.entries] + back
        place = part.entries[0].place
        if not part.more:
            break
    assert back == whole
    forth, place = [], whole[0]
    while part := stream.after(award, place, most=1).entries:
        place = part[0].place
        forth.append(place)
    assert forth == whole[1:]


def test_another_award_is_another_stream(award, offer, wes, signed_in):
    say(award, wes, "Of the first")
    hold(award, "Photo gallery", 100)
    assert "Of the first" not in page(signed_in(wes).get(url(offer)))
    assert "Photo gallery" not in page(signed_in(wes).get(url(offer)))


def test_earlier_entries_stand_behind_a_link(award, wes, signed_in, monkeypatch):
    monkeypatch.setattr(Message, "_require_pause", lambda by: None)
    for number in range(65):
        say(award, wes, f"No {number}.")
    client, address, seen = signed_in(wes), url(award), []
    for _ in range(5):
        text = page(client.get(address))
        seen = shown(client, address) + seen
        link = re.search(r'chat-earlier"><a class="btn btn--small" href="([^"]+)"', text)
        if not link:
            break
        address = link[1]
        part = client.get(address, headers=HTMX)
        assert "<html" not in page(part)
        assert "<textarea" not in page(client.get(address))
    assert [words for words in seen if words.startswith("No")] == [f"No {number}." for number in range(65)]
    assert len(seen) == 67


@pytest.mark.parametrize("address", ["?before=x", "?before=", "?since=1", "?before=99999999999999999.3.1", "?since=\0"])
def test_a_place_that_is_none_shows_a_page(award, wes, signed_in, address):
    assert signed_in(wes).get(url(award) + address).status_code == 200


def test_the_number_of_queries_does_not_grow(award, erin, wes, signed_in):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            signed_in(erin).get(url(award))
        return len(caught)

    held = hold(award, "Part 0", 100)
    say(award, wes, files=[FILE])
    queries()
    before = queries()
    for number in range(10):
        say(award, wes, f"My PayPal {number}", files=[FILE, FILE])
        hold(award, f"Part {number}", 100)
        AskEvent.objects.create(award=award, milestone=held, kind="test", ask_id=1, actor=wes, action="ask")
    queries()
    assert queries() == before


def test_an_unknown_step_has_a_sentence_too(award, wes):
    event = AskEvent(award=award, kind="test", ask_id=1, actor=wes, action="dance")
    assert stream_words.of_ask(event, "EUR") == "Wes Adeyemi answered a request"
    stream_words.say("test", "dance", "%(who)s danced for %(sum)s")
    event.amount = 500
    assert stream_words.of_ask(event, "EUR") == "Wes Adeyemi danced for €5.00"


@pytest.mark.parametrize(
    ("kind", "action"), [(kind, action) for kind, said in stream_words.KINDS.items() for action in said]
)
def test_every_step_of_a_request_can_be_said(award, wes, kind, action):
    event = AskEvent(award=award, kind=kind, ask_id=1, actor=wes, action=action, amount=500)
    text = stream_words.of_ask(event, "EUR")
    assert text.startswith("Wes Adeyemi ")
    assert text.count("€5.00") == 1


def test_nobody_reads_of_the_others_fee(rates, employer, wes, signed_in):
    rates("EUR=10%", "EUR=5%")
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    hold(award, "Photo gallery", 10_000)
    assert "€5.00" in page(signed_in(employer).get(url(award)))
    assert "€5.00" not in page(signed_in(wes).get(url(award)))


# --- What is new, without reloading


def test_an_open_page_is_told_what_is_new_and_nothing_else(award, erin, wes, signed_in):
    hers = signed_in(erin)
    place = since(hers.get(url(award)))
    assert hers.get(f"{url(award)}?since={place}", headers=HTMX).status_code == 204
    say(award, wes, "I have begun")
    answer = hers.get(f"{url(award)}?since={place}", headers=HTMX)
    assert "I have begun" in page(answer)
    assert "awarded the project" not in page(answer)
    assert "<textarea" not in page(answer), "it would take away what she is typing"
    assert hers.get(f"{url(award)}?since={since(answer)}", headers=HTMX).status_code == 204
    hold(award, "Photo gallery", 100)
    assert "on hold" in page(hers.get(f"{url(award)}?since={since(answer)}", headers=HTMX))


def test_who_sends_from_an_open_page_gets_what_is_new_and_an_empty_form(award, erin, wes, signed_in):
    hers = signed_in(erin)
    place = since(hers.get(url(award)))
    say(award, wes, "I have begun")
    form = typed("Very nice", since=place)
    answer = hers.post(url(award), form, headers=HTMX)
    assert answer.status_code == 200
    assert page(answer).index("I have begun") < page(answer).index("Very nice")
    assert "></textarea>" in page(answer)
    assert form["key"] not in page(answer)
    assert hers.get(f"{url(award)}?since={since(answer)}", headers=HTMX).status_code == 204


def test_a_refused_message_comes_back_in_the_place_of_its_form(award, erin, signed_in):
    answer = signed_in(erin).post(url(award), typed(""), headers=HTMX)
    assert answer.status_code == 422
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#writing", "outerHTML")
    assert page(answer).lstrip().startswith('<form class="chat-form"')


# --- Hints


def test_p62_a_hint_stands_under_it_and_offers_a_milestone(award, erin, wes, signed_in):
    say(award, wes, "Can you pay me by PayPal?")
    hers, his = page(signed_in(erin).get(url(award))), page(signed_in(wes).get(url(award)))
    for text in (hers, his):
        assert "Paying outside Milepost is very risky" in text
    link = f'href="/awards/{award.pk}/milestones/new/"'
    assert link in hers
    assert link not in his


def test_p62_the_freelancer_is_offered_to_request_one_where_that_can_be_done(award, offer, erin, wes, signed_in):
    for each in (award, offer):
        say(each, wes, "Can you pay me by PayPal?")
    link = f'href="/awards/{award.pk}/milestone-requests/new/"'
    assert link in page(signed_in(wes).get(url(award)))
    assert link not in page(signed_in(erin).get(url(award)))
    factories.revoked(offer)
    assert "milestone-requests/new" not in page(signed_in(wes).get(url(offer)))


def test_p31_an_advance_gets_its_own_words(award, wes, signed_in):
    say(award, wes, "Could I have half of it in advance? Pay half in advance, please")
    assert "comes back only if the freelancer agrees" in page(signed_in(wes).get(url(award)))


def test_p62_it_is_said_before_it_is_sent(award, erin, wes, signed_in):
    answer = signed_in(erin).post(f"{url(award)}hint/", {"text": "I can pay you by PayPal"}, headers=HTMX)
    assert "very risky" in page(answer)
    assert page(signed_in(erin).post(f"{url(award)}hint/", {"text": "Hello"}, headers=HTMX)).strip() == ""
    assert not Message.objects.exists()


# --- Who hears of it


def test_p80_the_other_side_is_told_once_until_they_look(award, erin, wes, signed_in):
    for text in ("One", "Two", "Three"):
        say(award, wes, text)
    told = Notification.objects.filter(kind="message")
    (first,) = told.all()
    assert (first.member, first.path, first.read_at) == (erin, url(award), None)
    signed_in(erin).get(url(award))
    first.refresh_from_db()
    assert first.read_at
    say(award, wes, "Four")
    assert told.count() == 2
    assert not told.filter(member=wes).exists()


def test_another_award_is_told_of_by_itself(award, offer, wes):
    say(award, wes)
    say(offer, wes)
    assert Notification.objects.filter(kind="message").count() == 2


def unread(award, member) -> int:
    return message_links([award], member)[award.pk]["unread"]


def test_it_counts_what_is_unread(award, offer, erin, wes, signed_in):
    assert unread(award, erin) == 0
    for _ in range(2):
        say(award, wes)
    say(offer, wes)
    assert (unread(award, erin), unread(offer, erin), unread(award, wes)) == (2, 1, 0)
    signed_in(erin).head(url(award))
    assert unread(award, erin) == 2, "asking with HEAD shows nobody anything"
    signed_in(erin).get(url(award))
    assert (unread(award, erin), unread(offer, erin)) == (0, 1)
    say(award, wes)
    assert unread(award, erin) == 1


def test_what_an_open_page_was_given_is_read(award, erin, wes, signed_in):
    hers = signed_in(erin)
    place = since(hers.get(url(award)))
    say(award, wes)
    hers.get(f"{url(award)}?since={place}", headers=HTMX)
    assert unread(award, erin) == 0


def test_a_message_above_a_page_of_events_is_read_with_it(award, erin, wes, signed_in):
    say(award, wes)
    for number in range(stream.PAGE + 1):
        AskEvent.objects.create(award=award, kind="test", ask_id=number, actor=wes, action="ask")
    signed_in(erin).get(url(award))
    assert unread(award, erin) == 0


def test_the_mark_never_goes_back(award, erin):
    MessageRead.note(award, erin, 5)
    MessageRead.note(award, erin, 3)
    assert MessageRead.objects.get().last == 5


def test_the_way_there_stands_on_every_page_of_the_award(award, milestone, erin, wes, signed_in):
    say(award, wes)
    link = f'href="{url(award)}#writing"'
    for address in (f"/projects/{award.project_id}/", f"/milestones/{milestone.pk}/", "/my-work/"):
        for member, words in ((erin, "1 new message</a>"), (wes, "Messages</a>")):
            text = page(signed_in(member).get(address))
            assert link in text, address
            assert words in text, address


def test_what_is_unread_waits_for_its_reader(award, offer, erin, wes, sam):
    first = say(award, wes)
    say(award, wes)
    (waiting,) = [each for each in todo.all_of(erin) if "wrote to you" in str(each.words)]
    assert (waiting.mine, waiting.words, waiting.url) == (True, "Wes Adeyemi wrote to you.", url(award))
    assert (waiting.about, waiting.since) == (award.project.title, first.at)
    for member in (wes, sam):
        assert [each for each in todo.all_of(member) if "wrote to you" in str(each.words)] == []


def test_p70_staff_read_it_and_change_nothing(award, wes, mia, signed_in, settings):
    settings.STAFF_SECOND_FACTOR = False
    mia.is_superuser = True
    mia.save()
    message, client = say(award, wes, "Can you pay me by PayPal?", files=[FILE]), signed_in(mia)
    assert "Can you pay me" in page(client.get("/admin/milestones/message/", {"q": f"A{award.pk}"}))
    text = page(client.get(f"/admin/milestones/message/{message.pk}/change/"))
    assert "Can you pay me by PayPal?" in text
    assert f'href="/message-files/{message.files.get().pk}/"' in text
    assert client.post(f"/admin/milestones/message/{message.pk}/change/", {"text": "x"}).status_code == 403
    assert client.get(f"/admin/milestones/message/{message.pk}/delete/").status_code == 403
