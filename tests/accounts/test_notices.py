"""Telling members: in the app and by e-mail, once (P80)."""

import datetime

import pytest
import time_machine

from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.models import Notification
from accounts.tasks import mail_notification, mail_notifications

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kind(monkeypatch) -> None:
    monkeypatch.setattr(notices, "_sentences", {"paid": gettext_lazy("%(who)s released %(sum)s to you")})


@pytest.fixture
def told(wes) -> Notification:
    return notices.tell(wes, "paid", "/milestones/7/", who="Erin", sum="€400.00")


def test_what_is_undone_tells_nobody(wes):
    class Undone(Exception):
        pass

    def tell_and_fail() -> None:
        with transaction.atomic():
            notices.tell(wes, "paid", "/", who="Erin", sum="€1.00")
            raise Undone

    with pytest.raises(Undone):
        tell_and_fail()
    assert not Notification.objects.exists()
    assert mail_notifications(timestamp=0) == 0


def test_the_job_of_the_minute_mails_what_was_not_mailed(told, wes):
    notices.tell(wes, "paid", "/", who="Ana", sum="€2.00")
    assert mail_notifications(timestamp=0) == 2
    assert mail_notifications(timestamp=60) == 0
    assert len(mail.outbox) == 2


def test_one_that_cannot_be_sent_does_not_hold_up_the_others(told, wes, monkeypatch):
    notices.tell(wes, "paid", "/", who="Ana", sum="€2.00")
    real = EmailMultiAlternatives.send

    def refuse_erin(mail):
        if "Erin" in mail.subject:
            raise OSError("the mail server is away")
        return real(mail)

    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", refuse_erin)
        assert mail_notifications(timestamp=0) == 1
        assert mail_notifications(timestamp=0) == 0
    told.refresh_from_db()
    assert told.mail_failures == 1
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=61), tick=False):
        assert mail_notifications(timestamp=60) == 1


def test_one_that_nobody_understands_does_not_hold_up_the_others(told, wes, monkeypatch):
    """And is tried ever less often."""
    Notification.objects.create(member=wes, kind="of-an-older-release", path="/")
    assert mail_notifications(timestamp=0) == 1
    now = timezone.now()
    pauses = []
    for _ in range(13):
        odd = Notification.objects.get(mailed_at=None)
        pauses.append(round((odd.mail_after - now).total_seconds() / 60))
        now = odd.mail_after
        with time_machine.travel(now, tick=False):
            assert mail_notifications(timestamp=0) == 0
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440]


def test_it_is_mailed_once_however_often_the_job_runs(told, settings):
    settings.SITE_NAME, settings.SITE_URL = "Guildpay", "https://guild.example"
    assert mail_notification(told.pk) is True
    assert mail_notification(told.pk) is False
    (message,) = mail.outbox
    assert message.to == ["wes@example.com"]
    assert message.subject == "Erin released €400.00 to you"
    assert f"https://guild.example/notifications/{told.pk}/" in message.body
    assert "Guildpay" in message.body


def test_a_mail_that_could_not_be_sent_is_sent_by_the_next_run(told, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("the mail server is away")

    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", refuse)
        with pytest.raises(OSError, match="away"):
            mail_notification(told.pk)
    assert mail_notification(told.pk) is True


def test_a_sentence_without_its_words_is_found_out_when_telling(wes):
    with pytest.raises(KeyError):
        notices.tell(wes, "paid", "/", who="Erin")


def test_a_kind_has_one_sentence():
    with pytest.raises(ValueError, match="sentence already"):
        notices.register("paid", "something else")


def test_the_bell_counts_what_is_unread_and_the_page_reads_it(signed_in, wes, told):
    client = signed_in(wes)
    assert 'class="count">1<' in client.get("/preferences/").text
    assert "Erin released €400.00 to you" in client.get("/notifications/").text
    assert 'class="count">' not in client.get("/preferences/").text


def test_only_what_was_shown_counts_as_read(signed_in, wes):
    for number in range(27):
        notices.tell(wes, "paid", "/", who=f"Number {number}", sum="€1.00")
    client = signed_in(wes)
    first = client.get("/notifications/")
    assert "Number 26" in first.text
    assert "Number 1 " not in first.text
    assert wes.notifications.filter(read_at=None).count() == 2
    second = client.get("/notifications/" + first.context["older"])
    assert "Number 1 " in second.text
    assert "Number 2 " not in second.text


def test_all_are_marked_read_at_once(signed_in, wes, told):
    client = signed_in(wes)
    assert client.get("/notifications/read/").status_code == 405
    assert client.post("/notifications/read/").status_code == 302
    assert not wes.notifications.filter(read_at=None).exists()


def test_nobody_reads_or_marks_what_another_was_told(signed_in, sam, wes, told):
    client = signed_in(sam)
    assert "Erin released" not in client.get("/notifications/").text
    client.post("/notifications/read/")
    assert wes.notifications.filter(read_at=None).count() == 1


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²", ""])
def test_a_page_that_can_not_be_is_no_error(signed_in, wes, told, before):
    assert signed_in(wes).get("/notifications/", {"before": before}).status_code == 200
