"""What waits for staff, on the admin's first page: how much of it, since when, and where it is looked after.

Numbers are bounded and read through partial indexes or among the newest of a kind, so the page costs the same on a
large site. Everybody sees the queues of what they may read, and no others.
"""

import datetime
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.jobs import failed
from disputes import arbitrators
from disputes.models import Dispute
from finances.ledger.models import Verification
from finances.payments.models import Correction, Delivery, Payment, Reconciliation, Withdrawal
from milestones.models import ConsentRequest
from support.chat.lifecycle import ANSWER
from support.chat.models import Conversation
from support.desk.searching import readable

MOST = 100  # what a queue counts to
NEWEST = 10_000  # payments and withdrawals among which those that failed are looked for
RECENTLY = datetime.timedelta(days=7)  # for how long a payment that failed is something to look at
UNHANDLED = datetime.timedelta(minutes=10)  # how long a webhook may wait for the worker


class Waiting(NamedTuple):
    """One queue: *number* is how many wait, "100+" where there are more; *since* when the first of them does."""

    title: str | Promise
    number: str
    since: datetime.datetime | None
    url: str
    bad: bool  # something is wrong, and not just to be done


Queue = Callable[[HttpRequest], Iterator[Waiting]]


def waiting(request: HttpRequest) -> list[Waiting]:
    """Return the queues in which something waits that the reader may look after."""
    return [each for queue in QUEUES for each in queue(request)]


def part(request: HttpRequest) -> tuple[str, dict[str, Any]] | None:
    """The queues on the first page of the admin."""
    return "admin/desk/_queues.html", {"queues": waiting(request)}


def of_rows(title: str | Promise, rows: QuerySet[Any], field: str, url: str, *, bad: bool = False) -> Iterator[Waiting]:
    """Yield the queue of *rows*, whose *field* says since when each waits; nothing where there are none."""
    times = list(rows.order_by(field).values_list(field, flat=True)[: MOST + 1])
    if times:
        yield Waiting(title, str(len(times)) if len(times) <= MOST else f"{MOST}+", times[0], url, bad)


def address(model: type[Model], query: str = "") -> str:
    """Return the address of the admin's list of *model*."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + query


def _conversations(request: HttpRequest) -> Iterator[Waiting]:
    if request.user.has_perm(ANSWER) and (rows := readable(Conversation, request)) is not None:
        waiting = rows.filter(state=Conversation.State.WAITING)
        where = address(Conversation, "?queue=waiting")
        yield from of_rows(_("Conversations that wait for an answer"), waiting, "waiting_since", where)


def _disputes(request: HttpRequest) -> Iterator[Waiting]:
    if not arbitrators.is_one(request.user) or (rows := readable(Dispute, request)) is None:
        return
    rows = rows.filter(state=Dispute.State.ARBITRATION)
    untaken = rows.filter(Q(arbitrator=None) | ~Q(arbitrator__in=arbitrators.everyone()))
    yield from of_rows(_("Disputes to be taken"), untaken, "escalated_at", address(Dispute, "?queue=untaken"))
    mine = rows.filter(arbitrator=request.user.pk, awaited=None)
    yield from of_rows(_("Disputes that you decide"), mine, "escalated_at", address(Dispute, "?queue=mine"))
    second = rows.filter(awaited__isnull=False).exclude(arbitrator=request.user.pk)
    yield from of_rows(_("Verdicts for a second arbitrator"), second, "escalated_at", address(Dispute, "?queue=second"))
    late = rows.filter(verdict_by__lte=timezone.now())
    yield from of_rows(_("Verdicts that are late"), late, "verdict_by", address(Dispute, "?queue=late"), bad=True)


def _newest(rows: QuerySet[Any]) -> QuerySet[Any]:
    last = rows.model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    return rows.filter(pk__gt=last - NEWEST)


def _payments(request: HttpRequest) -> Iterator[Waiting]:
    if (rows := readable(Payment, request)) is not None:
        review = _newest(rows).filter(state=Payment.State.REVIEW)
        where = address(Payment, "?state__exact=review")
        yield from of_rows(_("Payments under review"), review, "created_at", where, bad=True)
        lately = timezone.now() - RECENTLY
        declined = _newest(rows).filter(state=Payment.State.DECLINED, created_at__gt=lately)
        where = address(Payment, "?state__exact=declined")
        yield from of_rows(_("Payments that failed in the last seven days"), declined, "created_at", where)
    if (rows := readable(Withdrawal, request)) is not None:
        lost = _newest(rows).filter(state=Withdrawal.State.FAILED, created_at__gt=timezone.now() - RECENTLY)
        where = address(Withdrawal, "?state__exact=failed")
        yield from of_rows(_("Withdrawals that failed in the last seven days"), lost, "created_at", where)


def _corrections(request: HttpRequest) -> Iterator[Waiting]:
    """Those that the reader could confirm: the own proposals and what is the own money wait for somebody else."""
    if not request.user.has_perm("payments.confirm_correction") or (rows := readable(Correction, request)) is None:
        return
    own = Q(debit_account__owner=request.user) | Q(credit_account__owner=request.user)
    others = rows.filter(state=Correction.State.PROPOSED).exclude(proposed_by=request.user.pk).exclude(own)
    where = address(Correction, "?state__exact=proposed")
    yield from of_rows(_("Corrections for a second person"), others, "created_at", where)


def _consents(request: HttpRequest) -> Iterator[Waiting]:
    """What both sides consented to give back, and the reader may: above the limit not who asked."""
    may = request.user.has_perm("milestones.give_back_by_consent")
    if not may or (rows := readable(ConsentRequest, request)) is None:
        return
    both = rows.filter(state=ConsentRequest.WAITING, employer_consents=True, freelancer_consents=True)
    theirs = both.exclude(asked_by=request.user.pk, milestone__escrow__balance__gt=F("alone_limit"))
    where = address(ConsentRequest, "?state__exact=waiting")
    yield from of_rows(_("To be given back, as both sides consented"), theirs, "asked_at", where)


def _webhooks(request: HttpRequest) -> Iterator[Waiting]:
    if (rows := readable(Delivery, request)) is not None:
        late = rows.filter(handled_at=None, received_at__lt=timezone.now() - UNHANDLED)
        where = address(Delivery, "?handled_at__isempty=1")
        yield from of_rows(_("Messages of the provider that nobody read"), late, "received_at", where, bad=True)


def _jobs(request: HttpRequest) -> Iterator[Waiting]:
    if (rows := readable(failed().model, request)) is not None:
        when = failed(rows).annotate(since=Coalesce("last_at", F("scheduled_at")))
        where = address(failed().model)
        yield from of_rows(_("Jobs that failed for good"), when, "since", where, bad=True)


def _differences(request: HttpRequest) -> Iterator[Waiting]:
    """What the newest checks of the books found. The books page computes them anew; this is only read."""
    if not request.user.has_perm("desk.view_books"):
        return
    where = reverse("admin:desk_books")
    for title, newest in (
        (_("Differences in the books"), Verification.objects.order_by("-at").first()),
        (_("Differences between the provider and the books"), Reconciliation.objects.order_by("-at").first()),
    ):
        if newest and newest.differences:
            yield Waiting(title, str(len(newest.differences)), newest.at, where, True)


QUEUES: list[Queue] = [_conversations, _disputes, _corrections, _consents, _payments, _webhooks, _jobs, _differences]
