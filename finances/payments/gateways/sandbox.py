"""The sandbox provider behind the interface of all providers. What it does with which card: ``sandbox.CARDS``.

Its books are committed in transactions of their own, before the caller hears of them: so an answer can be lost while
the money has moved, as with a provider that stands elsewhere.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from config.refusals import KeyConflict
from finances.payments.gateways.base import (
    Answer,
    Gateway,
    Movement,
    Notice,
    Outcome,
    Refused,
    Saved,
    Setup,
    Unreachable,
    outside_any_transaction,
)
from finances.payments.sandbox import notices
from finances.payments.sandbox.instruments import DOWN_SECONDS, SLOW_SECONDS, Behaviour
from finances.payments.sandbox.models import (
    BRAND,
    CODE_TRIES,
    SandboxCall,
    SandboxCharge,
    SandboxInstrument,
    SandboxOutage,
    SandboxPayout,
    SandboxRefund,
    SandboxSetup,
)

OTHER_AMOUNT = 1  # minor units that Behaviour.OTHER_AMOUNT charges beyond what was asked for
DAYS_TO_ARRIVE = 2

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class _Course:
    """What becomes of money: how it stands at once, and as what it settles later."""

    outcome: Outcome
    reason: str = ""
    settles_as: str = ""  # after SLOW_SECONDS
    answer_lost: bool = False


_DECLINED = {
    Behaviour.DECLINED: "card_declined",
    Behaviour.INSUFFICIENT_FUNDS: "insufficient_funds",
    Behaviour.EXPIRED: "expired_card",
    Behaviour.LOST_CARD: "lost_card",
}
_COURSES = {
    **{behaviour: _Course(Outcome.DECLINED, reason) for behaviour, reason in _DECLINED.items()},
    Behaviour.NEEDS_STEP: _Course(Outcome.NEEDS_STEP),
    Behaviour.SLOW: _Course(Outcome.PROCESSING, settles_as=Outcome.SUCCEEDED),
    Behaviour.FAILS_LATER: _Course(Outcome.PROCESSING, "insufficient_funds", settles_as=Outcome.DECLINED),
    Behaviour.LOSES_ANSWER: _Course(Outcome.SUCCEEDED, answer_lost=True),
}


def _provider(call: Callable[Concatenate["SandboxGateway", P], R]) -> Callable[Concatenate["SandboxGateway", P], R]:
    """A call that leaves the house, or would: outside any transaction, and without an answer while all is down."""

    @functools.wraps(call)
    def asked(self: "SandboxGateway", *args: P.args, **kwargs: P.kwargs) -> R:
        if self.apart:
            outside_any_transaction()
        try:
            if SandboxOutage.now():
                raise Unreachable("the sandbox is down")
            return call(self, *args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            raise Unreachable(str(error)) from error

    return asked


class SandboxGateway(Gateway):
    """Plays a provider. It pays out whatever it is asked to: whether our balance there suffices is not played."""

    name = "sandbox"
    # Whether it keeps its books in transactions of its own. The demo, which is made in one or not at all, says no.
    apart = True
    # How long what is slow takes.
    slow = timedelta(seconds=SLOW_SECONDS)

    # --- Sources and destinations ---

    @_provider
    def begin_source(self, *, owner_id: int, email: str, kind: str, currency: str, back: str) -> Setup:
        if kind == SandboxInstrument.Kind.BANK and not currency:
            raise Refused(_("Say in which currency the bank account is."))
        return self._begin(SandboxInstrument.Use.SOURCE, owner_id, SandboxInstrument.Kind(kind), currency, back)

    @_provider
    def begin_destination(self, *, owner_id: int, email: str, currency: str, back: str) -> Setup:
        return self._begin(SandboxInstrument.Use.DESTINATION, owner_id, SandboxInstrument.Kind.BANK, currency, back)

    def _begin(
        self, use: SandboxInstrument.Use, owner_id: int, kind: SandboxInstrument.Kind, currency: str, back: str
    ) -> Setup:
        setup = SandboxSetup.objects.create(owner_id=owner_id, use=use, kind=kind, currency=currency, back=back)
        return Setup(setup.reference, setup.get_absolute_url())

    @_provider
    def finished(self, setup_reference: str) -> Saved | None:
        setup = SandboxSetup.objects.select_related("instrument").filter(reference=setup_reference).first()
        saved = setup.instrument if setup else None
        if saved is None:
            return None
        return Saved(saved.reference, saved.kind, BRAND, saved.last4, saved.expires, saved.currency, saved.verified)

    @_provider
    def verify(self, source_reference: str, code: str) -> bool:
        with transaction.atomic(durable=self.apart):
            source = self._locked(SandboxInstrument.objects.all(), source_reference)
            if source.forgotten or source.use != SandboxInstrument.Use.SOURCE:
                raise Refused(_("This can’t be verified. Add it again."))
            if source.verified:
                return True
            if source.tries >= CODE_TRIES:
                raise Refused(_("The code was wrong too often. Remove this source and add it again."))
            source.tries += 1
            source.verified = code.strip() == source.code
            source.save(update_fields=["tries", "verified"])
            return source.verified

    @_provider
    def forget(self, source_reference: str) -> None:
        SandboxInstrument.objects.filter(reference=source_reference).update(forgotten=True)

    def statement_url(self, source_reference: str) -> str:
        source = SandboxInstrument.objects.filter(reference=source_reference).first()
        return source.get_absolute_url() if source else ""

    # --- Money in ---

    @_provider
    def charge(
        self, *, key: str, source: str, customer: str, amount: int, currency: str, words: str, back: str
    ) -> Answer:
        wanted = ["charge", source, amount, currency]
        if made := self._made(SandboxCharge, key, wanted):
            return made
        charged = self._instrument(source, SandboxInstrument.Use.SOURCE, currency)
        if not charged.verified:
            raise Refused(_("This source has not been verified yet."))
        more = {"back": back, "amount": amount + (OTHER_AMOUNT if charged.behaviour == Behaviour.OTHER_AMOUNT else 0)}
        return self._move(SandboxCharge, key, wanted, charged, currency, words, **more)

    @_provider
    def cancel_charge(self, reference: str) -> Answer:
        with transaction.atomic(durable=self.apart):
            charge = self._locked(SandboxCharge.objects.all(), reference)
            charge.end_step(Outcome.CANCELLED)
        return _answer(charge)

    @_provider
    def refund(self, *, key: str, charge: str, amount: int, currency: str) -> Answer:
        with transaction.atomic(durable=self.apart):
            refunded = self._locked(SandboxCharge.objects.all(), charge)
            call, new = _once(key, ["refund", charge, amount, currency])
            if new:
                left = refunded.amount - (refunded.refunds.aggregate(sum=Sum("amount"))["sum"] or 0)
                if refunded.outcome_now != Outcome.SUCCEEDED or currency != refunded.currency or not 0 < amount <= left:
                    raise Refused(_("The provider can’t give that much of this charge back."))
                SandboxRefund.objects.create(call=call, charge=refunded, amount=amount)
            made = call.sandboxrefund
        return Answer(Outcome.SUCCEEDED, made.reference, made.amount, refunded.currency, key)

    # --- Money out ---

    @_provider
    def pay_out(self, *, key: str, destination: str, amount: int, currency: str, words: str) -> Answer:
        wanted = ["payout", destination, amount, currency]
        if made := self._made(SandboxPayout, key, wanted):
            return made
        paid = self._instrument(destination, SandboxInstrument.Use.DESTINATION, currency)
        return self._move(SandboxPayout, key, wanted, paid, currency, words, amount=amount)

    def _made(self, model: type[SandboxCharge] | type[SandboxPayout], key: str, wanted: list[Any]) -> Answer | None:
        """Return what became of this request before, whatever became of the account since."""
        call = SandboxCall.objects.filter(key=key).first()
        if call is None:
            return None
        _require_same(call, wanted)
        return self._made_of(model, call)

    def _move(
        self,
        model: type[SandboxCharge] | type[SandboxPayout],
        key: str,
        wanted: list[Any],
        instrument: SandboxInstrument,
        currency: str,
        words: str,
        **more: Any,
    ) -> Answer:
        """Let the money take its course, once a *key*, and answer unless that is a course without an answer."""
        behaviour = Behaviour(instrument.behaviour)
        if behaviour == Behaviour.TIMES_OUT:
            raise Unreachable("this account's bank never answers")
        course = _COURSES.get(behaviour, _Course(Outcome.SUCCEEDED))
        with transaction.atomic(durable=self.apart):
            call, new = _once(key, wanted)
            down = self._down(call, new and behaviour == Behaviour.DOWN)
            if not down and (new or not hasattr(call, model.__name__.lower())):
                model.objects.create(
                    call=call,
                    instrument=instrument,
                    currency=currency,
                    words=words[:200],
                    outcome=course.outcome,
                    reason=_reason(model, course.reason),
                    settles_as=course.settles_as,
                    settles_at=timezone.now() + self.slow if course.settles_as else None,
                    **more,
                )
        if down or (new and course.answer_lost):
            raise Unreachable("the answer was lost")
        return _answer(getattr(call, model.__name__.lower()))

    def _down(self, call: SandboxCall, begins: bool) -> bool:
        """Whether nothing can be said about this call now."""
        if begins:
            call.down_until = timezone.now() + timedelta(seconds=DOWN_SECONDS)
            call.save(update_fields=["down_until"])
        return call.down_until is not None and timezone.now() < call.down_until

    # --- Asking again ---

    @_provider
    def find_charge(self, key: str, *, customer: str, since: datetime) -> Answer | None:
        return self._find(SandboxCharge, key)

    @_provider
    def find_payout(self, key: str, *, destination: str, since: datetime) -> Answer | None:
        return self._find(SandboxPayout, key)

    def _find(self, model: type[SandboxCharge] | type[SandboxPayout], key: str) -> Answer | None:
        call = SandboxCall.objects.filter(key=key).first()
        return self._made_of(model, call) if call else None

    def _made_of(self, model: type[SandboxCharge] | type[SandboxPayout], call: SandboxCall) -> Answer | None:
        if self._down(call, begins=False):
            raise Unreachable("the sandbox says nothing about this now")
        found = model.objects.select_related("call").filter(call=call).first()
        return _answer(found) if found else None

    @_provider
    def read_charge(self, reference: str) -> Answer:
        return _answer(self._known(SandboxCharge.objects.select_related("call"), reference))

    @_provider
    def read_payout(self, reference: str) -> Answer:
        return _answer(self._known(SandboxPayout.objects.select_related("call"), reference))

    # --- What the provider says by itself ---

    def webhook(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        named = {name.lower(): value for name, value in headers.items()}
        return notices.read(body, named.get(notices.HEADER.lower()))

    @_provider
    def balances(self) -> dict[str, int]:
        sums: dict[str, int] = {}
        for movement in _movements():
            sums[movement.currency] = sums.get(movement.currency, 0) + movement.amount
        return sums

    def movements(self, since: datetime) -> Iterator[Movement]:
        yield from self._movements(since)

    @_provider
    def _movements(self, since: datetime) -> list[Movement]:
        return [movement for movement in _movements() if movement.at >= since]

    # --- Fetching ---

    def _instrument(self, reference: str, use: SandboxInstrument.Use, currency: str) -> SandboxInstrument:
        found = SandboxInstrument.objects.filter(reference=reference, use=use, forgotten=False).first()
        if found is None:
            raise Refused(_("The provider does not know this account any more."))
        if found.currency not in ("", currency):
            raise Refused(_("This account is in %(currency)s only.") % {"currency": found.currency})
        return found

    def _known(self, rows: QuerySet[Any], reference: str) -> Any:
        try:
            return rows.get(reference=reference)
        except ObjectDoesNotExist:
            raise Refused(_("The provider knows nothing of that.")) from None

    def _locked(self, rows: QuerySet[Any], reference: str) -> Any:
        return self._known(rows.select_for_update(), reference)


def _once(key: str, wanted: list[Any]) -> tuple[SandboxCall, bool]:
    """Return the call with this key and whether it is new. Waits for one that is being made. In a transaction."""
    call, new = SandboxCall.objects.select_for_update().get_or_create(key=key, defaults={"wanted": wanted})
    _require_same(call, wanted)
    return call, new


def _require_same(call: SandboxCall, wanted: list[Any]) -> None:
    if call.wanted != wanted:
        raise KeyConflict(f"the key {call.key} was used for something else")


def _reason(model: type, reason: str) -> str:
    return "destination_refused" if model is SandboxPayout and reason else reason


def _answer(made: SandboxCharge | SandboxPayout) -> Answer:
    outcome = made.outcome_now
    return Answer(
        outcome,
        made.reference,
        made.amount,
        made.currency,
        made.call.key,
        step_url=made.get_absolute_url() if isinstance(made, SandboxCharge) and outcome == Outcome.NEEDS_STEP else "",
        reason=made.reason_now,
        arrives_on=_arrival(made) if isinstance(made, SandboxPayout) and outcome == Outcome.SUCCEEDED else None,
    )


def _arrival(payout: SandboxPayout) -> date:
    return (payout.ended_at + timedelta(days=DAYS_TO_ARRIVE)).date()


def _movements() -> Iterator[Movement]:
    """All lines of the sandbox's books about the site's balance."""
    for charge in SandboxCharge.objects.select_related("call"):
        if charge.outcome_now == Outcome.SUCCEEDED:
            yield _line(charge, "charge", charge.amount, charge.ended_at)
    for refund in SandboxRefund.objects.select_related("call", "charge"):
        yield Movement(refund.reference, refund.call.key, "refund", -refund.amount, refund.charge.currency, refund.at)
    for payout in SandboxPayout.objects.select_related("call"):
        later = payout.settles_at is not None
        if later or payout.outcome == Outcome.SUCCEEDED:
            yield _line(payout, "payout", -payout.amount, payout.at)
        if later and payout.outcome_now == Outcome.DECLINED:
            yield _line(payout, "payout_failed", payout.amount, payout.ended_at)


def _line(made: SandboxCharge | SandboxPayout, kind: str, amount: int, at: datetime) -> Movement:
    return Movement(made.reference, made.call.key, kind, amount, made.currency, at)
