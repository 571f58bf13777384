"""Who hears of what in a dispute: always the side that did not act."""

import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.notices import Word, amount, register, tell

if TYPE_CHECKING:
    from disputes.models import Dispute, EvidenceItem

register(
    "dispute-opened",
    _("%(who)s disputes %(sum)s held for “%(project)s”. Answer until %(until_at)s, or their offer may be executed."),
)
register("dispute-offered", _("%(who)s made you an offer in the dispute %(reference)s about “%(project)s”."))
register(
    "dispute-accepted",
    _("%(who)s accepted your offer: the dispute %(reference)s about “%(project)s” is resolved, the money is split."),
)
register(
    "dispute-executed",
    _("You did not answer in time, so %(who)s had the offer executed: the dispute %(reference)s is resolved."),
)
register(
    "dispute-escalated",
    _("%(who)s called an arbitrator in the dispute %(reference)s about “%(project)s”. Show what speaks for you."),
)
register(
    "dispute-withdrawn",
    _("%(who)s withdrew the dispute %(reference)s about “%(project)s”: the money is held again as before."),
)
register(
    "dispute-away",
    _("%(who)s is away until %(until_at)s: what would run out for them in the dispute %(reference)s runs out later."),
)
register("dispute-evidence", _("%(who)s added evidence in the dispute %(reference)s about “%(project)s”."))


def opened(dispute: "Dispute") -> None:
    """The other side hears that money is in dispute, of the sum and until when to answer."""
    until = dispute.answer_by.isoformat()
    _tell_other(dispute, dispute.opened_by, "dispute-opened", until_at=until, sum=_sum(dispute))


def offered(dispute: "Dispute", by: Member) -> None:
    """The other side hears of an offer."""
    _tell_other(dispute, by, "dispute-offered")


def accepted(dispute: "Dispute", by: Member) -> None:
    """The other side hears that its offer was accepted and the money moved."""
    _tell_other(dispute, by, "dispute-accepted")


def executed(dispute: "Dispute") -> None:
    """The side that did not answer hears that the offer was executed."""
    _tell_other(dispute, dispute.opened_by, "dispute-executed")


def escalated(dispute: "Dispute", by: Member) -> None:
    """The other side hears that an arbitrator will decide."""
    _tell_other(dispute, by, "dispute-escalated")


def withdrawn(dispute: "Dispute") -> None:
    """The other side hears that the money is simply held again."""
    _tell_other(dispute, dispute.opened_by, "dispute-withdrawn")


def evidence(dispute: "Dispute", item: "EvidenceItem") -> None:
    """The other side hears that there is more to read."""
    _tell_other(dispute, item.by, "dispute-evidence")


def away(dispute: "Dispute", by: Member, until: datetime.datetime) -> None:
    """The other side hears of an absence, which moves clocks."""
    _tell_other(dispute, by, "dispute-away", until_at=until.isoformat())


def _sum(dispute: "Dispute") -> Word:
    return amount(dispute.disputed, dispute.currency)


def _tell_other(dispute: "Dispute", by: Member, kind: str, **words: Word) -> None:
    about = {"who": by.name, "reference": dispute.reference, "project": dispute.award.project.title}
    tell(dispute.other(by.pk), kind, dispute.get_absolute_url(), **about, **words)
