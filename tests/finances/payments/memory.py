"""A payment provider in memory, told by the test how it answers. It honours keys as a real one does."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from accounts.models import Member
from finances.payments.gateways import (
    Answer,
    BadSignature,
    Gateway,
    Movement,
    Notice,
    Outcome,
    Refused,
    Saved,
    Setup,
    Unreachable,
)
from finances.payments.models import Instrument


class MemoryGateway(Gateway):
    """``next`` is the outcome of what is asked for next; ``lose`` loses so many answers after doing it."""

    name = "sandbox"

    def __init__(self) -> None:
        self.next: Outcome | Exception = Outcome.SUCCEEDED
        self.lose = 0
        self.down = False
        self.charges: dict[str, Answer] = {}
        self.payouts: dict[str, Answer] = {}
        self.refunds: dict[str, Answer] = {}
        self.saved: dict[str, Saved] = {}
        self.calls: list[str] = []
        self.lines: list[Movement] = []
        self.numbers = itertools.count(1)

    # --- what a test does at the provider

    def ends(self, of: dict[str, Answer], key: object, outcome: Outcome, **more: object) -> Answer:
        """Let the charge or payout *key* end so."""
        of[str(key)] = replace(of[str(key)], outcome=outcome, **more)
        if outcome == Outcome.SUCCEEDED and of is self.charges:
            self.line("charge", of[str(key)], 1)
        if outcome == Outcome.DECLINED and of is self.payouts:
            self.line("payout_failed", of[str(key)], 1)
        return of[str(key)]

    def line(self, kind: str, answer: Answer, sign: int) -> None:
        """Write a line of the provider's books."""
        line = Movement(answer.reference, answer.key, kind, sign * answer.amount, answer.currency, timezone.now())
        self.lines.append(line)

    # --- the interface

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.down:
            raise Unreachable

    def _answered(self, answer: Answer) -> Answer:
        if self.lose:
            self.lose -= 1
            raise Unreachable
        return answer

    def _ask(self, of: dict[str, Answer], key: str, amount: int, currency: str, kind: str, sign: int) -> Answer:
        if isinstance(self.next, Exception):
            raise self.next
        if key not in of:
            made = Answer(self.next, f"{kind}-{next(self.numbers)}", amount, currency, key=key)
            if self.next == Outcome.NEEDS_STEP:
                made = replace(made, step_url="https://bank.example/step")
            if self.next == Outcome.DECLINED:
                made = replace(made, reason="card_declined")
            of[key] = made
            if self.next == Outcome.SUCCEEDED or (kind == "payout" and self.next == Outcome.PROCESSING):
                self.line(kind, made, sign)
        return self._answered(of[key])

    def begin_source(self, *, owner_id: int, email: str, kind: str, currency: str, back: str) -> Setup:
        self._called("begin_source")
        return Setup(f"setup-{next(self.numbers)}", "https://provider.example/add")

    def begin_destination(self, *, owner_id: int, email: str, currency: str, back: str) -> Setup:
        self._called("begin_destination")
        return Setup(f"setup-{next(self.numbers)}", "https://provider.example/add")

    def finished(self, setup_reference: str) -> Saved | None:
        self._called("finished")
        return self.saved.get(setup_reference)

    def verify(self, source_reference: str, code: str) -> bool:
        self._called("verify")
        return code == "1234"

    def forget(self, source_reference: str) -> None:
        self._called("forget")

    def charge(
        self, *, key: str, source: str, customer: str, amount: int, currency: str, words: str, back: str
    ) -> Answer:
        self._called("charge")
        return self._ask(self.charges, key, amount, currency, "charge", 1)

    def cancel_charge(self, reference: str) -> Answer:
        self._called("cancel_charge")
        (key,) = [key for key, answer in self.charges.items() if answer.reference == reference]
        if self.charges[key].outcome == Outcome.NEEDS_STEP:
            self.ends(self.charges, key, Outcome.CANCELLED)
        return self._answered(self.charges[key])

    def refund(self, *, key: str, charge: str, amount: int, currency: str) -> Answer:
        self._called("refund")
        return self._ask(self.refunds, key, amount, currency, "refund", -1)

    def pay_out(self, *, key: str, destination: str, amount: int, currency: str, words: str) -> Answer:
        self._called("pay_out")
        return self._ask(self.payouts, key, amount, currency, "payout", -1)

    def find_charge(self, key: str, *, customer: str, since: datetime) -> Answer | None:
        self._called("find_charge")
        return self.charges.get(key)

    def find_payout(self, key: str, *, destination: str, since: datetime) -> Answer | None:
        self._called("find_payout")
        return self.payouts.get(key)

    def read_charge(self, reference: str) -> Answer:
        self._called("read_charge")
        return self._read(self.charges, reference)

    def read_payout(self, reference: str) -> Answer:
        self._called("read_payout")
        return self._read(self.payouts, reference)

    def _read(self, of: dict[str, Answer], reference: str) -> Answer:
        found = [answer for answer in of.values() if answer.reference == reference]
        if not found:
            raise Refused("no such thing")
        return self._answered(found[0])

    def webhook(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        try:
            signature, event_id, kind, reference = body.decode().split()
        except ValueError as error:
            raise BadSignature("unreadable") from error
        if signature != "signed":
            raise BadSignature("unsigned")
        return Notice(event_id, kind, reference, "")

    def balances(self) -> dict[str, int]:
        self._called("balances")
        sums: dict[str, int] = {}
        for line in self.lines:
            sums[line.currency] = sums.get(line.currency, 0) + line.amount
        return sums

    def movements(self, since: datetime) -> Iterator[Movement]:
        self._called("movements")
        return iter([line for line in self.lines if line.at >= since])


def saved(model: type[Instrument], owner: Member, **fields: object) -> Instrument:
    """A verified instrument of *owner*, as the provider's page leaves it."""
    number = model.objects.count() + 1
    fields = {
        "gateway": "sandbox",
        "setup": f"{model.__name__}-{number}",
        "reference": f"reference-{number}",
        "kind": "card",
        "brand": "Visa",
        "last4": "4242",
        "state": Instrument.State.VERIFIED,
        "place": number,
        **fields,
    }
    return model.objects.create(owner=owner, **fields)
