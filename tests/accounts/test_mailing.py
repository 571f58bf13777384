"""Mails of notifications: each once, alone or in a digest, whatever happens in between (P80)."""

import datetime
import re
import zoneinfo

import psycopg
import pytest
import time_machine

from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts import digests, mailing, mails, notices, tasks
from accounts.models import MailChoice, Member, Notification
from accounts.tasks import mail_notifications

pytestmark = pytest.mark.django_db

ONCE, DAILY, WEEKLY = MailChoice.Delivery.values
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
# Years ahead of the clock by which the database itself says from when a mail is due.
NOON = datetime.datetime(2093, 11, 25, 12, 0, tzinfo=BERLIN)  # a Wednesday
MORNING = datetime.datetime(2093, 11, 26, 8, 0, tzinfo=BERLIN)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch) -> None:
    kinds = {
        "milestone-paid": gettext_lazy("%(who)s released %(sum)s to you"),
        "message-new": gettext_lazy("%(who)s writes about %(sum)s"),
    }
    monkeypatch.setattr(notices, "_sentences", kinds)


@pytest.fixture
def daily(wes) -> Member:
    wes.time_zone = "Europe/Berlin"
    wes.save()
    MailChoice.change(wes.pk, delivery=DAILY, off=[])
    return wes


def tell(member: Member, who: str = "Erin", kind: str = "milestone-paid") -> Notification:
    return notices.tell(member, kind, "/milestones/7/", who=who, sum="€400.00")


def run(at: datetime.datetime) -> int:
    with time_machine.travel(at, tick=False):
        return mail_notifications(timestamp=0)


class Died(BaseException):
    """What the process does, as far as its database is concerned."""


def die_after_sending(batch: int) -> None:
    def send_and_die() -> None:
        with transaction.atomic():
            assert mailing.finish(batch) is True
            raise Died

    with pytest.raises(Died):
        send_and_die()


# --- How it looks -------------------------------------------------------------------------------------------


def test_a_mail_is_text_and_html_and_says_why_it_came(wes, settings):
    settings.SITE_NAME, settings.SITE_URL = "Guildpay", "https://guild.example"
    told = tell(wes, who="Erin <b>&")
    assert mail_notifications(timestamp=0) == 1
    (message,) = mail.outbox
    (alternative,) = message.alternatives
    html = alternative.content
    assert message.message().get_content_type() == "multipart/alternative"
    assert alternative.mimetype == "text/html"
    assert "Erin <b>& released €400.00 to you" in message.body
    assert "Erin &lt;b&gt;&amp; released €400.00 to you" in html
    for text in (message.body, html):
        assert f"https://guild.example/notifications/{told.pk}/" in text
        assert "You get this because it concerns you on Guildpay." in text
        assert "No more e-mail about “Milestones and money for me”" in text
        assert "https://guild.example/notifications/unsubscribe/" in text
        assert "https://guild.example/preferences/notifications/" in text
        assert "Milepost" not in text
    assert "prefers-color-scheme: dark" in html
    assert not any(word in html for word in ("<img", "<script", "url(", "<link"))


def test_mail_programs_can_switch_it_off_with_one_click(wes, settings):
    """RFC 8058"""
    settings.SITE_URL = "https://guild.example"
    tell(wes)
    mail_notifications(timestamp=0)
    headers = mail.outbox[0].message()
    assert headers["List-Unsubscribe"].startswith("<https://guild.example/notifications/unsubscribe/")
    raw = headers.as_bytes()
    assert re.search(rb"^List-Unsubscribe:\s+<https://guild.example/notifications/unsubscribe/[\w:-]+/>$", raw, re.M)
    assert raw.lower().count(b"message-id:") == 1
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"].endswith("@guild.example>")


def test_where_the_site_has_no_https_there_is_no_one_click(wes, settings):
    settings.SITE_URL = "http://guild.example"
    tell(wes)
    mail_notifications(timestamp=0)
    assert "List-Unsubscribe" in mail.outbox[0].message()
    assert "List-Unsubscribe-Post" not in mail.outbox[0].message()


