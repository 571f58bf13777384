"""A side says that it is away: the clock that runs against it stands still meanwhile, once in a dispute (P42)."""

import datetime
import uuid
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from config.refusals import WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from disputes import notices
from disputes.models.arbitration import Question
from disputes.models.offers import Absence

if TYPE_CHECKING:
    from disputes.models.disputes import Dispute

SHORTEST = datetime.timedelta(hours=1)


class Away:
    """The step of a dispute by which a side gets more time."""

    if TYPE_CHECKING:

        def locked(self, *, to_settle: bool = False) -> "Dispute":
            """Dispute.locked."""

    @retried
    def absence(self, until: datetime.datetime, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Dispute":
        """Be away from now on *until* then: what runs out against *by* meanwhile runs out so much later.

        PermissionDenied for anybody but the two sides; WrongState for a second time, where no clock runs against this
        side, and where *until* is not within the dispute's time for an absence.
        """
        with transaction.atomic():
            dispute = self.locked()
            if dispute._done(key, "absence", of=dispute):
                return dispute
            dispute.require("absence", by)
            seen.require(dispute.seen_version)
            now = timezone.now()
            if not now + SHORTEST <= until <= dispute.rules.after("absence", now):
                raise WrongState(_("An absence is an hour at least, and no longer than the rules of the dispute say."))
            Absence.objects.create(dispute=dispute, member=by, at=now, until=until)
            _stop_clocks(dispute, by, until - now)
            dispute.record("absence", by=by, key=key, seen=seen, until=until.isoformat())
            notices.away(dispute, by, until)
        return dispute


def clocks_against(dispute: "Dispute", member: Member) -> list[tuple[str, datetime.datetime]]:
    """Return what runs out against this side: "answer", "negotiation" or "Q1", each with its time, in the future."""
    now = timezone.now()
    if dispute.state == dispute.State.OPENED and member.pk != dispute.opened_by_id:
        found: list[tuple[str, datetime.datetime | None]] = [("answer", dispute.answer_by)]
    elif dispute.state == dispute.State.NEGOTIATION:
        found = [("negotiation", dispute.escalate_from)]
    elif dispute.state == dispute.State.ARBITRATION:
        role = dispute.role_of(member)
        found = [(asked.reference, asked.until_of(role)) for asked in unanswered(dispute, member)]
    else:
        found = []
    return [(name, at) for name, at in found if at and at > now]


def unanswered(dispute: "Dispute", member: Member) -> list[Question]:
    """Return the arbitrator's questions to this side that it has not answered, oldest first."""
    side = f"{dispute.role_of(member)}_by"
    asked = dispute.questions.exclude(**{side: None}).exclude(answers__by=member)
    return list(asked.order_by("number"))


def _stop_clocks(dispute: "Dispute", by: Member, time: datetime.timedelta) -> None:
    """Move what runs out against *by*. The dispute's row is locked."""
    names = [name for name, _at in clocks_against(dispute, by)]
    if "answer" in names:
        dispute.answer_by += time
    if "answer" in names or "negotiation" in names:
        dispute.escalate_from += time
    dispute.touch("answer_by", "escalate_from")
    numbers = [int(name[1:]) for name in names if name.startswith("Q")]
    side = f"{dispute.role_of(by)}_by"
    dispute.questions.filter(number__in=numbers).update(**{side: F(side) + time})
