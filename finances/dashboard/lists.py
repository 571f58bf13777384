"""The dashboard's lists: one page of rows by key, however long the list is."""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from finances.dashboard.outside import transfers_named
from finances.ledger.models import Account, Transfer
from milestones import legs
from milestones.models import Milestone, MilestoneQuerySet
from projects.models import Award

PAGE = 30
MOST_AWARDS = 1000
MOST_FOUND = 1000


@dataclass(frozen=True)
class Filters:
    """What the reader asked for; anything that makes no sense is left out."""

    currency: str
    state: str = ""
    kind: str = ""
    words: str = ""
    before: int | None = None

    @classmethod
    def of(cls, request: HttpRequest, currencies: list[str]) -> "Filters":
        asked = request.GET
        currency, before = asked.get("currency", ""), asked.get("before", "")
        return cls(
            currency=currency if currency in currencies else currencies[0],
            state=asked.get("state", "") if asked.get("state") in Milestone.State.values else "",
            kind=asked.get("kind", "") if asked.get("kind") in Transfer.Kind.values else "",
            words=asked.get("q", "").replace("\x00", "").strip()[:100],
            before=int(before) if re.fullmatch(r"[0-9]{1,18}", before) else None,
        )


def milestones(user: Member, side: str, filters: Filters) -> MilestoneQuerySet:
    """The member's milestones on one *side* ("outgoing" or "incoming"), newest first."""
    mine = {"outgoing": "employer", "incoming": "freelancer"}[side]
    found = Milestone.objects.filter(**{mine: user}, currency=filters.currency)
    if filters.state:
        # What is in dispute is held still: a figure of what is held leads to both.
        states = Milestone.HOLDING if filters.state == Milestone.State.HELD else (filters.state,)
        found = found.filter(state__in=states)
    if filters.words:
        found = found.filter(_matching(user, filters.words))
    return found.newest_first(filters.before)  # type: ignore[no-any-return]


def _matching(user: Member, words: str) -> Q:
    """Milestones whose task, project, other party or number is what was typed."""
    number = re.fullmatch(r"[Mm]?([0-9]{1,18})", words)
    awards = Award.objects.visible_to(user).filter(
        Q(project__title__icontains=words)
        | Q(freelancer__name__icontains=words) & ~Q(freelancer=user)
        | Q(employer__name__icontains=words) & ~Q(employer=user)
    )
    # Their numbers, not a subquery: only so can each part of the OR use an index of its own.
    of_awards = Q(award_id__in=list(awards.order_by("-id").values_list("pk", flat=True)[:MOST_AWARDS]))
    return Q(task__icontains=words) | of_awards | (Q(pk=int(number[1])) if number else Q(pk__in=[]))


def transfers_of(user: Member, words: str) -> list[int] | None:
    """Return the ids of the transfers that were typed, or what of fits: a milestone, payment or withdrawal; else None.

    Of milestones the newest that fit, up to MOST_FOUND of them.
    """
    if not words:
        return None
    if number := re.fullmatch(r"[Tt]([0-9]{1,18})", words):
        return [int(number[1])]
    if (of_outside := transfers_named(user, words)) is not None:
        return of_outside
    fitting = Milestone.objects.visible_to(user).filter(_matching(user, words)).order_by("-id")[:MOST_FOUND]
    found = legs.transfers_of(list(fitting.values_list("pk", flat=True)))
    return [*found, int(words)] if re.fullmatch(r"[0-9]{1,18}", words) else found


def page_of(rows: list[Any], key: Any) -> tuple[list[Any], int | None]:
    """Return one page of *rows* (fetched with one more than a page) and where the next one begins."""
    return rows[:PAGE], key(rows[PAGE - 1]) if len(rows) > PAGE else None


def wallet_in(wallets: list[Account], currency: str) -> Account | None:
    """Return the member's wallet in *currency*, if they have one."""
    return next((a for a in wallets if a.currency == currency and a.kind == Account.Kind.WALLET), None)


TABS = {
    "outgoing": _("Outgoing"),
    "incoming": _("Incoming"),
    "transfers": _("Transfers"),
}
