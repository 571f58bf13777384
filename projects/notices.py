"""Who hears of what happens to bids and awards."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.notices import register, tell
from config.money import format_minor

if TYPE_CHECKING:
    from projects.models import Award, Bid

register("bid-placed", _("%(who)s bids %(sum)s on %(project)s"))
register("award-made", _("%(who)s awarded you %(project)s for %(sum)s: please accept or decline"))
register("award-accepted", _("%(who)s accepted your award: %(project)s"))
register("award-declined", _("%(who)s declined your award: %(project)s"))
register("award-revoked", _("%(who)s revoked the award of %(project)s"))
register("award-reminder", _("Please answer by %(until_at)s: %(who)s awarded you %(project)s for %(sum)s"))
register("award-lapsed", _("The award of %(project)s to %(who)s lapsed: it was not answered in time"))

KINDS = {"accept": "award-accepted", "decline": "award-declined", "revoke": "award-revoked"}


def bid_placed(bid: "Bid") -> None:
    """The employer hears of a new bid."""
    project = bid.project
    tell(
        project.employer,
        "bid-placed",
        project.get_absolute_url(),
        who=bid.freelancer.name,
        sum=format_minor(bid.amount, project.currency),
        project=project.title,
    )


def awarded(award: "Award") -> None:
    """The freelancer hears of the award."""
    tell(
        award.freelancer,
        "award-made",
        award.project.get_absolute_url(),
        who=award.employer.name,
        sum=format_minor(award.amount, award.currency),
        project=award.project.title,
    )


def answered(award: "Award", action: str) -> None:
    """The other side hears of the answer; of a lapse both do."""
    words = {"project": award.project.title}
    path = award.project.get_absolute_url()
    if action == "lapse":
        for member in (award.employer, award.freelancer):
            tell(member, "award-lapsed", path, who=award.freelancer.name, **words)
    elif action == "revoke":
        tell(award.freelancer, KINDS[action], path, who=award.employer.name, **words)
    else:
        tell(award.employer, KINDS[action], path, who=award.freelancer.name, **words)


def reminded(award: "Award") -> None:
    """The freelancer hears that an award waits for their answer, and until when."""
    tell(
        award.freelancer,
        "award-reminder",
        award.project.get_absolute_url(),
        who=award.employer.name,
        sum=format_minor(award.amount, award.currency),
        project=award.project.title,
        until_at=award.answer_by.isoformat(),
    )