# --- Once, whatever dies ------------------------------------------------------------------------------------


def test_who_dies_before_sending_leaves_the_mail_to_the_next_run(wes):
    told = tell(wes)
    assert mailing.begin(told.pk) == told.pk
    assert len(mail.outbox) == 0
    assert mail_notifications(timestamp=0) == 1
    assert mail_notifications(timestamp=60) == 0
    assert len(mail.outbox) == 1


def test_who_dies_after_sending_makes_the_next_run_send_the_same_mail_by_the_same_name(wes):
    told = tell(wes)
    die_after_sending(mailing.begin(told.pk))
    assert mail_notifications(timestamp=0) == 1
    assert mail_notifications(timestamp=60) == 0
    first, second = (each.message() for each in mail.outbox)
    assert first["Message-ID"] == second["Message-ID"]
    assert mail.outbox[0].body == mail.outbox[1].body


def test_every_mail_has_a_name_of_its_own(wes, erin):
    told = [tell(wes), tell(wes), tell(erin)]
    mail_notifications(timestamp=0)
    assert len({each.message()["Message-ID"] for each in mail.outbox}) == 3
    name = mails.message_id(told[0].pk, told[0].created_at)
    assert name == mails.message_id(told[0].pk, told[0].created_at.astimezone(BERLIN))
    later = told[0].created_at + datetime.timedelta(microseconds=1)
    assert name != mails.message_id(told[0].pk, later), "a database made anew has the same ids"


def test_what_was_begun_is_sent_as_it_was_begun(daily):
    """It may have reached the member, so it must not change."""
    with time_machine.travel(NOON, tick=False):
        told = [tell(daily, who=f"Number {number}") for number in range(3)]
    with time_machine.travel(MORNING, tick=False):
        batch = mailing.begin(told[1].pk)
        assert batch == told[0].pk
        die_after_sending(batch)
        Notification.objects.filter(pk=told[2].pk).update(read_at=timezone.now())
        MailChoice.change(daily.pk, delivery=ONCE, off=["money"])
        tell(daily, who="Number 3")
        assert mail_notifications(timestamp=0) == 1
    first, second = mail.outbox
    assert first.body == second.body
    assert "Number 2" in second.body
    assert "Number 3" not in second.body
    assert first.message()["Message-ID"] == second.message()["Message-ID"]


def test_two_workers_do_not_send_the_same_mail(wes):
    told = tell(wes)
    batch = mailing.begin(told.pk)
    with psycopg.connect(**other_connection()) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"mail {batch}"])
        assert mailing.finish(batch) is False
    assert mailing.finish(batch) is True
    assert mailing.finish(batch) is False
    assert len(mail.outbox) == 1


def other_connection() -> dict[str, object]:
    wanted = ("dbname", "user", "host", "port", "password")
    return {name: value for name, value in connection.get_connection_params().items() if name in wanted and value}


@pytest.mark.django_db(transaction=True)
def test_who_reads_does_not_wait_for_the_mail_server(wes, monkeypatch):
    told = tell(wes)

    def read_meanwhile(message: EmailMultiAlternatives) -> int:
        with psycopg.connect(**other_connection()) as other:
            other.execute("SET lock_timeout = '2s'")
            other.execute("UPDATE accounts_notification SET read_at = now() WHERE id = %s", [told.pk])
        return 1

    monkeypatch.setattr(EmailMultiAlternatives, "send", read_meanwhile)
    assert mail_notifications(timestamp=0) == 1
    told.refresh_from_db()
    assert told.read_at
    assert told.mailed_at


def test_a_run_has_an_end(wes, monkeypatch):
    for _number in range(3):
        tell(wes)
    monkeypatch.setattr(tasks, "MOST", 2)
    assert [mail_notifications(timestamp=0) for _run in range(3)] == [2, 1, 0]


