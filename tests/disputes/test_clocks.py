"""The clocks: absences that stop them, reminders once each, however late or often the job runs (P42)."""

import datetime
import uuid

import pytest

from django.utils import timezone

from accounts.todo import all_of
from config.refusals import WrongState
from disputes import reminders
from disputes.models import Dispute, Said
from disputes.tasks import remind_of_disputes
from disputes.todo import disputes_under_way
from milestones import standing
from projects.models import Standing
from projects.tasks import lapse_awards
from tests import factories
from tests.projects.test_races import at_once
from tests.situation import hold
from tests.steps import error_at, page

DAY = datetime.timedelta(days=1)


def key():
    return uuid.uuid4()


def again(thing):
    return type(thing).objects.get(pk=thing.pk)


def told(member, kind):
    return member.notifications.filter(kind=kind).count()


def left(dispute, **time):
    """Give the dispute so much time until it has to be answered."""
    at = timezone.now() + datetime.timedelta(**time)
    Dispute.objects.filter(pk=dispute.pk).update(answer_by=at, escalate_from=at)


# Absence ---------------------------------------------------------------------------------------------------------


def test_an_absence_stops_the_clock_against_who_is_away(disputed, wes, erin):
    before = disputed.answer_by
    until = timezone.now() + 3 * DAY
    disputed.absence(until, by=wes, key=key())
    now = again(disputed)
    assert datetime.timedelta(days=3) - (now.answer_by - before) < datetime.timedelta(minutes=1)
    assert now.escalate_from == now.answer_by
    assert told(erin, "dispute-away") == 1


def test_it_can_be_said_once_in_a_dispute(disputed, wes):
    disputed.absence(timezone.now() + DAY, by=wes, key=key())
    with pytest.raises(WrongState, match="once"):
        disputed.absence(timezone.now() + DAY, by=wes, key=key())


def test_who_opened_it_has_no_clock_against_them_at_first(disputed, erin, wes):
    with pytest.raises(WrongState, match="Nothing runs out"):
        disputed.absence(timezone.now() + DAY, by=erin, key=key())
    disputed.offer([1], by=wes, key=key())
    before = again(disputed).escalate_from
    disputed.absence(timezone.now() + DAY, by=erin, key=key())
    assert again(disputed).escalate_from > before


@pytest.mark.parametrize("time", [datetime.timedelta(minutes=59), datetime.timedelta(days=5, minutes=1), -DAY])
def test_it_is_no_longer_than_the_rules_say(disputed, wes, time):
    with pytest.raises(WrongState, match="no longer than"):
        disputed.absence(timezone.now() + time, by=wes, key=key())


def test_a_clock_that_has_run_out_is_not_wound_back(disputed, wes, moved):
    moved(disputed, seconds=disputed.rules.answer)
    with pytest.raises(WrongState, match="Nothing runs out"):
        disputed.absence(timezone.now() + DAY, by=wes, key=key())


def test_in_arbitration_it_moves_the_questions_of_that_side_alone(escalated, arbitrator, erin, wes):
    escalated.take(by=arbitrator, key=key())
    escalated.ask("Which pictures?", of=["employer", "freelancer"], by=arbitrator, key=key())
    escalated.ask("Since when?", of=["freelancer"], by=arbitrator, key=key())
    first, second = escalated.questions.all()
    escalated.answer(second, Said("Since May."), by=wes, key=key())
    escalated.absence(timezone.now() + 2 * DAY, by=wes, key=key())
    assert again(first).freelancer_by > first.freelancer_by + DAY
    assert (again(first).employer_by, again(second).freelancer_by) == (first.employer_by, second.freelancer_by)


def test_the_page_takes_days_and_no_more_than_there_are(disputed, wes, signed_in):
    client, url = signed_in(wes), f"/disputes/{disputed.pk}/absence/"
    for bad in ("", "0", "6", "-1", "x"):
        answer = client.post(url, {"days": bad})
        assert answer.status_code == 422
        assert error_at(answer, "days")
    assert client.post(url, {"days": "5"}).status_code == 302
    assert client.get(url).status_code == 409
    assert "away until" in page(client.get(disputed.get_absolute_url()))


# Reminders -------------------------------------------------------------------------------------------------------


def test_two_days_and_one_day_before_the_answer_is_due_it_is_reminded_of(disputed, wes, time_machine):
    time_machine.move_to(disputed.answer_by - datetime.timedelta(days=2, minutes=1), tick=False)
    assert remind_of_disputes() == 0
    for number, before in enumerate((datetime.timedelta(days=2), datetime.timedelta(days=1)), 1):
        time_machine.move_to(disputed.answer_by - before, tick=False)
        assert (remind_of_disputes(), remind_of_disputes()) == (1, 0)
        assert told(wes, "dispute-answer-due") == number


def test_a_job_that_comes_late_reminds_once_of_what_is_next(disputed, erin, wes, time_machine):
    time_machine.move_to(disputed.answer_by - datetime.timedelta(hours=3), tick=False)
    remind_of_disputes()
    remind_of_disputes()
    assert told(wes, "dispute-answer-due") == 1
    time_machine.move_to(disputed.answer_by + datetime.timedelta(days=9), tick=False)
    remind_of_disputes()
    remind_of_disputes()
    assert (told(wes, "dispute-answer-due"), told(erin, "dispute-answer-late")) == (1, 1)
    assert again(disputed).state == "opened"  # a deadline does nothing by itself


