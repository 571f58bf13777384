"""A milestone's own page: the money first, history below."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.doors import address_if_there
from config.templatetags.money import money
from milestones import ask_steps, back_rows, release_rows, request_rows
from milestones.message_links import message_links
from milestones.models import ConsentRequest, Milestone
from milestones.rows import bar, fees_for, milestone_rows, timeline
from milestones.views.fetch import visible_milestone


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = visible_milestone(request.user, pk)
    (row,) = milestone_rows([milestone], request.user, cancel="withdraw cancel")
    events = milestone.events.select_related("actor").order_by("-id")
    as_employer = request.user.pk == milestone.employer_id
    returned = milestone.amount - milestone.held_now - milestone.released_so_far
    taken_back = milestone.taken_back()
    if taken_back:
        sums = (milestone.released_so_far, milestone.held_now, milestone.amount)
        row["bar"] = bar(*sums, milestone.currency, taken_back)
    context = {
        "milestone": milestone,
        "row": row,
        "returned": money(returned, milestone.currency) if returned else "",
        "next": _what_comes_next(milestone, as_employer),
        "taken_back": money(taken_back, milestone.currency) if taken_back else "",
        "kept": money(milestone.released_so_far - taken_back, milestone.currency),
        "timeline": ask_steps.merged(timeline(events, milestone.currency, as_employer), milestone),
        "release": release_rows.of_milestone(milestone, request.user),
        "consent": ConsentRequest.objects.filter(milestone=milestone).waiting().exists(),
        "back": back_rows.of_milestone(milestone, request.user),
        "fee_words": fees_for(milestone.award, request.user),
        "talk": message_links([milestone.award], request.user)[milestone.award_id],
        "asked": request_rows.of_milestone(milestone),
        "dispute": _dispute(milestone, as_employer),
        **_fees(milestone, as_employer),
    }
    return render(request, "milestones/detail.html", context)


def _fees(milestone: Milestone, as_employer: bool) -> dict[str, object]:
    """The reader's own fee on what was released so far, and what is set aside of it."""
    terms, released, code = milestone.award.terms, milestone.released_so_far, milestone.currency
    fee = terms.employer if as_employer else terms.freelancer
    shown: dict[str, object] = {"fee": money(fee.on(released), code)} if fee else {}
    if as_employer and milestone.fee_escrow:
        shown["set_aside"] = money(milestone.fee_escrow.balance, code)
    return shown


def _what_comes_next(milestone: Milestone, employer: bool) -> str:
    """Return whose move it is, in a sentence."""
    names = {
        "freelancer": milestone.freelancer.get_short_name(),
        "employer": milestone.employer.get_short_name(),
    }
    if split := _after_a_dispute(milestone):
        return split % names
    if milestone.state == Milestone.State.RELEASED:
        if milestone.taken_back():
            return _("All of it was released. What %(freelancer)s returned since is %(employer)s's again.") % names
        return _("All of it was released. It can't be taken back without %(freelancer)s's consent.") % names
    if milestone.state == Milestone.State.CANCELLED:
        return _("It was cancelled: what was still held went back to %(employer)s.") % names
    if milestone.state == Milestone.State.DISPUTED:
        return _("It is in dispute: nothing of it can be released or cancelled until the dispute has ended.")
    if milestone.award.state == "awaiting":
        if employer:
            return _("%(freelancer)s sees the held sum and has yet to accept the project.") % names
        return _("The money is held for you. Accept the project to start.")
    if employer:
        return _("%(freelancer)s is working. Release the money when you are happy with the work.") % names
    return _("The money is held for you. %(employer)s releases it when the work is done.") % names


def _after_a_dispute(milestone: Milestone) -> str:
    """Return how a dispute has ended the milestone, where one gave some of it back: "" else."""
    if milestone.state not in (Milestone.State.RELEASED, Milestone.State.CANCELLED):
        return ""
    if not milestone.events.filter(cause__startswith="D", action="return").exists():
        return ""
    if milestone.state == Milestone.State.CANCELLED:
        return _("A dispute about it has ended: all that was held went back to %(employer)s.")
    return _("A dispute about it has ended: what was held was split between %(freelancer)s and %(employer)s.")


def _dispute(milestone: Milestone, as_employer: bool) -> dict[str, Any]:
    """The way to the dispute that it is in, or to opening one; nothing where there is neither (P40)."""
    url = address_if_there("disputes:open", milestone.pk)
    if milestone.state == Milestone.State.DISPUTED:
        return {"url": url, "label": _("See the dispute"), "under_way": True}
    may = milestone.state == Milestone.State.HELD and (milestone.award.state == "accepted" or not as_employer)
    return {"url": url, "label": _("Open a dispute"), "under_way": False} if may and url else {}
