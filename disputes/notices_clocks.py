"""What is told of clocks: what runs out soon, and what may be done now that something has run out."""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.notices import register, tell

if TYPE_CHECKING:
    from disputes.models import Dispute

register(
    "dispute-answer-due",
    _("Answer the dispute %(reference)s about “%(project)s” until %(clock_at)s, or the offer may be executed."),
)
register(
    "dispute-answer-late",
    _("The dispute %(reference)s was not answered in time: you can have your offer executed, or call an arbitrator."),
)
register("dispute-may-escalate", _("You can call an arbitrator in the dispute %(reference)s about “%(project)s” now."))
register(
    "dispute-question-due",
    _("Answer the arbitrator's question in the dispute %(reference)s until %(clock_at)s."),
)
register("dispute-verdict-due", _("A verdict in the dispute %(reference)s is due by %(clock_at)s."))
register("dispute-verdict-late", _("A verdict in the dispute %(reference)s was due by %(clock_at)s."))
OF_STAFF = ("dispute-verdict-due", "dispute-verdict-late")


def tell_of(dispute: "Dispute", kind: str, members: Sequence[Member], clock: datetime.datetime) -> None:
    """Tell *members* of the clock, each on the page where they can act."""
    admin = reverse("admin:disputes_dispute_change", args=[dispute.pk])
    path = admin if kind in OF_STAFF else dispute.get_absolute_url()
    words = {"reference": dispute.reference, "project": dispute.award.project.title, "clock_at": clock.isoformat()}
    for member in members:
        tell(member, kind, path, **words)
