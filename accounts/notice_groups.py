"""Which kinds of notification belong together, so that people choose among a few things and not among fifty."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Group(NamedTuple):
    """What a member reads where they choose: a title, and which notifications are meant."""

    title: str | Promise
    words: str | Promise


GROUPS: dict[str, Group] = {
    "money": Group(_("Milestones and money for me"), _("Money is put on hold, released, cancelled or returned.")),
    "payments": Group(_("Payments and withdrawals"), _("Money comes in or goes out, or could not.")),
    "requests": Group(_("Requests"), _("Somebody asks you for something, or answers what you asked for.")),
    "awards": Group(_("Bids and awards"), _("Somebody bids, awards a project, accepts or declines.")),
    "disputes": Group(_("Disputes"), _("Money is disputed, offered, decided on, or an arbitrator asks you something.")),
    "messages": Group(_("Messages"), _("Somebody writes to you.")),
    "support": Group(_("Support"), _("Our staff answer what you asked them.")),
    "reviews": Group(_("Reviews"), _("Work is complete, and reviews can be written or read.")),
    "account": Group(_("Your account"), _("Our staff suspend your account, open it again, or look at it.")),
    "reminders": Group(_("Reminders"), _("A deadline is near or has passed.")),
    "other": Group(_("Everything else"), _("What belongs to none of the others.")),
}
OTHER = "other"

# The longest beginning that fits decides, so "milestone-not-created", of a payment, is not where "milestone-" is.
BEGINNINGS = {
    "milestone-": "money",
    "milestones-": "money",
    "milestone-request-fulfilled": "money",  # it says that money is on hold, and nothing else does
    "return-agreed": "money",
    "milestone-not-created": "payments",
    "payment-": "payments",
    "withdrawal-": "payments",
    "correction-": "payments",
    "milestone-request": "requests",
    "release-": "requests",
    "cancel-": "requests",
    "return-": "requests",
    "criteria-": "requests",
    "consent-": "requests",
    "consent-done": "money",
    "dispute": "disputes",
    "bid-": "awards",
    "award-": "awards",
    "message": "messages",
    "account-": "account",
    "support-": "support",
    "review": "reviews",
    "award-completed": "reviews",
}
# A reminder is one whatever it is about.
REMINDING = ("-reminder", "-due")


def group_of(kind: str) -> str:
    """Return the group that the name of *kind* speaks for; ``other`` where it speaks for none."""
    if kind.endswith(REMINDING):
        return "reminders"
    fitting = [beginning for beginning in BEGINNINGS if kind.startswith(beginning)]
    return BEGINNINGS[max(fitting, key=len)] if fitting else OTHER
