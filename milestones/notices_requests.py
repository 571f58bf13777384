"""Who hears of requests for milestones: the other side, of every step (P30)."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.notices import Word, amount, register, tell

if TYPE_CHECKING:
    from milestones.models import MilestoneRequest

register("milestone-request-made", _("%(who)s asks you for a milestone of %(sum)s: %(task)s"))
register("milestone-request-for-advance", _("%(who)s asks you for an advance of %(sum)s: %(task)s"))
register("milestone-request-edited", _("%(who)s changed a request. It now asks you for %(sum)s: %(task)s"))
register("milestone-request-withdrawn", _("%(who)s no longer asks you for %(sum)s: %(task)s"))
register("milestone-request-declined", _("%(who)s declined your request for %(sum)s: %(task)s. “%(why)s”"))
register("milestone-request-fulfilled", _("%(who)s put %(sum)s on hold for you, as you had asked: %(task)s"))
register(
    "milestone-request-fulfilled-otherwise",
    _("%(who)s put %(sum)s on hold for you, where you had asked for %(asked)s: %(task)s"),
)

KINDS = {
    "ask": "milestone-request-made",
    "edit": "milestone-request-edited",
    "withdraw": "milestone-request-withdrawn",
    "decline": "milestone-request-declined",
}


def tell_of(request: "MilestoneRequest", action: str) -> None:
    """Tell the other side what became of *request* by *action*."""
    if action == "fulfil":
        _fulfilled(request)
        return
    award = request.award
    more: dict[str, Word] = {}
    employer, freelancer = award.employer, award.freelancer
    kind = KINDS[action]
    if action == "ask" and request.advance:
        kind = "milestone-request-for-advance"
    if action == "decline":
        more["why"] = request.answer
    tell(
        freelancer if action == "decline" else employer,
        kind,
        request.get_absolute_url(),
        who=(employer if action == "decline" else freelancer).name,
        sum=amount(request.amount, award.currency),
        task=request.task,
        **more,
    )


def _fulfilled(request: "MilestoneRequest") -> None:
    """The freelancer hears that money is held, and where it is another sum than they had asked for."""
    award, milestone = request.award, request.made
    assert milestone
    same = milestone.amount == request.amount
    asked: dict[str, Word] = {} if same else {"asked": amount(request.amount, award.currency)}
    tell(
        award.freelancer,
        "milestone-request-fulfilled" if same else "milestone-request-fulfilled-otherwise",
        milestone.get_absolute_url(),
        who=award.employer.name,
        sum=amount(milestone.amount, award.currency),
        task=milestone.task,
        **asked,
    )