# --- Switched off -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", ["money", MailChoice.EVERYTHING])
def test_what_is_switched_off_is_told_in_the_app_only(wes, off):
    MailChoice.switch(wes.pk, off, on=False)
    tell(wes)
    tell(wes, kind="message-new")
    sent = mail_notifications(timestamp=0)
    assert sent == len(mail.outbox) == (1 if off == "money" else 0)
    assert wes.notifications.filter(read_at=None).count() == 2
    MailChoice.switch(wes.pk, off, on=True)
    assert mail_notifications(timestamp=60) == 0, "what came meanwhile is not mailed afterwards"
    assert {each.mail_skipped for each in wes.notifications.filter(kind="milestone-paid")} == {"off"}


def test_what_one_switches_off_another_still_gets(wes, erin):
    MailChoice.switch(wes.pk, "money", on=False)
    tell(wes)
    tell(erin)
    assert mail_notifications(timestamp=0) == 1
    assert mail.outbox[0].to == [erin.email]


# --- Digests ------------------------------------------------------------------------------------------------


def at(text: str, zone: str = "Europe/Berlin") -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone))


@pytest.mark.parametrize(
    ("told", "delivery", "zone", "due"),
    [
        ("2026-11-25T12:00", ONCE, "Europe/Berlin", "2026-11-25T12:00"),
        ("2026-11-25T07:59", DAILY, "Europe/Berlin", "2026-11-25T08:00"),
        ("2026-11-25T08:00", DAILY, "Europe/Berlin", "2026-11-26T08:00"),
        ("2026-11-25T23:59", DAILY, "Pacific/Auckland", "2026-11-26T08:00"),
        ("2026-11-25T12:00", WEEKLY, "Europe/Berlin", "2026-11-30T08:00"),
        ("2026-11-30T07:00", WEEKLY, "Europe/Berlin", "2026-11-30T08:00"),
        ("2026-11-30T08:00", WEEKLY, "Europe/Berlin", "2026-12-07T08:00"),
        ("2026-10-24T20:00", DAILY, "Europe/Berlin", "2026-10-25T08:00"),  # the clocks go back in that night
        ("2026-03-28T20:00", DAILY, "Europe/Berlin", "2026-03-29T08:00"),  # … and on
    ],
)
def test_a_digest_is_due_in_the_readers_own_morning(told, delivery, zone, due):
    there = zoneinfo.ZoneInfo(zone)
    assert digests.due(at(told, zone).astimezone(datetime.UTC), delivery, there) == at(due, zone)


def test_the_operator_sets_the_hour(settings):
    settings.DIGEST_HOUR = 17
    assert digests.due(NOON, DAILY, BERLIN) == NOON.replace(hour=17)


def test_who_named_no_time_zone_has_the_sites(wes, settings):
    settings.TIME_ZONE, wes.time_zone = "Asia/Tokyo", ""
    assert digests.zone_of(wes) == zoneinfo.ZoneInfo("Asia/Tokyo")


def test_a_digest_tells_all_together_once(daily):
    with time_machine.travel(NOON, tick=False):
        tell(daily, who="First")
        tell(daily, who="Chatty", kind="message-new")
        tell(daily, who="Second")
    assert run(NOON) == 0
    assert run(MORNING - datetime.timedelta(minutes=1)) == 0
    assert run(MORNING) == 1
    assert run(MORNING + datetime.timedelta(minutes=1)) == 0
    (message,) = mail.outbox
    assert message.subject == "Milepost: 3 new notifications"
    for text in (message.body, message.alternatives[0].content):
        places = [
            text.index(words) for words in ("Milestones and money for me", "Second", "First", "Messages", "Chatty")
        ]
        assert places == sorted(places), "grouped, the newest first"
        assert "because you asked Milepost to send your notifications together" in text
        assert "12:00" in text or "noon" in text, "in the reader's time zone"
    assert not daily.notifications.filter(mailed_at=None).exists()


def test_what_was_told_after_the_digest_waits_for_the_next(daily):
    with time_machine.travel(NOON, tick=False):
        tell(daily)
    assert run(MORNING) == 1
    with time_machine.travel(MORNING + datetime.timedelta(hours=1), tick=False):
        tell(daily, who="Late")
    assert run(MORNING + datetime.timedelta(hours=2)) == 0
    assert run(MORNING + datetime.timedelta(days=1)) == 1
    assert "Late" in mail.outbox[1].body


