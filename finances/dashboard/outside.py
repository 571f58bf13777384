"""Payments and withdrawals beside what they moved: which of them a transfer belongs to, and which are under way."""

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q, Value
from django.utils.translation import gettext as _

from accounts.models import Member
from finances.ledger.models import Transfer
from finances.payments import state_words
from finances.payments.models import Payment, PaymentSource, PayoutDestination, Withdrawal, WithdrawalEvent
from milestones.models import Funding
from milestones.models.funding import PURPOSE
from milestones.rows import money

Outside = Payment | Withdrawal
MOST = 50  # under way


def outside_of(transfers: Iterable[Transfer]) -> dict[int, Outside]:
    """Return the payment or withdrawal behind each of *transfers* that has one, by its number. Two queries at most."""
    found: dict[int, Outside] = {}
    ids: dict[str, list[int]] = {}
    for transfer in transfers:
        ids.setdefault(transfer.kind, []).append(transfer.pk)
    if came := ids.get(Transfer.Kind.DEPOSIT):
        for payment in Payment.objects.filter(transfer__in=came).select_related("source"):
            found[payment.transfer_id] = payment  # type: ignore[index]
    if went := [*ids.get(Transfer.Kind.WITHDRAWAL, []), *ids.get(Transfer.Kind.RETURN, [])]:
        for event in WithdrawalEvent.objects.filter(transfer__in=went).select_related("withdrawal__destination"):
            found[event.transfer_id] = event.withdrawal  # type: ignore[index]
    return found


def through(outside: Outside) -> str:
    """Say from where or to where it is."""
    if isinstance(outside, Payment):
        return _("from %(source)s") % {"source": outside.source}
    return _("to %(destination)s") % {"destination": outside.destination}


def transfers_named(user: Member, words: str) -> list[int] | None:
    """Return the ids of the transfers of the payment or withdrawal whose reference was typed; None for other words."""
    named = re.fullmatch(r"([PpWw])([0-9]{1,18})", words)
    if not named:
        return None
    pk = int(named[2])
    sort: Any = Payment if named[1] in "Pp" else Withdrawal
    own = sort.objects.visible_to(user).filter(pk=pk, events__transfer__isnull=False)
    return list(own.values_list("events__transfer", flat=True))


def under_way(user: Member) -> list[dict[str, Any]]:
    """The member's payments and withdrawals of which the last word is still to come, newest first. One query.

    With them milestones that are unfunded because their payment was declined (P17).
    """
    unsettled = Q(state__in=Payment.OPEN) | Q(state=Payment.State.REVIEW)
    unsettled |= Q(pk__in=Funding.objects.visible_to(user).unfunded().order_by().values("payment"))
    payments = _columns(Payment.objects.visible_to(user).filter(unsettled), F("purpose"), F("words"), "source")
    withdrawals = Withdrawal.objects.visible_to(user).under_way()
    both = payments.union(_columns(withdrawals, Value("withdrawal"), Value(""), "destination"), all=True)
    return [_row(columns) for columns in both.order_by("-created_at")[:MOST]]


def _columns(found: Any, sort: Any, words: Any, way: str) -> Any:
    """The columns that both sorts have, those of the source or destination (*way*) among them."""
    own = {name: F(f"{way}__{name}") for name in ("name", "brand", "kind", "last4")}
    names = ("pk", "sort", "what", "amount", "currency", "state", "created_at", *own)
    return found.order_by().annotate(sort=sort, what=words, **own).values(*names)


def _row(columns: dict[str, Any]) -> dict[str, Any]:
    own = {name: columns[name] for name in ("name", "brand", "kind", "last4")}
    sums = {name: columns[name] for name in ("pk", "amount", "currency", "state")}
    outside: Outside
    if columns["sort"] != "withdrawal":
        outside = Payment(words=columns["what"], source=PaymentSource(**own), **sums)
        words = outside.words
        if columns["sort"] == PURPOSE:
            words = _("Unfunded milestone: %(task)s") % {"task": words}
        tone = state_words.PAYMENT_TONES[Payment.State(outside.state)]
    else:
        outside = Withdrawal(destination=PayoutDestination(**own), **sums)
        words, tone = _("Withdrawal"), state_words.WITHDRAWAL_TONES[Withdrawal.State(outside.state)]
    return {
        "what": words,
        "reference": outside.display_reference,
        "through": through(outside),
        "sum": money(outside.amount, outside.currency),
        "state": outside.get_state_display(),
        "tone": tone,
        "url": outside.get_absolute_url(),
    }
