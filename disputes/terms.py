"""The rules of a dispute: its clocks and what arbitration costs, read from the settings when it opens.

They are pinned to the dispute: what changes in the settings later is for disputes that open later.
"""

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Self

from django.conf import settings

from config.fees import EVERY_OTHER, Fee
from config.money import share


@dataclass(frozen=True)
class Terms:
    """All times in seconds, all amounts in minor units of the dispute's currency.

    ``answer``: to answer the opening, before its offer may be executed or an arbitrator called. ``negotiation``: from
    the first answer until either side may escalate. ``question``: to answer an arbitrator. ``verdict``: from the
    escalation until a verdict is due. ``absence``: the longest absence that stops a clock, once a side.
    ``second_from``: a disputed sum from which a second arbitrator must confirm a verdict; None: never.
    ``fee_percent``, ``fee_least`` and ``fee_cap``: what arbitration costs, in per cent of the disputed sum with a
    minimum, and never more than ``fee_cap`` per cent of it.
    """

    answer: int
    negotiation: int
    question: int
    verdict: int
    absence: int
    second_from: int | None = None
    fee_percent: str = "0"
    fee_least: int = 0
    fee_cap: str = "100"

    @classmethod
    def current(cls, currency: str) -> Self:
        """Return the rules for a dispute in *currency* that opens now."""
        fee = settings.ARBITRATION_FEES.get(currency) or settings.ARBITRATION_FEES.get(EVERY_OTHER, Fee())
        hours = 3600
        return cls(
            answer=settings.DISPUTE_ANSWER_HOURS * hours,
            negotiation=settings.DISPUTE_NEGOTIATION_HOURS * hours,
            question=settings.DISPUTE_QUESTION_HOURS * hours,
            verdict=settings.DISPUTE_VERDICT_HOURS * hours,
            absence=settings.DISPUTE_ABSENCE_HOURS * hours,
            second_from=settings.SECOND_ARBITRATOR_FROM.get(currency),
            fee_percent=f"{fee.percent.normalize():f}",
            fee_least=fee.least,
            fee_cap=f"{settings.ARBITRATION_FEE_CAP.normalize():f}",
        )

    @classmethod
    def read(cls, pinned: Mapping[str, Any]) -> Self:
        """Return the rules as ``as_json`` wrote them."""
        return cls(**pinned)

    def as_json(self) -> dict[str, Any]:
        """Return the rules in JSON types, as they are pinned to a dispute."""
        return asdict(self)

    def fee(self, disputed: int) -> int:
        """Return what a verdict on *disputed* minor units costs both sides together, in minor units.

        ``min(max(percent, least), cap)``, percentages rounded half-even.
        """
        wanted = max(share(disputed, Decimal(self.fee_percent)), self.fee_least)
        return min(wanted, share(disputed, Decimal(self.fee_cap)), disputed)

    def needs_second(self, disputed: int) -> bool:
        """Return whether a verdict on *disputed* minor units must be confirmed by a second arbitrator."""
        return self.second_from is not None and disputed >= self.second_from

    def after(self, clock: str, start: datetime.datetime) -> datetime.datetime:
        """Return when the *clock* (a field's name) that began at *start* is up."""
        return start + datetime.timedelta(seconds=getattr(self, clock))
