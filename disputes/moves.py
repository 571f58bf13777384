"""Whose move it is in a dispute, and what it is: the case's page, the list and the home page say the same."""

import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from disputes.models import Dispute
from disputes.models.absences import unanswered


class Move(NamedTuple):
    """Whether it is the reader's, what there is to do or to wait for in a sentence, and until when, if that is set."""

    mine: bool
    words: str
    until: datetime.datetime | None = None


def of(dispute: Dispute, user: Member) -> Move:
    """Return whose move it is as *user*, one of the sides, reads it."""
    if dispute.state == Dispute.State.OPENED:
        return _opened(dispute, user)
    if dispute.state == Dispute.State.NEGOTIATION:
        return _negotiation(dispute, user)
    if dispute.state == Dispute.State.ARBITRATION:
        return _arbitration(dispute, user)
    if dispute.state == Dispute.State.WITHDRAWN:
        return Move(False, _("It was withdrawn: the money is held again as before."))
    return Move(False, f"{dispute.get_outcome_display()}.")


def _names(dispute: Dispute, user: Member) -> dict[str, object]:
    return {"other": dispute.other(user.pk).get_short_name(), "arbitrator": dispute.arbitrator}


def _opened(dispute: Dispute, user: Member) -> Move:
    names, late = _names(dispute, user), dispute.answer_by <= timezone.now()
    if user.pk == dispute.opened_by_id:
        if late:
            words = _("%(other)s did not answer in time: you can have your offer executed or call an arbitrator.")
            return Move(True, words % names)
        return Move(False, _("%(other)s can accept your offer or make another one.") % names, dispute.answer_by)
    if late:
        words = _("Your time to answer is over: %(other)s can have the offer executed. Until then you can answer.")
        return Move(True, words % names, dispute.answer_by)
    return Move(True, _("Accept %(other)s's offer, or make one of your own.") % names, dispute.answer_by)


def _negotiation(dispute: Dispute, user: Member) -> Move:
    names = _names(dispute, user)
    newest = dispute.offers.order_by("-id").first()
    mine = newest is not None and newest.by_id != user.pk
    if mine:
        words = _("%(other)s made the last offer: accept it, or make another one.")
    else:
        words = _("%(other)s can accept your last offer or make another one.")
    if dispute.escalate_from <= timezone.now():
        words += " " + _("Either of you can call an arbitrator.")
        return Move(mine, words % names)
    return Move(mine, words % names)


def _arbitration(dispute: Dispute, user: Member) -> Move:
    names = _names(dispute, user)
    if dispute.verdict_waits:
        return Move(False, _("A verdict is written and waits for a second arbitrator."), dispute.verdict_by)
    if asked := unanswered(dispute, user):
        until = asked[0].until_of(dispute.role_of(user))
        return Move(True, _("%(arbitrator)s asks you something.") % names, until)
    if dispute.allows("accept_proposal", user):
        return Move(True, _("%(arbitrator)s proposes how to split the money.") % names)
    if dispute.arbitrator is None:
        return Move(False, _("It waits for an arbitrator to take it."), dispute.verdict_by)
    return Move(False, _("%(arbitrator)s reads the case and decides.") % names, dispute.verdict_by)
