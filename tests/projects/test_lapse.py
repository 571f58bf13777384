"""An award that is not answered in time lapses by itself (P4)."""

import uuid

import pytest

from accounts.models import Notification
from accounts.tasks import mail_notification
from config.refusals import WrongState
from finances.ledger.models import Account
from projects.models import Award, AwardEvent
from projects.tasks import lapse_awards, remind_of_awards
from tests import factories


@pytest.fixture(autouse=True)
def _ten_o_clock(time_machine) -> None:
    time_machine.move_to("2026-11-24 10:00:00 +0000", tick=False)


def test_lapses_after_36_hours_and_gives_everything_back(award, erin, wes, hold, time_machine):
    milestone = hold(award, 40_000)
    time_machine.shift(36 * 3600 - 1)
    assert lapse_awards() == 0
    time_machine.shift(1)
    assert lapse_awards() == 1
    award.refresh_from_db()
    milestone.refresh_from_db()
    assert (award.state, award.bid.state, milestone.state) == ("lapsed", "placed", "cancelled")
    assert Account.wallet(erin.pk, "EUR").balance == 100_000
    event = AwardEvent.objects.get(award=award, action="lapse")
    assert (event.actor, event.at.isoformat()) == (None, "2026-11-25T22:00:00+00:00")
    told = Notification.objects.filter(kind="award-lapsed").values_list("member__name", flat=True)
    assert sorted(told) == [erin.name, wes.name]


def test_the_operator_sets_the_time(erin, settings, time_machine):
    settings.AWARD_ANSWER_HOURS = 2
    award = factories.AwardFactory(employer=erin)
    time_machine.shift(2 * 3600)
    lapse_awards()
    award.refresh_from_db()
    assert award.state == "lapsed"


def test_a_job_that_runs_late_finds_all_that_are_overdue(erin, time_machine):
    awards = [factories.AwardFactory(employer=erin) for _ in range(3)]
    time_machine.shift(30 * 24 * 3600)
    assert lapse_awards() == 3
    assert not Award.objects.filter(pk__in=[award.pk for award in awards]).exclude(state="lapsed").exists()


def test_a_job_that_runs_twice_does_nothing_more(award, hold, erin, time_machine):
    hold(award, 40_000)
    time_machine.shift(37 * 3600)
    overdue = Award.objects.overdue().get()
    lapse_awards()
    assert lapse_awards() == 0
    # A second runner that had read the list before the first one came:
    overdue.lapse(key=AwardEvent.objects.get(action="lapse").key)
    assert AwardEvent.objects.filter(action="lapse").count() == 1
    assert Notification.objects.filter(kind="award-lapsed").count() == 2
    assert Account.wallet(erin.pk, "EUR").balance == 100_000


def test_one_that_fails_keeps_no_other_from_lapsing(erin, time_machine, monkeypatch, caplog):
    first, second = (factories.AwardFactory(employer=erin) for _ in range(2))
    lapse = Award.lapse

    def failing(award, *, key):
        if award.pk == first.pk:
            raise OSError("the disk is full")
        return lapse(award, key=key)

    monkeypatch.setattr(Award, "lapse", failing)
    time_machine.shift(37 * 3600)
    assert lapse_awards() == 1
    second.refresh_from_db()
    assert second.state == "lapsed"
    assert f"award {first.pk} could not lapse" in caplog.text


def test_an_answered_award_does_not_lapse(award, time_machine):
    factories.accepted(award)
    time_machine.shift(37 * 3600)
    assert lapse_awards() == 0
    award.refresh_from_db()
    assert award.state == "accepted"


def test_nobody_can_let_an_award_lapse_before_its_time(award):
    with pytest.raises(WrongState, match="still has time"):
        award.lapse(key=uuid.uuid4())


def reminders() -> list[Notification]:
    return list(Notification.objects.filter(kind="award-reminder").select_related("member"))


def test_the_freelancer_is_reminded_twelve_hours_before(award, wes, time_machine):
    time_machine.shift(24 * 3600 - 1)
    assert (remind_of_awards(), reminders()) == (0, [])
    time_machine.shift(1)
    assert remind_of_awards() == 1
    (told,) = reminders()
    assert told.member == wes
    award.refresh_from_db()
    assert (award.state, award.events.last().action, award.events.last().actor) == ("awaiting", "remind", None)


def test_a_reminder_job_that_runs_twice_reminds_once(award, time_machine):
    time_machine.shift(25 * 3600)
    assert remind_of_awards() == 1
    assert remind_of_awards() == 0
    # A second runner that had read the list before the first one was done:
    award.remind(key=award.events.get(action="remind").key)
    assert len(reminders()) == 1


def test_a_reminder_job_that_runs_too_late_reminds_nobody(award, time_machine):
    time_machine.shift(36 * 3600)
    assert remind_of_awards() == 0
    with pytest.raises(WrongState, match="has run out"):
        award.remind(key=uuid.uuid4())
    assert reminders() == []


def test_nobody_is_reminded_of_an_award_that_was_answered(award, time_machine):
    factories.accepted(award)
    time_machine.shift(25 * 3600)
    assert remind_of_awards() == 0
    with pytest.raises(WrongState):
        award.remind(key=uuid.uuid4())
    assert reminders() == []


def test_no_member_reminds_by_hand(award, erin, wes):
    assert not any(award.allows("remind", member) for member in (erin, wes))


def test_a_short_time_has_its_reminder_half_way(erin, settings, time_machine):
    settings.AWARD_ANSWER_HOURS = 2
    factories.AwardFactory(employer=erin)
    assert remind_of_awards() == 0
    time_machine.shift(3600)
    assert remind_of_awards() == 1


def test_the_deadline_is_told_in_the_readers_time_zone(award, wes, signed_in, time_machine, mailoutbox):
    wes.time_zone = "Asia/Tokyo"
    wes.save()
    time_machine.shift(24 * 3600)
    remind_of_awards()
    (told,) = reminders()
    mail_notification(told.pk)
    for page in ("/notifications/", f"/projects/{award.project_id}/"):
        assert "26 Nov 2026, 07:00 JST" in signed_in(wes).get(page).content.decode()
    assert "26 Nov 2026, 07:00 JST" in mailoutbox[-1].body
