"""Who hears of what happens to bids and awards."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.notices import amount, register, tell

if TYPE_CHECKING:
    from accounts.models import Member
    from projects.models import Award, Bid, Review

register("bid-placed", _("%(who)s bids %(sum)s on %(project)s"))
register("award-made", _("%(who)s awarded you %(project)s for %(sum)s: please accept or decline"))
register("award-accepted", _("%(who)s accepted your award: %(project)s"))
register("award-declined", _("%(who)s declined your award: %(project)s"))
register("award-revoked", _("%(who)s revoked the award of %(project)s"))
register("award-reminder", _("Please answer by %(until_at)s: %(who)s awarded you %(project)s for %(sum)s"))
register("award-lapsed", _("The award of %(project)s to %(who)s lapsed: it was not answered in time"))
register("award-completed", _("%(who)s marked %(project)s complete: you can review each other until %(until_at)s"))
register(
    "review-written",
    _("%(who)s has reviewed you: %(project)s. You see it when you have written yours, or on %(until_at)s"),
)
register("review-due", _("You can review %(who)s until %(until_at)s: %(project)s"))
register("reviews-readable", _("The reviews of your work with %(who)s can be read now: %(project)s"))

KINDS = {"accept": "award-accepted", "decline": "award-declined", "revoke": "award-revoked"}


def bid_placed(bid: "Bid") -> None:
    """The employer hears of a new bid."""
    project = bid.project
    tell(
        project.employer,
        "bid-placed",
        project.get_absolute_url(),
        who=bid.freelancer.name,
        sum=amount(bid.amount, project.currency),
        project=project.title,
    )


def awarded(award: "Award") -> None:
    """The freelancer hears of the award."""
    tell(
        award.freelancer,
        "award-made",
        award.project.get_absolute_url(),
        who=award.employer.name,
        sum=amount(award.amount, award.currency),
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
        sum=amount(award.amount, award.currency),
        project=award.project.title,
        until_at=award.answer_by.isoformat(),
    )


def completed(award: "Award") -> None:
    """The freelancer hears that the work counts as done, and until when both can review each other."""
    tell(
        award.freelancer,
        "award-completed",
        award.project.get_absolute_url(),
        who=award.employer.name,
        project=award.project.title,
        until_at=_until(award),
    )


def reviewed(review: "Review") -> None:
    """Who was reviewed hears that it is so and when they can read it: nothing of what it says."""
    award, subject = review.award, review.subject
    tell(
        subject,
        "review-written",
        award.project.get_absolute_url(),
        who=review.author.name,
        project=award.project.title,
        until_at=_until(award),
    )


def reviews_readable(award: "Award") -> None:
    """Both sides hear that the reviews can be read now."""
    for member, other in _sides(award):
        tell(
            member,
            "reviews-readable",
            award.project.get_absolute_url(),
            who=other.name,
            project=award.project.title,
        )


def review_due(award: "Award", member: "Member") -> None:
    """*member* hears that the time for their review runs out."""
    other = award.freelancer if member.pk == award.employer_id else award.employer
    tell(
        member,
        "review-due",
        award.project.get_absolute_url(),
        who=other.name,
        project=award.project.title,
        until_at=_until(award),
    )


def _sides(award: "Award") -> list[tuple["Member", "Member"]]:
    return [(award.employer, award.freelancer), (award.freelancer, award.employer)]


def _until(award: "Award") -> str:
    """The end of the time for reviews of *award*, which is complete."""
    assert award.review_by
    return award.review_by.isoformat()