def test_what_was_read_is_left_out_of_a_digest(daily):
    with time_machine.travel(NOON, tick=False):
        tell(daily, who="Unread")
        notices.mark_read(daily.notifications.filter(pk=tell(daily, who="Known").pk))
    assert run(MORNING) == 1
    assert "Known" not in mail.outbox[0].body
    assert daily.notifications.get(words__who="Known").mail_skipped == "read"
    assert run(MORNING + datetime.timedelta(days=1)) == 0


def test_a_digest_of_nothing_is_no_mail(daily):
    with time_machine.travel(NOON, tick=False):
        tell(daily)
        notices.mark_read(daily.notifications.all())
    assert run(MORNING) == 0
    assert mail.outbox == []


def test_a_digest_leaves_out_what_is_switched_off(daily):
    MailChoice.change(daily.pk, delivery=DAILY, off=["messages"])
    with time_machine.travel(NOON, tick=False):
        tell(daily)
        tell(daily, kind="message-new")
    assert run(MORNING) == 1
    assert "writes about" not in mail.outbox[0].body


def test_a_digest_names_so_many_and_counts_the_others(daily):
    with time_machine.travel(NOON, tick=False):
        for number in range(53):
            tell(daily, who=f"Number {number} ")
    assert run(MORNING) == 1
    (message,) = mail.outbox
    assert message.subject == "Milepost: 53 new notifications"
    assert message.body.count("released") == 50
    assert "Number 52 " in message.body
    assert "Number 2 " not in message.body
    assert "and 3 more: http" in message.body


def test_a_digest_survives_a_kind_that_nobody_knows_any_more(daily):
    with time_machine.travel(NOON, tick=False):
        tell(daily)
        Notification.objects.create(member=daily, kind="of-an-older-release", path="/")
    assert run(MORNING) == 1
    assert "Something happened that is told on its page." in mail.outbox[0].body


def test_a_digest_that_could_not_be_sent_is_tried_again_as_a_whole(daily, monkeypatch):
    with time_machine.travel(NOON, tick=False):
        told = [tell(daily), tell(daily)]
        # Due in another order than told.
        Notification.objects.filter(pk=told[1].pk).update(mail_after=NOON - datetime.timedelta(days=1))

    def refuse(message: EmailMultiAlternatives) -> int:
        raise OSError("the mail server is away")

    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", refuse)
        minute = datetime.timedelta(minutes=1)
        assert [run(MORNING + number * minute) for number in range(4)] == [0, 0, 0, 0]
    assert list(daily.notifications.order_by("pk").values_list("mail_failures", flat=True)) == [3, 0]
    assert run(MORNING + 10 * minute) == 1
    assert mail.outbox[0].subject == "Milepost: 2 new notifications"


def test_who_wants_it_at_once_after_all_gets_what_waited(daily):
    with time_machine.travel(NOON, tick=False):
        tell(daily)
        tell(daily)
        assert mail_notifications(timestamp=0) == 0
        MailChoice.change(daily.pk, delivery=ONCE, off=[])
        assert mail_notifications(timestamp=60) == 2
        assert mail_notifications(timestamp=120) == 0
    assert {each.subject for each in mail.outbox} == {"Erin released €400.00 to you"}


def test_who_wants_a_digest_from_now_on_gets_what_waited_in_it(wes):
    with time_machine.travel(NOON, tick=False):
        tell(wes)
        tell(wes)
        MailChoice.change(wes.pk, delivery=DAILY, off=[])
        assert mail_notifications(timestamp=0) == 0
    assert run(MORNING + datetime.timedelta(hours=1)) == 1
    assert mail.outbox[0].subject == "Milepost: 2 new notifications"


def test_a_digest_is_begun_by_one_of_two_workers(daily):
    with time_machine.travel(NOON, tick=False):
        told = [tell(daily), tell(daily)]
    with time_machine.travel(MORNING, tick=False):
        assert [mailing.begin(each.pk) for each in told] == [told[0].pk, None]
