"""Makes the demo: the cast, then everything that they did in the last months, in the order of time."""

import datetime
import uuid
from collections.abc import Callable

from allauth.account.models import EmailAddress
from procrastinate.contrib.django import app as jobs

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Member, Notification
from config.seen import UNSEEN
from demo import (
    banking,
    chatting,
    consenting,
    correcting,
    erin,
    erin_asks,
    erin_house,
    erin_talk,
    profiles,
    quarrelling,
    story,
    till,
)
from demo.clock import Clock, moved
from demo.people import PEOPLE
from demo.signins import ACCOUNTANT, PASSWORD, SIGN_INS
from demo.stage import Stage, Story, days, hours
from demo.works import WORKS
from demo.works.sites import GUEST_HOUSE, LATE_ARRIVALS
from finances.ledger import folding
from finances.ledger.verification import verify_and_record
from milestones import standing
from support.desk.models import Look, LookEnd, Suspension

COMPARE = "finances.payments.tasks.compare_with_provider"
LOCK = 0x6D696C65  # whoever holds it makes the demo
DAYS_OF_HISTORY = 240


class NotHere(Exception):
    """This is no place for a demo; the message says why."""


def is_there() -> bool:
    """Return whether the demo was made. It is made in one transaction, so that all of it is there, or nothing."""
    addresses = [sign_in.email for sign_in in SIGN_INS if sign_in.email != ACCOUNTANT]  # who came later
    return Member.objects.filter(email__in=addresses).count() == len(addresses)


def make(told: Callable[[str], None] = lambda words: None) -> bool:
    """Make the demo, once, and return whether it was made now. *told* hears of the progress, in words.

    Raises NotHere in production, and where the database has members already who are not the demo's.
    """
    if settings.PRODUCTION:
        raise NotHere("This is a production installation: there is no demo here.")
    with transaction.atomic():
        with connection.cursor() as cursor:  # a second one that starts meanwhile waits, and then finds it there
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if is_there():
            return False
        if Member.objects.exists():
            raise NotHere("This database has members of its own, so no demo was put beside them.")
        clock = Clock(timezone.now())
        with moved(clock), till.opened():
            _play(clock, told)
        _settle(clock.now)
    return True


def _play(clock: Clock, told: Callable[[str], None]) -> None:
    stage = Stage(clock, _cast(clock.now))
    told(f"{len(stage.cast)} members have signed up.")
    clock.now = stage.end - days(DAYS_OF_HISTORY)
    banking.open_accounts(stage)
    stage.enter(profiles.introduce(stage), clock.now)
    stage.enter(banking.bank_debits(stage), stage.end - days(200))
    stage.enter(banking.of_wes(stage), stage.end - days(30))
    stage.enter(banking.of_ana(stage), stage.end - days(25))
    stage.enter(banking.steps(stage), stage.end - days(17))
    stage.enter(erin.savings(stage), stage.end - days(19))
    stage.enter(erin.guest_house(stage), stage.end - days(GUEST_HOUSE.posted))
    stage.enter(erin_asks.begin(stage), stage.end - days(GUEST_HOUSE.posted))
    stage.enter(erin.late_arrivals(stage), stage.end - days(LATE_ARRIVALS.posted))
    for beside, ago in erin_house.stories(stage):
        stage.enter(beside, stage.end - days(ago))
    stage.enter(quarrelling.reminders(stage), stage.end - days(120))
    for quarrel, ago in quarrelling.stories(stage):
        stage.enter(quarrel, stage.end - days(ago))
    for line in erin_talk.LINES:
        stage.enter(erin_talk.said(stage, line), stage.end - hours(line.ago))
    for work in WORKS:
        if work not in (GUEST_HOUSE, LATE_ARRIVALS):
            stage.enter(story.tell(stage, work), stage.end - days(work.posted))
    months: list[str] = []

    def reached(at: datetime.datetime) -> None:
        month = f"{at:%B %Y}"
        if month not in months:
            months.append(month)
            told(f"They trade in {month}.")

    stage.enter(_suspended(stage), stage.end - days(9))
    stage.enter(_looked(stage), stage.end - days(5))
    stage.enter(correcting.stories(stage), stage.end - days(6))
    stage.enter(consenting.stories(stage), stage.end - hours(20))
    for chat, ago in chatting.stories(stage):
        stage.enter(chat, stage.end - days(ago))
    stage.play(reached)
    clock.now = stage.end


def _suspended(stage: Stage) -> Story:
    """Somebody who signed up and did nothing but write to everybody about other sites."""
    reason = "You wrote to eleven members about paying outside the site. Answer this mail if that was not you."
    key = uuid.uuid5(uuid.NAMESPACE_OID, "rufus")
    Suspension.record("suspend", stage.cast["rufus"], reason=reason, by=stage.cast["sue"], key=key, seen=UNSEEN)
    yield from ()


def _looked(stage: Stage) -> Story:
    """Sue sees for herself what somebody can't find, and stops when she has found it."""
    reason = "You wrote that your statement of last month lacks a line. We look at what you see."
    key = uuid.uuid5(uuid.NAMESPACE_OID, "a look")
    look = Look.begin(stage.cast["noor"], reason=reason, by=stage.cast["sue"], key=key, seen=UNSEEN)
    yield hours(0.2)
    look.finish(LookEnd.Why.STOPPED)


def _cast(now: datetime.datetime) -> dict[str, Member]:
    """Make the members, all with the same password, and return them by their keys."""
    password = make_password(PASSWORD)  # slow by design, so once
    members = [
        Member(
            email=person.email,
            name=person.name,
            time_zone=person.time_zone,
            is_staff=bool(person.staff),
            password=password,
            joined_at=now - days(DAYS_OF_HISTORY + 7 * number),
        )
        for number, person in enumerate(PEOPLE)
    ]
    Member.objects.bulk_create(members)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=member, email=member.email, verified=True, primary=True) for member in members
    )
    for person, member in zip(PEOPLE, members, strict=True):
        if person.staff:
            member.groups.add(Group.objects.get(name=person.staff))
    return {person.key: member for person, member in zip(PEOPLE, members, strict=True)}


def _settle(now: datetime.datetime) -> None:
    """Leave nothing to be done: old news is read, nothing to be mailed, books are folded, standings computed."""
    recent = Notification.objects.filter(created_at__gt=now - days(1)).values("pk")
    Notification.objects.exclude(pk__in=recent).update(read_at=F("created_at") + days(1))
    Notification.objects.update(mailed_at=now)
    while folding.fold():
        pass
    standing.recount()
    verify_and_record()
    # The provider's books are compared by the worker as soon as it runs: it settles what is open, outside this.
    jobs.configure_task(COMPARE, queueing_lock="compare-with-provider", queue="payments").defer(timestamp=0)
