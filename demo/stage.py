"""What the stories play on: the clock, the cast, and money that arrives when somebody needs it."""

import datetime
import heapq
import random
import uuid
from collections.abc import Callable, Iterator

from accounts.models import Member
from config.money import decimals
from demo.clock import Clock
from finances.ledger.models import Account
from finances.payments import charging
from finances.payments.models import Payment, PaymentSource
from projects.models import Award

# A story says how long it waits for its next step, or until when.
Wait = datetime.timedelta | datetime.datetime
Story = Iterator[Wait]


def minutes(number: float) -> datetime.timedelta:
    return datetime.timedelta(minutes=number)


def hours(number: float) -> datetime.timedelta:
    return datetime.timedelta(hours=number)


def days(number: float) -> datetime.timedelta:
    return datetime.timedelta(days=number)


class Stage:
    """Plays stories side by side in the order of time, so that ids and dates of everything agree."""

    def __init__(self, clock: Clock, cast: dict[str, Member], seed: int = 1977) -> None:
        self.clock = clock
        self.end = clock.now
        self.cast = cast
        self.random = random.Random(seed)
        self.cards: dict[int, list[PaymentSource]] = {}  # by their owner's id, the one that pays first
        self._waiting: list[tuple[datetime.datetime, int, Story]] = []
        self._entered = 0

    def enter(self, story: Story, at: datetime.datetime) -> None:
        """Let *story* begin at *at*."""
        self._entered += 1
        heapq.heappush(self._waiting, (at, self._entered, story))

    def play(self, told: Callable[[datetime.datetime], None]) -> None:
        """Play until now; what would happen later has not happened yet. *told* hears of the time reached."""
        while self._waiting:
            at, _, story = heapq.heappop(self._waiting)
            if at >= self.end:
                continue
            self.clock.now = max(at, self.clock.now + datetime.timedelta(milliseconds=20))
            told(self.clock.now)
            wait = next(story, None)
            if wait is not None:
                self.enter(story, wait if isinstance(wait, datetime.datetime) else self.clock.now + wait)

    def key(self) -> uuid.UUID:
        """Return a fresh key, the same one every time the demo is made."""
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def some(self, least: float, most: float) -> float:
        return self.random.uniform(least, most)

    def by_day(self, wait: datetime.timedelta) -> datetime.datetime:
        """Return a time about *wait* from now at which people are awake and at their desks."""
        then = self.clock.now + wait
        if not 7 <= then.hour < 20:
            then = then.replace(hour=self.random.randint(8, 18), minute=self.random.randint(0, 59))
        return then if then > self.clock.now else then + days(1)

    def pay_in(self, member: Member, amount: int, currency: str) -> None:
        """Let *member* deposit about *amount* minor units, rounded up to a sum that people transfer."""
        whole = 10 ** decimals(currency)
        step = (5_000 if currency == "JPY" else 50) * whole
        self.deposit(member, -(-amount // step) * step, currency)

    def cover(self, award: Award, amount: int, key: uuid.UUID) -> None:
        """Let the employer of *award* pay in, with *key*, what they lack to hold *amount* minor units."""
        cost = amount + award.terms.employer.on(amount)
        if self.available(award.employer, award.currency) < cost:
            card, step = self.cards[award.employer_id][0], 50 * 10 ** decimals(award.currency)
            charging.charge(charging.begin(card, -(-cost // step) * step, award.currency, by=award.employer, key=key))

    def deposit(self, member: Member, amount: int, currency: str, source: PaymentSource | None = None) -> Payment:
        """Let *member* deposit *amount* minor units from *source*, or else from their first card."""
        source = source or self.cards[member.pk][0]
        return charging.charge(charging.begin(source, amount, currency, by=member, key=self.key()))

    def available(self, member: Member, currency: str) -> int:
        """Return what *member* can spend in *currency*, in minor units."""
        return Account.wallet(member.pk, currency).balance
