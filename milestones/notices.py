"""Who hears of what happens to milestones."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.notices import Word, amount, register, tell

if TYPE_CHECKING:
    from milestones.models import Funding, Milestone, MilestoneEvent

# So many new milestones are told one by one.
ONE_BY_ONE = 3

register("milestone-created", _("%(who)s put %(sum)s on hold for you: %(task)s"))
register("milestones-created", _("%(who)s put %(sum)s on hold for you, in %(number)s milestones: %(project)s"))
register("milestone-released", _("%(who)s released %(sum)s to you: %(task)s"))
register("milestone-released-less-fee", _("%(who)s released %(sum)s to you, %(net)s after the fee: %(task)s"))
register("milestone-not-created", _("%(sum)s arrived, but no milestone could be created: %(task)s. %(why)s"))
register("milestone-cancelled-by-employer", _("%(who)s cancelled a milestone of %(sum)s: %(task)s"))
register("milestone-cancelled-by-freelancer", _("%(who)s cancelled a milestone and returned %(sum)s to you: %(task)s"))


def created(milestones: "Sequence[Milestone]") -> None:
    """The freelancer hears that money is held for them (P18): of each milestone, or of all where they are many."""
    award = milestones[0].award
    if len(milestones) > ONE_BY_ONE:
        tell(
            award.freelancer,
            "milestones-created",
            award.project.get_absolute_url(),
            who=award.employer.name,
            number=str(len(milestones)),
            sum=amount(sum(milestone.amount for milestone in milestones), award.currency),
            project=award.project.title,
        )
        return
    for milestone in milestones:
        tell(
            award.freelancer,
            "milestone-created",
            milestone.get_absolute_url(),
            who=award.employer.name,
            sum=amount(milestone.amount, milestone.currency),
            task=milestone.task,
        )


def released(milestone: "Milestone", event: "MilestoneEvent") -> None:
    """The freelancer hears that they were paid, and what arrived where that is less."""
    fee = event.freelancer_fee
    words: dict[str, Word] = {"net": amount(event.amount - fee, milestone.currency)} if fee else {}
    tell(
        milestone.freelancer,
        "milestone-released-less-fee" if fee else "milestone-released",
        event.get_absolute_url(),
        who=milestone.employer.name,
        sum=amount(event.amount, milestone.currency),
        task=milestone.task,
        **words,
    )


def cancelled(milestone: "Milestone", event: "MilestoneEvent") -> None:
    """The other side hears of a cancelled milestone."""
    by_employer = event.actor_id == milestone.employer_id
    actor, other = milestone.employer, milestone.freelancer
    if not by_employer:
        actor, other = other, actor
    tell(
        other,
        "milestone-cancelled-by-employer" if by_employer else "milestone-cancelled-by-freelancer",
        milestone.get_absolute_url(),
        who=actor.name,
        sum=amount(event.amount, milestone.currency),
        task=milestone.task,
    )


def not_created(funding: "Funding") -> None:
    """The employer hears that their money came, and why it is in their available funds."""
    payment = funding.payment
    tell(
        payment.owner,
        "milestone-not-created",
        payment.get_absolute_url(),
        sum=amount(payment.amount, payment.currency),
        task=funding.task,
        why=funding.refused,
    )
