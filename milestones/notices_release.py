"""Who hears of requests for release, and of what "done" means."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.notices import amount, register, tell

if TYPE_CHECKING:
    from milestones.models import CriteriaChange, Milestone, ReleaseRequest

register("release-asked", _("%(who)s asks you to release %(sum)s: %(task)s"))
register("release-sent-back", _("%(who)s asks for more before the release: %(task)s. %(reason)s"))
register("release-withdrawn", _("%(who)s no longer asks for the release: %(task)s"))
register("criteria-edited", _("%(who)s changed what done means: %(task)s"))
register("criteria-proposed", _("%(who)s proposes to change what done means: %(task)s"))
register("criteria-agreed", _("%(who)s agreed to your change of what done means: %(task)s"))
register("criteria-refused", _("%(who)s refused your change of what done means: %(task)s. %(reason)s"))
register("criteria-withdrawn", _("%(who)s took back the change of what done means: %(task)s"))

RELEASE = {"ask": "release-asked", "send_back": "release-sent-back", "withdraw": "release-withdrawn"}
CRITERIA = {
    "ask": "criteria-proposed",
    "agree": "criteria-agreed",
    "refuse": "criteria-refused",
    "withdraw": "criteria-withdrawn",
}


def of_release_request(ask: "ReleaseRequest", action: str) -> None:
    """The side that did not act hears of *action*."""
    actor, other = ask.award.freelancer, ask.award.employer
    if action == "send_back":
        actor, other = other, actor
    tell(
        other,
        RELEASE[action],
        f"{ask.milestone.get_absolute_url()}#release-request",
        who=actor.name,
        sum=amount(ask.sum, ask.milestone.currency),
        task=ask.milestone.task,
        reason=f"“{ask.answer}”",
    )


def of_criteria_change(change: "CriteriaChange", action: str) -> None:
    """The side that did not act hears of *action*."""
    award = change.award
    proposer, other = award.employer, award.freelancer
    if change.proposed_by_id == award.freelancer_id:
        proposer, other = other, proposer
    actor, hears = (proposer, other) if action in ("ask", "withdraw") else (other, proposer)
    tell(
        hears,
        CRITERIA[action],
        f"{change.milestone.get_absolute_url()}#criteria",
        who=actor.name,
        task=change.milestone.task,
        reason=f"“{change.answer}”",
    )


def criteria_edited(milestone: "Milestone") -> None:
    """The freelancer, who has not accepted yet, hears that the checklist is another."""
    tell(
        milestone.freelancer,
        "criteria-edited",
        f"{milestone.get_absolute_url()}#criteria",
        who=milestone.employer.name,
        task=milestone.task,
    )
