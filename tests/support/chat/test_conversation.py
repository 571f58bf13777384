"""Conversations with support, as their verbs make them (P60)."""

import datetime
import uuid

import pytest

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Notification
from accounts.tasks import mail_notifications
from config.refusals import KeyConflict, TooOften, WrongState
from config.uploads import Checked
from support.chat import figures
from support.chat.models import Conversation, Message, MessageFile
from support.chat.models import conversations as module

pytestmark = pytest.mark.django_db


def key() -> uuid.UUID:
    return uuid.uuid4()


def again(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def shifted(conversation: Conversation, **times: datetime.timedelta) -> Conversation:
    """As if those times had been that much earlier."""
    now = again(conversation)
    for name, by in times.items():
        setattr(now, name, getattr(now, name) - by)
    now.save()
    return now


def test_p60_a_question_waits_until_it_is_answered(asked, erin, sue):
    assert (asked.state, asked.waiting_since) == ("waiting", asked.opened_at)
    answer = asked.answer(by=sue, text="It is on hold.", key=key())
    now = again(asked)
    assert (now.state, now.waiting_since, now.first_answer_at, now.taken_by) == ("answered", None, answer.at, sue)
    more = now.write(by=erin, text="And where?", key=key())
    now.write(by=erin, text="Hello?", key=key())
    now = again(asked)
    assert (now.state, now.waiting_since) == ("waiting", more.at)  # since the first that nobody answered
    now.answer(by=sue, text="In Finances.", key=key())
    assert again(asked).first_answer_at == answer.at


def test_who_may_do_what(asked, erin, wes, sue, mia):
    for person in (wes, mia, erin):
        with pytest.raises(PermissionDenied):
            asked.answer(by=person, text="No", key=key())
        with pytest.raises(PermissionDenied):
            asked.note(by=person, text="No", key=key())
        with pytest.raises(PermissionDenied):
            asked.take(by=person, key=key())
    for person in (wes, sue):
        with pytest.raises(PermissionDenied):
            asked.write(by=person, text="No", key=key())
    with pytest.raises(PermissionDenied):
        asked.close(by=wes, key=key())
    with pytest.raises(PermissionDenied):
        asked.hand_over(by=sue, to=mia, key=key())
    assert Message.objects.filter(conversation=asked).count() == 1


def test_p72_nobody_of_support_answers_themselves(ask, sue):
    own = ask(sue)
    for verb in (own.answer, own.note):
        with pytest.raises(PermissionDenied):
            verb(by=sue, text="Well done.", key=key())
    with pytest.raises(PermissionDenied):
        own.take(by=sue, key=key())


def test_a_repeated_key_says_it_once(ask, asked, erin, sue):
    same = key()
    for _round in range(2):
        assert asked.answer(by=sue, text="Yes", key=same).text == "Yes"
        asked.close(by=sue, key=uuid.uuid5(same, "close"))
    assert asked.messages.count() == 3
    assert ask(erin, key=asked.key) == asked
    with pytest.raises(KeyConflict):
        ask(erin).answer(by=sue, text="Yes", key=same)
    with pytest.raises(KeyConflict):
        ask(sue, key=asked.key)


def test_a_closed_conversation_opens_again_by_writing_for_two_weeks(asked, erin, sue):
    asked.answer(by=sue, text="Done.", key=key())
    asked.close(by=sue, key=key())
    asked.rate(by=erin, stars=5, words="Quick", key=key())
    with pytest.raises(WrongState):
        asked.answer(by=sue, text="One more thing.", key=key())
    asked.write(by=erin, text="Not quite.", key=key())
    now = again(asked)
    assert (now.state, now.closed_at, now.rating) == ("waiting", None, None)
    assert list(now.messages.order_by("pk").values_list("kind", flat=True)) == [
        "said", "said", "closed", "rated", "reopened", "said",
    ]  # fmt: skip
    now.close(by=erin, key=key())
    shifted(asked, closed_at=datetime.timedelta(days=14, seconds=1))
    with pytest.raises(WrongState, match="too long ago"):
        asked.write(by=erin, text="Hello?", key=key())


def test_rating_needs_an_answer_and_an_end(asked, erin, sue, wes):
    with pytest.raises(WrongState):
        asked.rate(by=erin, stars=1, words="", key=key())
    asked.close(by=erin, key=key())
    with pytest.raises(WrongState, match="Nobody answered"):
        asked.rate(by=erin, stars=1, words="", key=key())
    asked.write(by=erin, text="Hello?", key=key())
    asked.answer(by=sue, text="Here.", key=key())
    asked.close(by=erin, key=key())
    with pytest.raises(PermissionDenied):
        asked.rate(by=sue, stars=5, words="", key=key())
    for stars in (0, 6):
        with pytest.raises(ValueError, match="stars"):
            asked.rate(by=erin, stars=stars, words="", key=key())
    asked.rate(by=erin, stars=2, words="Slow", key=key())
    asked.rate(by=erin, stars=4, words="But right", key=key())
    assert (again(asked).rating, again(asked).rating_words) == (4, "But right")


def test_the_database_refuses_a_rating_of_what_is_open_and_waiting_since_never(asked):
    for change in ({"rating": 5}, {"waiting_since": None}, {"state": "answered"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Conversation.objects.filter(pk=asked.pk).update(**change)


def test_nothing_said_can_be_changed_or_deleted(ask, erin):
    file = Checked("a.txt", "text/plain; charset=utf-8", 1, b"a")
    asked = ask(erin, files=[file])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in (
        "UPDATE chat_message SET text = 'x'",
        "DELETE FROM chat_messagefile",
        "UPDATE chat_messagefile SET name = 'x'",
        "TRUNCATE chat_message, chat_messagefile",
    ):
        with pytest.raises(DatabaseError, match="history"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert MessageFile.objects.get(message__conversation=asked).file.read() == b"a"


def test_too_much_is_refused_kindly(ask, erin, sue, monkeypatch):
    monkeypatch.setattr(module, "MOST_OPEN", 2)
    monkeypatch.setattr(module, "MOST_A_DAY", 3)
    first, second = ask(erin), ask(erin)
    with pytest.raises(TooOften, match="several open"):
        ask(erin)
    first.close(by=erin, key=key())
    ask(erin).close(by=erin, key=key())
    with pytest.raises(TooOften, match="today"):
        ask(erin)
    monkeypatch.setattr(module, "MOST_A_MINUTE", Message.objects.filter(author=erin).count() + 1)
    second.write(by=erin, text="One more", key=key())
    with pytest.raises(TooOften, match="within a minute"):
        second.write(by=erin, text="And one", key=key())
    assert ask(sue)


def test_taking_and_handing_over(asked, sue, joe, mia):
    asked.take(by=sue, key=key())
    with pytest.raises(WrongState):
        asked.take(by=sue, key=key())
    asked.hand_over(by=sue, to=joe, key=key())
    assert again(asked).taken_by == joe
    asked.take(by=sue, key=key())
    asked.hand_over(by=joe, to=None, key=key())
    assert again(asked).taken_by is None
    assert list(asked.messages.order_by("pk").values_list("kind", "text"))[1:] == [
        ("taken", ""), ("handed", "Joe Lund"), ("taken", ""), ("handed", ""),
    ]  # fmt: skip


def told(member) -> list[tuple[str, datetime.datetime | None]]:
    return list(member.notifications.order_by("pk").values_list("kind", "mailed_at"))


def due(member) -> None:
    Notification.objects.filter(member=member, mailed_at=None).update(mail_after=timezone.now())


def test_p80_who_is_away_gets_one_mail_for_a_burst(asked, erin, sue, mailoutbox):
    asked.answer(by=sue, text="One", key=key())
    asked.answer(by=sue, text="Two", key=key())
    assert told(erin) == [("support-answered", None)]
    mail_notifications(0)
    assert mailoutbox == []  # not at once: they may be reading
    due(erin)
    mail_notifications(0)
    assert [mail.to for mail in mailoutbox] == [[erin.email]]
    assert "Where is my money?" in mailoutbox[0].subject


def test_who_has_seen_the_answer_gets_no_mail(asked, erin, sue, mailoutbox):
    answer = asked.answer(by=sue, text="One", key=key())
    asked.seen(answer.pk)
    due(erin)
    mail_notifications(0)
    assert mailoutbox == []
    assert Notification.objects.get(member=erin).mail_skipped == "read"
    asked.answer(by=sue, text="Two", key=key())  # the next one is news again
    due(erin)
    mail_notifications(0)
    assert len(mailoutbox) == 1


def test_seeing_never_goes_back(asked, sue):
    answer = asked.answer(by=sue, text="One", key=key())
    asked.seen(answer.pk)
    asked.seen(answer.pk - 1)
    assert again(asked).read_until == answer.pk


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 minute"), (60, "1 minute"), (61, "2 minutes"), (89 * 60, "89 minutes"), (89 * 60 + 1, "2 hours"),
     (47 * 3600, "47 hours"), (47 * 3600 + 1, "2 days")],
)  # fmt: skip
def test_times_are_rounded_up(seconds, words):
    assert figures.duration(seconds) == words


def test_waiting_time_is_said_from_what_was_and_otherwise_not(ask, erin, wes, ana, sue):
    assert "can't say" in figures.expectation()
    for member, minutes in ((erin, 10), (wes, 20), (ana, 30)):
        conversation = ask(member)
        conversation.answer(by=sue, text="Yes", key=key())
        shifted(conversation, opened_at=datetime.timedelta(minutes=minutes))
    assert figures.expectation() == (
        "Lately half of the first answers came within 21 minutes, and nine in ten within 29 minutes."
    )
    Conversation.objects.update(first_answer_at=timezone.now() - datetime.timedelta(days=15))
    assert "can't say" in figures.expectation()


def test_how_many_wait_longer(ask, erin, wes):
    first, second = ask(erin), ask(wes)
    assert figures.before(first.waiting_since) == 0
    assert figures.before(second.waiting_since) == 1