def test_a_clock_that_was_moved_reminds_anew(disputed, wes):
    left(disputed, hours=20)
    remind_of_disputes()
    disputed.absence(timezone.now() + 3 * DAY, by=wes, key=key())
    assert remind_of_disputes() == 0
    left(disputed, hours=20)
    assert remind_of_disputes() == 1
    assert told(wes, "dispute-answer-due") == 2


def test_both_hear_when_an_arbitrator_can_be_called(disputed, erin, wes, moved):
    disputed.offer([30_000], by=wes, key=key())
    assert remind_of_disputes() == 0
    moved(disputed, seconds=disputed.rules.negotiation)
    assert (remind_of_disputes(), remind_of_disputes()) == (1, 0)
    assert told(erin, "dispute-may-escalate") == told(wes, "dispute-may-escalate") == 1


def test_a_question_that_was_not_answered_is_reminded_of(escalated, arbitrator, erin, wes, time_machine):
    escalated.take(by=arbitrator, key=key())
    escalated.ask("Which pictures?", of=["employer", "freelancer"], by=arbitrator, key=key())
    question = escalated.questions.get()
    escalated.answer(question, Said("These."), by=erin, key=key())
    time_machine.move_to(question.freelancer_by - DAY, tick=False)
    assert remind_of_disputes() == 1
    assert (told(erin, "dispute-question-due"), told(wes, "dispute-question-due")) == (0, 1)


def test_whoever_may_decide_hears_of_a_verdict_that_is_due_and_late(escalated, arbitrator, sue, time_machine):
    time_machine.move_to(escalated.verdict_by - DAY, tick=False)
    remind_of_disputes()
    time_machine.move_to(escalated.verdict_by + DAY, tick=False)
    remind_of_disputes()
    assert (told(arbitrator, "dispute-verdict-due"), told(arbitrator, "dispute-verdict-late")) == (1, 1)
    assert not sue.notifications.exists()


def test_an_answer_in_time_is_reminded_of_no_more(disputed, wes):
    left(disputed, hours=20)
    reminder = next(reminders.due(again(disputed), timezone.now()))
    disputed.offer([1], by=wes, key=key())
    assert not reminders.remind(disputed, reminder.which)
    assert told(wes, "dispute-answer-due") == 0


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_remind_once(disputed, wes, caplog):
    left(disputed, hours=20)
    numbers = at_once(remind_of_disputes, remind_of_disputes, remind_of_disputes)
    assert sum(numbers) == 1
    assert caplog.records == []  # none of them has failed, either
    assert told(wes, "dispute-answer-due") == 1


def test_what_the_settings_say_later_moves_no_clock_that_runs(settings, disputed, dispute_of, award, wes, erin):
    settings.DISPUTE_NEGOTIATION_HOURS = 1
    settings.DISPUTE_ANSWER_HOURS = 1
    disputed.offer([1], by=wes, key=key())
    assert again(disputed).escalate_from > timezone.now() + datetime.timedelta(hours=71)
    other = dispute_of([hold(award, "Footer", 100)], [0], by=erin)
    assert other.answer_by < timezone.now() + datetime.timedelta(hours=2)


def test_one_dispute_that_fails_keeps_no_other_from_its_reminder(disputed, dispute_of, award, erin, wes, monkeypatch):
    other = dispute_of([hold(award, "Footer", 100)], [0], by=erin)
    left(disputed, hours=20)
    left(other, hours=20)
    real = reminders.remind

    def fails(dispute, which):
        if dispute.pk == disputed.pk:
            raise RuntimeError
        return real(dispute, which)

    monkeypatch.setattr(reminders, "remind", fails)
    assert remind_of_disputes() == 1


# What follows elsewhere ------------------------------------------------------------------------------------------


def test_the_home_page_says_whose_move_it_is(disputed, erin, wes):
    (his,) = [entry for entry in all_of(wes) if disputed.reference in entry.words]
    (hers,) = [entry for entry in all_of(erin) if disputed.reference in entry.words]
    assert (his.mine, hers.mine) == (True, False)
    assert his.until == disputed.answer_by
    assert his.minor == 40_000
    disputed.offer([1], by=wes, key=key())
    (hers,) = [entry for entry in all_of(erin) if disputed.reference in entry.words]
    assert hers.mine


def test_the_lapse_waits_for_the_dispute_to_end(dispute_of, employer, wes, time_machine):
    offer = factories.AwardFactory(employer=employer, freelancer=wes)
    dispute = dispute_of([hold(offer, "First draft", 20_000)], [20_000], by=wes)
    time_machine.move_to(offer.answer_by + DAY)
    assert lapse_awards() == 0
    dispute.withdraw(by=wes, key=key())
    assert lapse_awards() == 1


def test_the_standing_says_how_much_was_disputed(disputed, award, erin, wes):
    hold(award, "Footer", 100)
    standing.refresh()
    assert Standing.objects.get(member=wes, side="freelancer").disputed == 500
    assert Standing.objects.get(member=erin, side="employer").disputed == 500
    disputed.withdraw(by=erin, key=key())
    standing.refresh()
    assert not Standing.objects.filter(disputed__gt=0).exists()


def test_the_home_page_asks_a_bounded_number_of_times(disputed, wes, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        list(disputes_under_way(wes))
