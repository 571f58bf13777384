"""Support answers in the admin (P60, P70, P72)."""

import uuid

import pytest

from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from support.chat.models import Conversation, Message, SavedAnswer
from tests.steps import page

pytestmark = pytest.mark.django_db
LIST = "/admin/chat/conversation/"


def key() -> str:
    return str(uuid.uuid4())


def change(conversation) -> str:
    return f"{LIST}{conversation.pk}/change/"


def step(conversation, action: str) -> str:
    return f"{LIST}{conversation.pk}/step/{action}/"


def again(conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def test_p60_the_queue_begins_with_who_waits_longest(signed_in, ask, erin, wes, ana, sue):
    first, second, answered = ask(erin, title="First"), ask(wes, title="Second"), ask(ana, title="Third")
    answered.answer(by=sue, text="Yes", key=uuid.uuid4())
    first.close(by=erin, key=uuid.uuid4())
    text = page(signed_in(sue).get(LIST))
    places = [text.index(change(each)) for each in (second, answered, first)]
    assert places == sorted(places)
    waiting = page(signed_in(sue).get(f"{LIST}?queue=waiting"))
    assert change(second) in waiting
    assert change(answered) not in waiting
    mine = page(signed_in(sue).get(f"{LIST}?queue=mine"))
    assert change(answered) in mine
    assert change(second) not in mine
    assert change(second) in page(signed_in(sue).get(f"{LIST}?queue=untaken"))
    assert change(second) in page(signed_in(sue).get(f"{LIST}?q=S{second.pk}"))


def test_p60_support_answers_and_the_member_reads_it(signed_in, asked, erin, sue):
    client = signed_in(sue)
    text = page(client.get(change(asked)))
    assert "I can&#x27;t find it." in text or "I can't find it." in text
    assert f"/admin/accounts/member/{erin.pk}/change/" in text
    said = {"text": "It is <b>on hold</b>.", "do": "answer", "key": key()}
    for _round in range(2):  # a double click
        assert client.post(step(asked, "write"), said).status_code == 302
    assert asked.messages.filter(of_staff=True).count() == 1
    assert "It is &lt;b&gt;on hold" in client.get(change(asked)).text
    assert "It is &lt;b&gt;on hold" in signed_in(erin).get(asked.get_absolute_url()).text


def test_p60_staff_see_new_messages_without_reloading(signed_in, asked, erin, sue):
    client = signed_in(sue)
    since = page(client.get(change(asked))).split('name="since" value="')[1].split('"')[0]
    news = f"{LIST}{asked.pk}/news/?since={since}"
    assert client.get(news).status_code == 204
    asked.write(by=erin, text="Hello?", key=uuid.uuid4())
    assert "Hello?" in client.get(news).text
    for nonsense in ("", "?since=x", "?since=" + "9" * 40):
        assert client.get(f"{LIST}{asked.pk}/news/{nonsense}").status_code == 204


def test_a_note_is_for_staff(signed_in, asked, erin, sue):
    client = signed_in(sue)
    assert client.post(step(asked, "write"), {"text": "Third time.", "do": "note", "key": key()}).status_code == 302
    assert "Third time." in page(client.get(change(asked)))
    assert again(asked).state == "waiting"
    assert not erin.notifications.exists()
    said = {"text": "x", "do": "note", "key": key(), "files": SimpleUploadedFile("a.txt", b"a")}
    assert client.post(step(asked, "write"), said).status_code == 422


def test_a_saved_answer_is_inserted_and_nothing_is_said_by_it(signed_in, asked, sue):
    saved = SavedAnswer.objects.create(title="Where", text="Hello {name}, look in Finances.")
    client = signed_in(sue)
    typed = {"text": "Good morning!", "do": "insert", "saved": saved.pk, "key": key()}
    shown = page(client.post(step(asked, "write"), typed))
    assert "Good morning!\n\nHello Erin, look in Finances.</textarea>" in shown
    assert asked.messages.count() == 1
    for nonsense in ("", "x", "999999"):
        assert client.post(step(asked, "write"), {**typed, "saved": nonsense}).status_code == 200


def test_taking_handing_over_and_closing(signed_in, asked, sue, joe, mia):
    client = signed_in(sue)
    assert client.post(step(asked, "take"), {"key": key()}).status_code == 302
    assert again(asked).taken_by == sue
    assert client.post(step(asked, "take"), {"key": key()}).status_code == 409
    assert client.post(step(asked, "hand-over"), {"to": mia.pk, "key": key()}).status_code == 409
    assert client.post(step(asked, "hand-over"), {"to": joe.pk, "key": key()}).status_code == 302
    assert again(asked).taken_by == joe
    assert client.post(step(asked, "close"), {"key": key()}).status_code == 302
    assert client.post(step(asked, "close"), {"key": key()}).status_code == 409
    assert client.post(step(asked, "write"), {"text": "x", "do": "answer", "key": key()}).status_code == 409
    assert client.get(step(asked, "close")).status_code == 405
    assert client.post(step(asked, "delete"), {"key": key()}).status_code == 404


@pytest.mark.parametrize(
    "said", [{"text": " "}, {"text": "x" * 5001}, {"text": "x", "key": "nonsense"}, {"text": "x", "key": ""}]
)
def test_bad_input_is_answered_at_the_field(signed_in, asked, sue, said):
    answer = signed_in(sue).post(step(asked, "write"), {"do": "answer", "key": key(), **said})
    assert answer.status_code == 422
    assert asked.messages.count() == 1


def test_p72_who_may_only_read_gets_words_and_no_form(signed_in, asked, mia):
    mia.user_permissions.add(Permission.objects.get(codename="view_conversation"))
    client = signed_in(Member.objects.get(pk=mia.pk))
    text = page(client.get(change(asked)))
    assert "/step/" not in text
    for action in ("write", "take", "close", "hand-over"):
        answer = client.post(step(asked, action), {"text": "x", "do": "answer", "key": key()})
        assert answer.status_code == 403
        assert "support" in answer.text
    assert asked.messages.count() == 1


@pytest.mark.parametrize("group", ["arbitrators", "finance"])
def test_p72_other_groups_read_no_conversation(signed_in, asked, mia, group):
    mia.groups.add(Group.objects.get(name=group))
    client = signed_in(Member.objects.get(pk=mia.pk))
    for address in (LIST, change(asked), f"{LIST}{asked.pk}/news/"):
        assert client.get(address).status_code == 403


def test_p72_staff_read_their_own_conversation_as_members_do(signed_in, ask, sue):
    own = ask(sue)
    client = signed_in(sue)
    assert change(own) not in page(client.get(LIST))
    for address in (change(own), f"{LIST}{own.pk}/news/"):
        assert client.get(address).status_code == 403
    assert client.post(step(own, "write"), {"text": "x", "do": "answer", "key": key()}).status_code == 403


def test_p70_nothing_said_can_be_edited_by_a_crafted_form(signed_in, asked, sue):
    client = signed_in(sue)
    before = list(Message.objects.values()), Conversation.objects.values().get()
    crafted = {"title": "x", "state": "closed", "rating": "5", "messages-0-text": "x", "_save": "1"}
    for address in (change(asked), f"{LIST}add/", f"{LIST}{asked.pk}/delete/"):
        client.post(address, {**crafted, "post": "yes"})
    client.post(LIST, {"action": "delete_selected", "_selected_action": asked.pk, "post": "yes"})
    assert (list(Message.objects.values()), Conversation.objects.values().get()) == before


def test_support_keeps_saved_answers(signed_in, sue, mia):
    client = signed_in(sue)
    said = {"title": "Hello", "language": "en", "text": "Hello {name}"}
    assert client.post("/admin/chat/savedanswer/add/", said).status_code == 302
    saved = SavedAnswer.objects.get()
    assert client.post(f"/admin/chat/savedanswer/{saved.pk}/change/", {**said, "title": "Hi"}).status_code == 302
    assert signed_in(mia).post("/admin/chat/savedanswer/add/", said).status_code == 403
    assert client.post(f"/admin/chat/savedanswer/{saved.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not SavedAnswer.objects.exists()


def test_the_queue_costs_no_query_more_when_it_is_longer(signed_in, ask, erin, wes, sue):
    client, counts = signed_in(sue), []
    for member in (erin, wes):
        ask(member)
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_first_page_names_the_conversations_that_wait(signed_in, asked, sue):
    assert "Conversations that wait for an answer" in page(signed_in(sue).get("/admin/"))
    asked.answer(by=sue, text="Yes", key=uuid.uuid4())
    assert "Conversations that wait for an answer" not in page(signed_in(sue).get("/admin/"))
