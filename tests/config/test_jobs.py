"""A dead job is visible to staff, who can have it tried again and do nothing else to it (issue 3, point 6)."""

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from support.desk.models import Errand
from tests.steps import page, token_of

pytestmark = pytest.mark.django_db
AGAIN = "/admin/jobs/again/"
LIST = "/admin/procrastinate/procrastinatejob/"


@pytest.fixture
def staff(settings, signed_in, sue) -> Client:
    """Staff who may look at jobs."""
    settings.STAFF_SECOND_FACTOR = False
    sue.user_permissions.add(Permission.objects.get(codename="view_procrastinatejob"))
    return signed_in(sue)


def job(status: str = "todo", **options: str) -> ProcrastinateJob:
    task = app.configure_task("finances.payments.tasks.look_up_payment", **options)
    pk = task.defer(payment_id=4711)
    with connection.cursor() as cursor:  # as the worker does
        for step in {"todo": (), "failed": ("doing", "failed")}.get(status, ("doing", status)):
            cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [step, pk])
        if status == "failed":
            cursor.execute("UPDATE procrastinate_jobs SET attempts = 9 WHERE id = %s", [pk])
    return ProcrastinateJob.objects.get(pk=pk)


def try_again(client: Client, *jobs: ProcrastinateJob, standing: str = "failed") -> str:
    chosen = {"action": "try_again", "_selected_action": [one.pk for one in jobs]}
    answer = client.post(f"{LIST}?standing={standing}", chosen, follow=True)
    if answer.status_code == 409:
        return page(answer)
    address = answer.redirect_chain[-1][0]
    assert client.post(address, {"reason": ""}).status_code == 422
    shown = client.post(address, {"reason": "The provider is back."})
    return page(client.post(address, {"token": token_of(shown)}, follow=True))


def status(one: ProcrastinateJob) -> str:
    return ProcrastinateJob.objects.get(pk=one.pk).status


def test_p70_staff_are_told_of_a_dead_job_on_their_first_page(staff):
    assert "failed" not in page(staff.get("/admin/"))
    for number in ("1", "2"):
        job("failed")
        queue = f'<a href="{LIST}" class="bad">Jobs that failed for good</a></th><td class="num">{number}</td>'
        assert queue in page(staff.get("/admin/"))


def test_p70_the_list_begins_with_what_failed(staff):
    dead, waiting, done = job("failed"), job(), job("succeeded")
    text = page(staff.get(LIST))
    assert f"{LIST}{dead.pk}/change/" in text
    assert ">look_up_payment<" in text
    assert "4711" in text
    assert f"{LIST}{waiting.pk}/change/" not in text
    assert f"{LIST}{waiting.pk}/change/" in page(staff.get(f"{LIST}?standing=todo"))
    assert f"{LIST}{done.pk}/change/" in page(staff.get(f"{LIST}?standing=done"))
    assert f"{LIST}{dead.pk}/change/" in page(staff.get(f"{LIST}?q={dead.pk}"))
    story = page(staff.get(f"{LIST}{dead.pk}/change/"))
    for words in ("deferred", "started", "failed"):
        assert words in story


def test_a_failed_job_is_tried_again(staff):
    dead, other = job("failed"), job("failed")
    assert "Jobs that are tried again: 1." in try_again(staff, dead)
    assert (status(dead), status(other)) == ("todo", "failed")
    errand = Errand.objects.get()
    assert (errand.action, errand.jobs, errand.reason) == ("retry", [dead.pk], "The provider is back.")
    assert ProcrastinateJob.objects.get(pk=dead.pk).queue_name == dead.queue_name


def test_trying_again_twice_is_once_and_touches_nothing_that_has_not_failed(staff):
    dead, running = job("failed"), job("doing")
    assert "Jobs that are tried again: 1." in try_again(staff, dead, running)
    assert "None of these jobs failed." in try_again(staff, dead, running, standing="todo")
    assert "None of these jobs failed." in try_again(staff, dead, running, standing="doing")
    assert (status(dead), status(running)) == ("todo", "doing")


def test_nothing_but_numbers_of_jobs_is_understood(staff):
    dead = job("failed")
    for text in ("", "?job=x", f"?job={dead.pk}x", "?job=-1", "?job=999999999999999999", "?job=%00"):
        assert staff.get(f"{AGAIN}{text}").status_code == 409
    token = token_of(staff.post(f"{AGAIN}?job={dead.pk}", {"reason": "The provider is back."}))
    for _ in range(2):  # a double click
        assert staff.post(f"{AGAIN}?job={dead.pk}", {"token": token}).status_code == 302
    assert Errand.objects.count() == 1


def test_what_waits_already_is_not_queued_twice(staff):
    """Two of a task that may wait only once: the second one says so, and is no error."""
    dead, again = job("failed", queueing_lock="once"), job("failed", queueing_lock="once")
    text = try_again(staff, dead, again)
    assert "Jobs that are tried again: 1." in text
    left = dead if status(dead) == "failed" else again
    assert "their like is waiting already" in try_again(staff, left)
    assert sorted((status(dead), status(again))) == ["failed", "todo"]


@pytest.mark.parametrize("action", ["cancel", "abort", "retry", "delete_selected"])
def test_nobody_can_cancel_a_job(staff, action):
    """A withdrawal that waits for its pause would not be sent."""
    waiting = job()
    for address in (LIST, f"{LIST}?standing=todo"):
        assert f'value="{action}"' not in page(staff.get(address))
        staff.post(address, {"action": action, "_selected_action": waiting.pk, "post": "yes"})
        assert status(waiting) == "todo"
        assert not ProcrastinateJob.objects.get(pk=waiting.pk).abort_requested


def test_p70_nothing_can_be_added_changed_or_deleted(staff):
    dead = job("failed")
    assert staff.get(f"{LIST}add/").status_code == 403
    assert staff.post(f"{LIST}{dead.pk}/change/", {"status": "succeeded"}).status_code == 403
    assert staff.post(f"{LIST}{dead.pk}/delete/", {"post": "yes"}).status_code == 403
    assert status(dead) == "failed"


def test_p82_who_may_not_read_jobs_hears_nothing_of_them(settings, signed_in, erin, mia):
    settings.STAFF_SECOND_FACTOR = False
    dead = job("failed")
    assert "failed" not in page(signed_in(mia).get("/admin/"))
    for client, code in ((signed_in(mia), 403), (signed_in(erin), 302)):
        assert client.get(LIST).status_code == code
        assert client.post(LIST, {"action": "try_again", "_selected_action": dead.pk}).status_code == code
        assert client.post(f"{AGAIN}?job={dead.pk}", {"reason": "Please."}).status_code == code
    assert status(dead) == "failed"
