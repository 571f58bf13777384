"""The pages of a member's conversations with support (P60), and the links that lead there (P36)."""

import uuid

import pytest

from django.core.files.uploadedfile import SimpleUploadedFile

from config import subjects
from finances.payments import charging
from finances.payments.models import Payment, PaymentSource
from support.chat.models import Conversation, Message
from tests import factories
from tests.finances.payments.memory import saved
from tests.money import EUR
from tests.situation import hold
from tests.steps import page

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def key() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def milestone(erin, wes, fund):
    fund(erin, EUR("1000.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    return hold(award, "Photo gallery", 40_000)


def test_p60_a_conversation_is_about_the_thing_that_was_looked_at(signed_in, erin, milestone):
    client = signed_in(erin)
    address = f"/support/new/?about=milestone-{milestone.pk}"
    shown = page(client.get(address))
    assert f'href="/milestones/{milestone.pk}/"' in shown
    about = {"title": "Is it held?", "text": "Where do I see it?", "about": f"milestone-{milestone.pk}"}
    answer = client.post("/support/new/", {**about, "key": key()})
    conversation = Conversation.objects.get()
    assert answer.url == f"/support/{conversation.pk}/"
    assert conversation.about == f"milestone-{milestone.pk}"
    shown = page(client.get(answer.url))
    assert "Where do I see it?" in shown
    assert f'href="/milestones/{milestone.pk}/"' in shown
    assert "Yours waits longest" in shown
    assert f"/support/{conversation.pk}/" in page(client.get(address))  # there is one already


@pytest.mark.parametrize(
    "about",
    ["milestone-{0}", "milestone-0", "milestone-x", "nothing-1", "milestone-" + "9" * 30, "<b>", "a" * 500, "\0"],
)
def test_nobody_learns_of_what_is_not_theirs(signed_in, sam, milestone, about):
    about = about.format(milestone.pk)
    client = signed_in(sam)
    assert "Photo gallery" not in page(client.get("/support/new/", {"about": about}))
    said = {"title": "Hello", "text": "Hello", "about": about, "key": key()}
    assert client.post("/support/new/", said).status_code == 302
    assert Conversation.objects.get().about == ""


def test_every_kind_that_can_be_written_about_is_found_by_its_member_alone(erin, sam, milestone, provider):
    payment = charging.begin(saved(PaymentSource, erin), 5_000, "EUR", by=erin, key=uuid.uuid4())
    for name, pk in (("milestone", milestone.pk), ("award", milestone.award_id), ("payment", payment.pk)):
        subject = subjects.read(f"{name}-{pk}", erin)
        assert subject is not None
        assert subject.url
        assert subjects.read(f"{name}-{pk}", sam) is None
        assert subjects.staff_url(f"{name}-{pk}", erin).startswith("/admin/")


def test_p36_a_released_milestone_a_failed_payment_and_the_foot_lead_to_support(signed_in, erin, milestone, provider):
    client = signed_in(erin)
    about = f"/support/new/?about=milestone-{milestone.pk}"
    assert about not in page(client.get(f"/milestones/{milestone.pk}/"))
    assert 'href="/support/new/">Chat Now!' in page(client.get("/finances/"))
    milestone.release(40_000, by=erin, key=uuid.uuid4())
    assert f'href="{about}">Chat Now!' in page(client.get(f"/milestones/{milestone.pk}/"))
    payment = charging.begin(saved(PaymentSource, erin), 5_000, "EUR", by=erin, key=uuid.uuid4())
    Payment.objects.filter(pk=payment.pk).update(state="declined", reason="declined")
    assert f'href="/support/new/?about=payment-{payment.pk}">Chat Now!' in page(client.get(payment.get_absolute_url()))


def test_who_is_not_signed_in_is_offered_no_chat(client, db):
    assert "/support/" not in client.get("/accounts/login/").text


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": "", "text": "Hello"}, "title"),
        ({"title": "x" * 121, "text": "Hello"}, "title"),
        ({"title": "Hello", "text": " "}, "text"),
        ({"title": "Hello", "text": "x" * 5001}, "text"),
    ],
)
def test_bad_input_is_answered_at_the_field(signed_in, erin, said, field):
    answer = signed_in(erin).post("/support/new/", {**said, "key": key()})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Conversation.objects.exists()


def test_text_is_text_and_nul_is_nothing(signed_in, erin):
    client = signed_in(erin)
    said = {"title": "<script>x</script>", "text": "<img src=x onerror=alert(1)> <b hx-get='/'>", "key": key()}
    shown = client.post("/support/new/", said, follow=True).text
    assert "<img src=x" not in shown
    assert "<script>x" not in shown
    assert "&lt;img src=x" in shown
    answer = client.post("/support/new/", {"title": "Hello", "text": "a\0b", "key": key()})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["text"])


def test_a_double_click_asks_once(signed_in, erin):
    client, said = signed_in(erin), {"title": "Hello", "text": "Hello", "key": key()}
    first, second = client.post("/support/new/", said), client.post("/support/new/", said)
    assert first.url == second.url
    assert Conversation.objects.count() == Message.objects.count() == 1
    for _round in range(2):
        assert client.post(first.url, {"text": "More", "key": said["key"]}).status_code == 302
    assert Message.objects.count() == 2


