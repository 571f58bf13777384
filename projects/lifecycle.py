"""Who may do what with projects, bids and awards."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lifecycle import Action, table


def _employer(thing: Any, user: Any) -> bool:
    return bool(thing.employer_id == user.pk)


def _freelancer(thing: Any, user: Any) -> bool:
    return bool(thing.freelancer_id == user.pk)


def _party(thing: Any, user: Any) -> bool:
    return _employer(thing, user) or _freelancer(thing, user)


def _nobody(thing: Any, user: Any) -> bool:
    """No person: the site itself, by a job."""
    return user is None


def _in_time(award: Any) -> bool:
    return bool(award.answer_by > timezone.now())


def _not_overdue(award: Any) -> bool:
    return bool(award.state != "awaiting" or _in_time(award))


def _late(award: Any) -> bool:
    return not _in_time(award)


PROJECT = table(
    Action("edit", _("Edit"), _employer, _("Only the employer can edit a project."), ("open",)),
    Action("close", _("Close project"), _employer, _("Only the employer can close a project."), ("open",), "closed"),
    Action(
        "bid",
        _("Place a bid"),
        lambda project, user: not _employer(project, user),
        _("You can't bid on your own project."),
        ("open",),
    ),
)

BID = table(
    Action(
        "revise",
        _("Revise bid"),
        _freelancer,
        _("Only its freelancer can revise a bid."),
        ("placed", "withdrawn"),
        "placed",
    ),
    Action(
        "withdraw",
        _("Withdraw bid"),
        _freelancer,
        _("Only its freelancer can withdraw a bid."),
        ("placed",),
        "withdrawn",
    ),
    Action("award", _("Award"), _employer, _("Only the employer can award a bid."), ("placed",), "awarded"),
)

AWARD = table(
    Action(
        "fund",
        _("Create Milestone"),
        _employer,
        _("Only the employer can create milestones."),
        ("awaiting", "accepted"),
        when=_not_overdue,
        when_words=_("The freelancer's time to accept has run out: the award is about to lapse."),
    ),
    Action(
        "accept",
        _("Accept project"),
        _freelancer,
        _("Only the freelancer it was made to can accept an award."),
        ("awaiting",),
        "accepted",
        when=_in_time,
        when_words=_("The time to accept this award has run out."),
    ),
    Action(
        "decline",
        _("Decline"),
        _freelancer,
        _("Only the freelancer it was made to can decline an award."),
        ("awaiting",),
        "declined",
    ),
    Action(
        "revoke", _("Revoke award"), _employer, _("Only the employer can revoke an award."), ("awaiting",), "revoked"
    ),
    Action(
        "remind",
        _("Remind"),
        _nobody,
        _("The site reminds of an award by itself."),
        ("awaiting",),
        when=_in_time,
        when_words=_("The time to accept this award has run out."),
    ),
    Action(
        "complete",
        _("Mark complete"),
        _employer,
        _("Only the employer can mark an award complete."),
        ("accepted",),
        "completed",
    ),
    Action(
        "lapse",
        _("Lapse"),
        _nobody,
        _("An award lapses by itself when its deadline has passed."),
        ("awaiting",),
        "lapsed",
        when=_late,
        when_words=_("The freelancer still has time to answer."),
    ),
    Action(
        "write",
        _("Write a message"),
        _party,
        _("Only the two of an award write to each other there."),
        ("awaiting", "accepted", "completed"),
    ),
)
