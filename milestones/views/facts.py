"""What is true now, for the page that says that something changed (P25)."""

import re
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Member
from config.templatetags.money import money
from finances.ledger.models import Account
from milestones.models import Milestone, MilestoneRequest
from projects.models import Award


def of_milestone(pk: int) -> list[tuple[str, object]]:
    """Return the milestone's facts, read anew."""
    now = Milestone.objects.with_people().with_money().get(pk=pk)
    return [
        (_("Milestone"), now.task),
        (_("State"), now.get_state_display()),
        (_("Held now"), money(now.held_now, now.currency)),
        (_("Released so far"), money(now.released_so_far, now.currency)),
        *_taken_back(now),
        (_("Award"), now.award.get_state_display()),
    ]


def _taken_back(now: Milestone) -> list[tuple[str, object]]:
    back = now.taken_back()
    return [(_("Returned after release"), money(back, now.currency))] if back else []


def of_award(pk: int, user: Member) -> list[tuple[str, object]]:
    """Return the award's facts and what *user* has available for it, read anew."""
    award = Award.objects.get(pk=pk)
    held = Milestone.held_for(award)
    wallet = Account.objects.filter(owner=user, kind="wallet", currency=award.currency).first()
    return [
        (_("Award"), award.get_state_display()),
        (_("Agreed"), money(award.amount, award.currency)),
        (_("Held now"), money(held, award.currency)),
        (_("Your available funds"), money(wallet.balance if wallet else 0, award.currency)),
    ]


def of_request(award: Award, number: object) -> list[tuple[str, object]]:
    """Return what the request *number* of *award* says now; nothing where there is none of that number."""
    if not re.fullmatch(r"[0-9]{1,18}", str(number), re.ASCII):
        return []
    asked: Any = MilestoneRequest.objects.filter(award=award, pk=int(str(number))).first()
    if asked is None:
        return []
    return [
        (_("Request"), asked.task),
        (_("Requested"), money(asked.amount, award.currency)),
        (_("State"), asked.get_state_display()),
    ]