def test_p60_new_messages_come_without_reloading(signed_in, asked, erin, sue):
    client = signed_in(erin)
    since = page(client.get(asked.get_absolute_url())).split('name="since" value="')[1].split('"')[0]
    poll = f"{asked.get_absolute_url()}?since={since}"
    assert client.get(poll, headers=HTMX).status_code == 204
    asked.answer(by=sue, text="It is on hold.", key=uuid.uuid4())
    asked.note(by=sue, text="She asks often.", key=uuid.uuid4())
    answer = client.get(poll, headers=HTMX)
    assert answer.status_code == 200
    assert "It is on hold." in answer.text
    assert "Sue, support" in answer.text
    assert "She asks often." not in answer.text
    assert "Answered" in answer.text
    assert not erin.notifications.filter(read_at=None).exists()
    newer = answer.text.split('name="since" value="')[1].split('"')[0]
    assert client.get(f"{asked.get_absolute_url()}?since={newer}", headers=HTMX).status_code == 204


def test_what_is_sent_with_htmx_comes_back_as_news(signed_in, asked, erin):
    client = signed_in(erin)
    answer = client.post(asked.get_absolute_url(), {"text": "Hello?", "key": key(), "since": "0"}, headers=HTMX)
    assert answer.text.count("Hello?") == 1
    assert 'id="writing"' in answer.text
    bad = client.post(asked.get_absolute_url(), {"text": "", "key": key(), "since": "0"}, headers=HTMX)
    assert (bad.status_code, bad["HX-Retarget"]) == (422, "#writing")


def test_a_member_never_sees_what_staff_note_and_hand_over(signed_in, asked, erin, sue, joe):
    asked.take(by=sue, key=uuid.uuid4())
    asked.note(by=sue, text="Secret", key=uuid.uuid4())
    asked.hand_over(by=sue, to=joe, key=uuid.uuid4())
    shown = page(signed_in(erin).get(asked.get_absolute_url()))
    assert "Secret" not in shown
    assert "Joe" not in shown


def test_closing_rating_and_writing_again(signed_in, asked, erin, sue):
    client, url = signed_in(erin), asked.get_absolute_url()
    asked.answer(by=sue, text="Done.", key=uuid.uuid4())
    closing = key()
    for _round in range(2):
        assert client.post(f"{url}close/", {"key": closing}).status_code == 302
    assert client.post(f"{url}close/", {"key": key()}).status_code == 409
    assert "How did we do?" in page(client.get(url))
    bad = client.post(f"{url}rate/", {"stars": "9", "key": key()})
    assert bad.status_code == 422
    assert client.post(f"{url}rate/", {"stars": "5", "words": "Quick", "key": key()}).status_code == 302
    assert Conversation.objects.get().rating == 5
    assert "Change the rating" in page(client.get(url))
    assert client.post(url, {"text": "One more thing", "key": key()}).status_code == 302
    assert Conversation.objects.get().state == "waiting"


def test_files_are_for_the_member_and_support(signed_in, erin, wes, sue, mia):
    client = signed_in(erin)
    file = SimpleUploadedFile("shot.txt", b"Look")
    answer = client.post("/support/new/", {"title": "See", "text": "", "files": file, "key": key()})
    shown = page(client.get(answer.url))
    address = shown.split('href="/support/files/')[1].split('"')[0]
    assert b"".join(client.get(f"/support/files/{address}").streaming_content) == b"Look"
    assert signed_in(wes).get(f"/support/files/{address}").status_code == 404
    assert signed_in(mia).get(f"/support/files/{address}").status_code == 404
    assert signed_in(sue).get(f"/support/files/{address}").status_code == 200


def test_too_often_is_said_at_the_form(signed_in, erin, asked, monkeypatch):
    monkeypatch.setattr("support.chat.models.conversations.MOST_A_MINUTE", 1)
    answer = signed_in(erin).post(asked.get_absolute_url(), {"text": "Again", "key": key()})
    assert answer.status_code == 429
    assert "Wait a moment" in answer.text
    monkeypatch.setattr("support.chat.models.conversations.MOST_OPEN", 1)
    answer = signed_in(erin).post("/support/new/", {"title": "Again", "text": "Again", "key": key()})
    assert answer.status_code == 429


def test_the_home_page_says_that_an_answer_waits(signed_in, asked, erin, sue):
    client = signed_in(erin)
    assert "Support has answered you" not in page(client.get("/my-work/"))
    asked.answer(by=sue, text="Done.", key=uuid.uuid4())
    assert "Support has answered you" in page(client.get("/my-work/"))
    client.get(asked.get_absolute_url())
    assert "Support has answered you" not in page(client.get("/my-work/"))


def test_looking_with_head_reads_nothing(signed_in, asked, erin, sue):
    asked.answer(by=sue, text="Done.", key=uuid.uuid4())
    signed_in(erin).head(asked.get_absolute_url())
    assert erin.notifications.filter(read_at=None).exists()


@pytest.mark.parametrize("query", ["?since=x", "?since=-1", "?since=" + "9" * 40, "?before=x", "?before=1", "?page=x"])
def test_nonsense_in_an_address_breaks_nothing(signed_in, asked, erin, query):
    for headers in ({}, HTMX):
        assert signed_in(erin).get(asked.get_absolute_url() + query, headers=headers).status_code in (200, 204)
    assert signed_in(erin).get(f"/support/{query}").status_code == 200


def test_a_long_conversation_is_read_in_pages(signed_in, asked, erin, sue, monkeypatch):
    monkeypatch.setattr("support.chat.entries.PAGE", 3)
    monkeypatch.setattr("support.chat.models.conversations.MOST_A_MINUTE", 100)
    for number in range(5):
        asked.answer(by=sue, text=f"Part {number}", key=uuid.uuid4())
    client = signed_in(erin)
    newest = page(client.get(asked.get_absolute_url()))
    assert "Part 4" in newest
    assert "Part 1" not in newest
    earlier = newest.split('href="/support/')
    address = next(part.split('"')[0] for part in earlier if "?before=" in part.split('"')[0])
    shown = page(client.get(f"/support/{address}"))
    assert "Part 1" in shown
    assert "I can&#x27;t find it." in shown or "I can't find it." in shown
