"""The plan that a bid brought, and how much of it there is no milestone for yet (P5)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.urls import reverse

from accounts.models import Member
from config.templatetags.money import money
from milestones.models import Milestone
from milestones.parts import Part
from projects.models import Award, Bid


class Plan(NamedTuple):
    """The *parts* of a plan that are still to be made, and whether they are all of it (*whole*)."""

    parts: Sequence[Part] = ()
    whole: bool = True


NO_PLAN = Plan()


def plans_of(awards: Sequence[Award]) -> dict[int, Plan]:
    """Return what is to be made of each award's plan, by the award's id; none where nothing is. Two queries at most."""
    by_bid = {award.bid_id: award.pk for award in awards}
    found = dict(Bid.objects.filter(pk__in=by_bid).exclude(plan=[]).values_list("pk", "plan")) if by_bid else {}
    if not found:
        return {}
    of_bids = [by_bid[bid] for bid in found]
    ours = Milestone.objects.filter(award__in=of_bids).exclude(state=Milestone.State.CANCELLED)
    there: dict[int, Counter[str]] = {award: Counter() for award in of_bids}
    for award, task in ours.values_list("award", "task"):
        there[award][task] += 1
    plans = {by_bid[bid]: _left(rows, there[by_bid[bid]]) for bid, rows in found.items()}
    return {award: plan for award, plan in plans.items() if plan.parts}


def plan_of(award: Award) -> Plan:
    """Return what is to be made of the plan of one *award*."""
    return plans_of([award]).get(award.pk, NO_PLAN)


def _left(rows: list[dict[str, Any]], there: Counter[str]) -> Plan:
    """What there is no milestone for yet. A task that the plan names twice is there when two milestones do."""
    left = []
    for row in rows:
        if there[row["task"]]:
            there[row["task"]] -= 1
        else:
            left.append(Part(row["task"], row["amount"]))
    return Plan(left, len(left) == len(rows))


def offers(awards: Sequence[Award], user: Member) -> dict[int, dict[str, Any]]:
    """What the panels of *awards* offer *user* besides creating one milestone: Divide, and what is left of the plan."""
    own = [award for award in awards if award.employer_id == user.pk and award.allows("fund", user)]
    plans = plans_of(own)
    return {award.pk: offer(award, plans.get(award.pk, NO_PLAN)) for award in own}


def offer(award: Award, plan: Plan) -> dict[str, Any]:
    """The ways to make several milestones for *award*, and what of its *plan* is left, in words."""
    divide = reverse("milestones:divide", args=[award.pk])
    total, code = sum(part.amount for part in plan.parts), award.currency
    return {
        "divide": divide,
        "create": reverse("milestones:create", args=[award.pk]),
        "plan_url": f"{divide}?plan=1" if plan.parts else "",
        "plan": [{"task": part.task, "sum": money(part.amount, code)} for part in plan.parts],
        "plan_total": money(total, code),
        # A plan is proposed freely: it need not come to what was agreed.
        "less": money(award.amount - total, code) if total < award.amount else "",
        "more": money(total - award.amount, code) if total > award.amount else "",
        "whole": plan.whole,
    }
