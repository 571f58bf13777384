"""Who hears of what is asked back: of requests to cancel, and to return what was released."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.notices import amount, register, tell

if TYPE_CHECKING:
    from milestones.models import CancelRequest, MilestoneEvent, ReturnRequest

register("cancel-asked", _("%(who)s asks you to cancel a milestone and return %(sum)s: %(task)s. %(reason)s"))
register(
    "cancel-refused",
    _("%(who)s won't cancel a milestone: %(task)s. %(reason)s See on its page what you can do now."),
)
register("cancel-withdrawn", _("%(who)s no longer asks you to cancel a milestone: %(task)s"))
register("return-asked", _("%(who)s asks you to return %(sum)s of what was released to you: %(task)s. %(reason)s"))
register(
    "return-refused",
    _("%(who)s won't return %(sum)s that was released: %(task)s. %(reason)s See on its page what you can do now."),
)
register("return-withdrawn", _("%(who)s no longer asks you to return %(sum)s: %(task)s"))
register("return-agreed", _("%(who)s returned %(sum)s to you that was released: %(task)s"))

DONE = {"ask": "asked", "refuse": "refused", "withdraw": "withdrawn"}
BY_FREELANCER = ("refuse",)


def of_cancel_request(ask: "CancelRequest", action: str) -> None:
    """The side that did not act hears of *action* (ask, refuse, withdraw); what they can do is on the page."""
    _tell(ask, f"cancel-{DONE[action]}", action, ask.milestone.held)


def of_return_request(ask: "ReturnRequest", action: str) -> None:
    """The side that did not act hears of *action* (ask, refuse, withdraw)."""
    _tell(ask, f"return-{DONE[action]}", action, ask.amount)


def returned(ask: "ReturnRequest", event: "MilestoneEvent") -> None:
    """The employer hears that money came back, with its receipt."""
    tell(
        ask.award.employer,
        "return-agreed",
        event.get_absolute_url(),
        who=ask.award.freelancer.name,
        sum=amount(event.amount, ask.award.currency),
        task=ask.milestone.task,
    )


def _tell(ask: "CancelRequest | ReturnRequest", kind: str, action: str, minor: int) -> None:
    actor, other = ask.award.employer, ask.award.freelancer
    if action in BY_FREELANCER:
        actor, other = other, actor
    tell(
        other,
        kind,
        f"{ask.milestone.get_absolute_url()}#{ask.kind}",
        who=actor.name,
        sum=amount(minor, ask.award.currency),
        task=ask.milestone.task,
        reason=f"“{ask.answer if action in BY_FREELANCER else ask.note}”",
    )
