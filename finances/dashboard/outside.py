"""Payments and withdrawals beside what they moved: which of them a transfer belongs to, and which are under way."""

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q, Value
from django.utils.translation import gettext as _

from accounts.models import Member
from config.templatetags.money import money
from finances.ledger.models import Transfer
from finances.payments import state_words
from finances.payments.models import Payment, PaymentSource, PayoutDestination, Withdrawal
from milestones.models import Funding
from milestones.models.funding import PURPOSE

Outside = Payment | Withdrawal
MOST = 50  # under way


def outside_of(transfers: Iterable[Transfer]) -> dict[int, Outside]:
    """Return the payment or withdrawal behind each of *transfers* that has one, by its number. One query at most."""
    kinds = (Transfer.Kind.DEPOSIT, Transfer.Kind.WITHDRAWAL, Transfer.Kind.RETURN)
    ids = [transfer.pk for transfer in transfers if transfer.kind in kinds]
    if not ids:
        return {}
    payments = Payment.objects.filter(transfer__in=ids)
    withdrawals = Withdrawal.objects.filter(events__transfer__in=ids)
    came = _columns(payments, F("purpose"), F("words"), "source", moved=F("transfer"))
    went = _columns(withdrawals, Value("withdrawal"), Value(""), "destination", moved=F("events__transfer"))
    return {columns["moved"]: _outside(columns) for columns in came.union(went, all=True)}


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
    unsettled = Q(state__in=(*Payment.OPEN, Payment.State.REVIEW, Payment.State.DECLINED))
    unfunded = Funding.objects.visible_to(user).unfunded().order_by().values("payment")
    unsettled &= ~Q(state=Payment.State.DECLINED) | Q(pk__in=unfunded)
    payments = _columns(Payment.objects.visible_to(user).filter(unsettled), F("purpose"), F("words"), "source")
    withdrawals = Withdrawal.objects.visible_to(user).under_way()
    both = payments.union(_columns(withdrawals, Value("withdrawal"), Value(""), "destination"), all=True)
    return [_row(columns) for columns in both.order_by("-created_at")[:MOST]]


def _columns(found: Any, sort: Any, words: Any, way: str, **more: Any) -> Any:
    """The columns that both sorts have, those of the source or destination (*way*) among them."""
    own = {name: F(f"{way}__{name}") for name in ("name", "brand", "kind", "last4")}
    names = ("pk", "sort", "what", "amount", "currency", "state", "created_at", *own, *more)
    return found.order_by().annotate(sort=sort, what=words, **own, **more).values(*names)


def _outside(columns: dict[str, Any]) -> Outside:
    """The payment or withdrawal, with as much of it as a line shows."""
    own = {name: columns[name] for name in ("name", "brand", "kind", "last4")}
    sums = {name: columns[name] for name in ("pk", "amount", "currency", "state")}
    if columns["sort"] == "withdrawal":
        return Withdrawal(destination=PayoutDestination(**own), **sums)
    return Payment(words=columns["what"], source=PaymentSource(**own), **sums)


def _row(columns: dict[str, Any]) -> dict[str, Any]:
    outside = _outside(columns)
    if isinstance(outside, Payment):
        words, tone = outside.words, state_words.PAYMENT_TONES[Payment.State(outside.state)]
        if columns["sort"] == PURPOSE:
            words = _("Unfunded milestone: %(task)s") % {"task": words}
    else:
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
