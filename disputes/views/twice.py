"""Steps that are asked twice: accept, execute, escalate, withdraw. Each says what it will do before it does it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import Member
from config import confirmation, steps
from config.refusals import WrongState
from config.templatetags.money import money
from config.times import lasting
from disputes import rows
from disputes.models import Dispute, Offer, Proposal
from disputes.views import facts
from disputes.views.fetch import visible_dispute

Said = dict[str, Any]


class Twice(NamedTuple):
    """A step: its ``action``, what it shows to a member, what it signs, and what it does with what was signed."""

    action: str
    title: str | Promise
    question: str | Promise
    yes: str | Promise
    warning: str | Promise
    shows: Callable[[Dispute, Member], Said]
    signs: Callable[[Dispute, Member], Said]
    does: Callable[..., Dispute]
    danger: bool = False


def _theirs(dispute: Dispute, user: Member) -> Offer:
    offer = dispute.latest_offer(dispute.other(user.pk).pk)
    if offer is None:
        raise WrongState(dispute.why_not("accept", user))
    return offer


def _accepted(dispute: Dispute, user: Member) -> Said:
    offer = _theirs(dispute, user)
    return {"split": rows.split_rows(dispute, offer.to_freelancer, user), "words": offer.words, "by": offer.by}


def _executed(dispute: Dispute, user: Member) -> Said:
    offer = dispute.offers.get()
    return {"split": rows.split_rows(dispute, offer.to_freelancer, user)}


def _escalated(dispute: Dispute, user: Member) -> Said:
    fee = dispute.rules.fee(dispute.disputed)
    return {
        "disputed": money(dispute.disputed, dispute.currency),
        "fee": money(fee, dispute.currency) if fee else "",
        "verdict": lasting(dispute.rules.verdict),
        "second": dispute.rules.needs_second(dispute.disputed),
        "escalating": True,
    }


def _withdrawn(dispute: Dispute, user: Member) -> Said:
    return {"disputed": money(dispute.disputed, dispute.currency), "withdrawing": True}


def _money_said(dispute: Dispute, to_freelancer: list[int]) -> Said:
    return {"currency": dispute.currency, "held": dispute.held, "to_freelancer": to_freelancer}


def _proposal(dispute: Dispute) -> Proposal:
    proposal = dispute.latest_proposal()
    if proposal is None:
        raise WrongState(str(_("The arbitrator has made no proposal.")))
    return proposal


def _proposed(dispute: Dispute, user: Member) -> Said:
    proposal = _proposal(dispute)
    return {"split": rows.split_rows(dispute, proposal.to_freelancer, user), "words": proposal.words}


def _proposal_said(dispute: Dispute) -> Said:
    proposal = _proposal(dispute)
    return {**_money_said(dispute, proposal.to_freelancer), "proposal": proposal.pk}


def _shown_proposal(shown: Said) -> Proposal:
    return get_object_or_404(Proposal, pk=shown["proposal"])


STEPS = {
    "accept": Twice(
        "accept",
        _("Accept the offer"),
        _("Accept this offer for good?"),
        _("Yes, split the money like this"),
        _("The money moves at once and the dispute is over. It can't be undone."),
        _accepted,
        lambda dispute, user: {
            **_money_said(dispute, _theirs(dispute, user).to_freelancer),
            "offer": _theirs(dispute, user).pk,
        },
        lambda dispute, shown, **about: dispute.accept(get_object_or_404(Offer, pk=shown["offer"]), **about),
    ),
    "execute": Twice(
        "execute",
        _("Have your offer executed"),
        _("Have your offer executed for good?"),
        _("Yes, split the money like this"),
        _("The money moves at once and the dispute is over. It can't be undone."),
        _executed,
        lambda dispute, user: _money_said(dispute, dispute.offers.get().to_freelancer),
        lambda dispute, shown, **about: dispute.execute(**about),
    ),
    "escalate": Twice(
        "escalate",
        _("Call an arbitrator"),
        _("Call an arbitrator?"),
        _("Yes, call an arbitrator"),
        _("From then on neither of you can make or accept offers: the arbitrator proposes or decides."),
        _escalated,
        lambda dispute, user: {"fee": dispute.rules.fee(dispute.disputed), "currency": dispute.currency},
        lambda dispute, shown, **about: dispute.escalate(**about),
    ),
    "accept-proposal": Twice(
        "accept_proposal",
        _("Accept the arbitrator's proposal"),
        _("Accept the arbitrator's proposal?"),
        _("Yes, accept the proposal"),
        _("Once both of you have accepted it, the money moves at once and the dispute is over. It can't be undone."),
        _proposed,
        lambda dispute, user: _proposal_said(dispute),
        lambda dispute, shown, **about: dispute.accept_proposal(_shown_proposal(shown), **about),
    ),
    "refuse-proposal": Twice(
        "refuse_proposal",
        _("Refuse the arbitrator's proposal"),
        _("Refuse the arbitrator's proposal?"),
        _("Yes, refuse the proposal"),
        _("The arbitrator goes on, and may propose something else or decide."),
        _proposed,
        lambda dispute, user: _proposal_said(dispute),
        lambda dispute, shown, **about: dispute.refuse_proposal(_shown_proposal(shown), **about),
        danger=True,
    ),
    "withdraw": Twice(
        "withdraw",
        _("Withdraw the dispute"),
        _("Withdraw the dispute?"),
        _("Yes, withdraw it"),
        _("Its offers end with it. The money stays on hold, and it can be released, cancelled or disputed again."),
        _withdrawn,
        lambda dispute, user: {"held": dispute.held, "currency": dispute.currency},
        lambda dispute, shown, **about: dispute.withdraw(**about),
        danger=True,
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def twice(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    what, dispute = STEPS[step], visible_dispute(request.user, pk)
    try:
        if "token" in request.POST:
            confirmed = confirmation.read(request, f"dispute-{step}", pk)
            about = {"by": request.user, "key": confirmed.key, "seen": steps.seen(request, confirmed)}
            what.does(dispute, confirmed.shown, **about)
            return steps.done(request, dispute)
        dispute.require(what.action, request.user)
        context = {"dispute": dispute, "step": what, "other": dispute.other(request.user.pk)}
        context.update(what.shows(dispute, request.user))
        if request.method == "POST":
            shown = what.signs(dispute, request.user)
            context["token"] = confirmation.sign(request, f"dispute-{step}", pk, dispute.seen_version, **shown)
    except WrongState as refusal:
        return steps.stale(request, refusal, dispute, facts.of_dispute(pk))
    return render(request, "disputes/twice.html", context)
