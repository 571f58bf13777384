"""What the staff have done once more (P71): a mail sent, the books checked; a reason, asked twice, on record."""

import uuid
from datetime import timedelta

import pytest
import time_machine

from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import MailChoice, Member, Notification
from accounts.notices import group_of, tell
from accounts.tasks import mail_notifications
from config.refusals import KeyConflict, WrongState
from support.desk.models import Errand
from support.desk.tasks import mail_again
from tests import factories
from tests.steps import page, token_of

pytestmark = pytest.mark.django_db
CHECK = "/admin/books/check/?check="


@pytest.fixture(autouse=True)
def _door(settings) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def sue(sue) -> Member:
    sue.groups.add(Group.objects.get(name="support"))
    return sue


@pytest.fixture
def finn(db) -> Member:
    finn = factories.MemberFactory(name="Finn Aalto", email="finn@example.com", is_staff=True)
    finn.groups.add(Group.objects.get(name="finance"))
    return finn


@pytest.fixture
def told(wes) -> Notification:
    """Wes was told something, and it was mailed."""
    tell(wes, "account-restore", "/preferences/", reason="All is well.")
    mail_notifications(timestamp=0)
    return wes.notifications.latest("pk")


def address(told: Notification) -> str:
    return f"/admin/accounts/notification/{told.pk}/mail/"


def send(told: Notification, by: Member, **about) -> Errand:
    return Errand.record("mail", told, by=by, **{"reason": "It never came.", "key": uuid.uuid4(), **about})


def jobs() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        return [name.rpartition(".")[2] for (name,) in cursor.fetchall()]


def test_a_mail_is_sent_again_once_for_a_reason(told, wes, sue, signed_in):
    client = signed_in(sue)
    assert address(told) in client.get(f"/admin/accounts/notification/{told.pk}/change/").text
    assert "All is well." in page(client.get(address(told)))
    assert client.post(address(told), {"reason": ""}).status_code == 422
    shown = client.post(address(told), {"reason": "It <b>never</b> came."})
    assert "It &lt;b&gt;never" in shown.text
    assert not Errand.objects.exists()
    for _ in range(2):
        assert client.post(address(told), {"token": token_of(shown)}).status_code == 302
    errand = Errand.objects.get()
    assert (errand.actor, errand.reason, errand.notification) == (sue, "It <b>never</b> came.", told)
    assert errand.address == "127.0.0.1"
    assert jobs().count("mail_again") == 1
    mail_again(errand.pk)
    first, second = mail.outbox
    assert (second.to, second.subject, second.body) == (first.to, first.subject, first.body)
    ids = [each.message()["Message-ID"] for each in (first, second)]
    assert ids[0] != ids[1]
    mail_again(errand.pk)
    assert mail.outbox[2].message()["Message-ID"] == ids[1]
    assert wes.notifications.count() == 1


def test_not_what_will_be_mailed_anyway_nor_against_their_choice_nor_twice_in_ten_minutes(told, wes, sue, signed_in):
    tell(wes, "account-restore", "/preferences/", reason="Later.")
    with pytest.raises(WrongState):
        send(wes.notifications.latest("pk"), sue)
    choice = MailChoice.locked(wes.pk)
    choice.off = [group_of("account-restore")]
    choice.save()
    assert signed_in(sue).get(address(told)).status_code == 409
    with pytest.raises(WrongState):
        send(told, sue)
    choice.off = []
    choice.save()
    send(told, sue)
    with pytest.raises(WrongState):
        send(told, sue)
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        send(told, sue)
    assert Errand.objects.count() == 2


@pytest.mark.parametrize("action", ["verify", "compare"])
def test_the_books_are_checked_anew_for_a_reason(action, finn, signed_in):
    client = signed_in(finn)
    assert f"?check={action}" in client.get("/admin/books/").text
    assert client.post(CHECK + action, {"reason": " "}).status_code == 422
    token = token_of(client.post(CHECK + action, {"reason": "Somebody asked."}))
    assert jobs() == []
    for _ in range(2):
        assert client.post(CHECK + action, {"token": token}).status_code == 302
    Errand.record(action, reason="Once more.", by=finn, key=uuid.uuid4())
    assert jobs() == [{"verify": "verify_ledger", "compare": "compare_with_provider"}[action]], (
        "one that waits is enough"
    )
    assert [errand.reason for errand in Errand.objects.order_by("pk")] == ["Somebody asked.", "Once more."]


def test_each_group_its_own(told, wes, sue, finn, signed_in):
    assert signed_in(finn).get(address(told)).status_code == 403
    assert signed_in(finn).post(address(told), {"reason": "Please."}).status_code == 403
    assert signed_in(sue).post(f"{CHECK}verify", {"reason": "Please."}).status_code == 403
    assert signed_in(finn).get(f"{CHECK}all").status_code == 404
    for by, about in ((finn, ("mail", told)), (sue, ("verify", None)), (wes, ("verify", None))):
        with pytest.raises(PermissionDenied):
            Errand.record(*about, reason="Please.", by=by, key=uuid.uuid4())
    assert not Errand.objects.exists()


def test_one_confirmation_is_of_one_step_and_one_person(told, wes, sue, finn, signed_in):
    key = uuid.uuid4()
    send(told, sue, key=key)
    assert send(told, sue, key=key).pk == Errand.objects.get().pk
    with pytest.raises(KeyConflict):
        Errand.record("verify", reason="Please.", by=finn, key=key)
    token = token_of(signed_in(finn).post(f"{CHECK}verify", {"reason": "Please."}))
    assert signed_in(finn).post(f"{CHECK}compare", {"token": token}).status_code == 422
    assert Errand.objects.count() == 1


def test_what_was_done_stays(told, sue):
    errand = send(told, sue)
    for change in (lambda: Errand.objects.update(reason="Another."), lambda: Errand.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        Errand.objects.create(action="mail", actor=sue, reason="About nothing.")
    errand.refresh_from_db()
    assert errand.reason == "It never came."
