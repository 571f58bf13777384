"""What the processes do that die while members are told: release money, and mail what was told."""

import json
import os
import random
import signal
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine
from procrastinate.exceptions import AlreadyEnqueued

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts import mails, notices
from accounts.models import MailChoice, Member, Notification
from accounts.tasks import mail_notifications
from finances.ledger.verification import verify
from finances.payments.deposits import record_deposit
from milestones import notices as told_of_milestones
from milestones.models import Milestone, MilestoneEvent
from projects.models import Award
from tests.faults.mailbox import Mailbox
from tests.money import EUR
from tests.steps import books

LATER = timedelta(days=8)  # when every digest is due


def stock(delivery: str) -> None:
    """Erin puts much on hold for Wes, who has chosen how he gets his mail, and has none yet."""
    award = Award.objects.select_related("employer").get()
    record_deposit(award.employer, EUR("50000.00"), key=uuid.uuid4())
    Milestone.create(award, task="Everything", amount=4_000_000, by=award.employer, key=uuid.uuid4())
    MailChoice.change(award.freelancer_id, delivery=delivery, off=[])
    notices.mark_read(Notification.objects.all())
    Notification.objects.update(mailed_at=timezone.now())


def release(seed: int, dies: str, left: int, asked: str) -> None:
    """Be a web process in which Erin releases, one request after another, until death comes.

    ``moved``: the money has moved, and nobody was told. ``told``: both, and nothing is committed. ``done``: all is
    committed, and nobody has heard of it. What was asked for last, in the file *asked*, is asked for once more at the
    beginning: Erin saw no answer, and presses the button again.
    """
    dice, deaths = random.Random(seed), Countdown(left)
    tell = told_of_milestones.released

    def tell_and_perhaps_die(*args: Any) -> None:
        deaths.perhaps(dies == "moved")
        tell(*args)
        deaths.perhaps(dies == "told")

    told_of_milestones.released = tell_and_perhaps_die
    milestone, erin = Milestone.objects.get(), Member.objects.get(email="erin@example.com")
    lines = Path(asked).read_text().splitlines() if Path(asked).exists() else []
    if lines:
        key, amount = json.loads(lines[-1])
        milestone.release(amount, by=erin, key=uuid.UUID(key))
    while True:
        key, amount = str(uuid.uuid4()), dice.randint(1, 500)
        with open(asked, "a") as file:
            file.write(json.dumps([key, amount]) + "\n")
        milestone.release(amount, by=erin, key=uuid.UUID(key))
        deaths.perhaps(dies == "done")


class Countdown:
    """Kill −9 of this process by its own hand, at the moment that is asked for."""

    def __init__(self, left: int) -> None:
        self.left = left

    def perhaps(self, here: bool) -> None:
        self.left -= here
        if here and self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def post(place: str, dies: str, left: int, digest: bool) -> int:
    """Mail what is due: as the real worker until death comes, or, eight days later, one run of its job."""
    settings.EMAIL_BACKEND = "tests.faults.mailbox.Mailbox"
    Mailbox.place, Mailbox.dies, Mailbox.left = Path(place), dies, left
    if digest:
        with time_machine.travel(timezone.now() + LATER):
            return mail_notifications(timestamp=0)
    with suppress(AlreadyEnqueued):
        mail_notifications.defer(timestamp=0)
    connection.close()
    call_command("worker")
    return 0


def post_all(place: str) -> list[int]:
    """Mail all that is left, and say how many mails that were in each run, to the second one that had none."""
    runs = [post(place, "", 0, digest=True)]
    while runs[-2:] != [0, 0]:
        runs.append(post(place, "", 0, digest=True))
    return runs


def told() -> dict[str, Any]:
    """Say what happened, who was told of it, and in which mail."""
    rows = Notification.objects.filter(kind__startswith="milestone-released").order_by("pk")
    first = {row.pk: row.created_at for row in rows}
    return {
        "released": [event.get_absolute_url() for event in MilestoneEvent.objects.filter(action="release")],
        "told": [[row.pk, row.path, row.mail_batch, row.mailed_at is not None] for row in rows],
        "mails": {batch: mails.message_id(batch, first[batch]) for batch in {row.mail_batch for row in rows} if batch},
        "wrong": [difference.sentence for difference in verify()] + books(),
    }


DEEDS: dict[str, Callable[..., Any]] = {
    "stock": stock,
    "release": release,
    "post": post,
    "post_all": post_all,
    "told": told,
}
