"""Kill −9 of the web process and of the worker between the provider's yes and our commit (issue 3; P17, P51, P73)."""

import random
import signal
import threading
from collections import Counter
from typing import Any

import psutil

from tests.faults.place import Door, Nursery, Place, after, check

ROUNDS = 50  # of two deaths each
LATEST = 3  # seconds; whoever has not had its yes by then dies without one


class Life:
    """A process that is going to be killed, once, in one of three ways.

    At a *yes*: the provider has done it, and has not answered. Soon after one: its answer is being written down.
    At *any* moment of its life.
    """

    def __init__(self, nursery: Nursery, door: Door, dice: random.Random, do: str, **options: Any) -> None:
        self.nursery, self.dice = nursery, dice
        self.way = dice.choice(("yes", "yes", "soon", "soon", "any"))
        self.left = dice.randint(1, 4)  # the yes at which it dies
        self.said = ""  # the key of the last yes
        self.born, self.lock, self.killed = threading.Event(), threading.Lock(), False
        door.heard = self.heard
        self.process: psutil.Process = nursery.begin(do, door.address, **options)
        self.born.set()
        self.last = after(dice.uniform(0, 0.4) if self.way == "any" else LATEST, self.kill)

    def heard(self, key: str) -> None:
        """The provider has done what it was asked for under *key*, and is going to answer."""
        self.said, self.left = key, self.left - 1
        if self.left == 0 and self.way == "yes":
            self.kill()
        elif self.left == 0 and self.way == "soon":
            after(self.dice.uniform(0, 0.03), self.kill)

    def kill(self) -> None:
        self.born.wait(10)
        with self.lock:
            if not self.killed:
                self.killed = True
                self.process.send_signal(signal.SIGKILL)

    def end(self) -> int:
        """Return the exit code of the process."""
        code, _result = self.nursery.end()
        self.last.cancel()
        return code


def test_a_hundred_kills_double_nothing_and_lose_nothing(place: Place) -> None:
    dice = random.Random(20261125)
    web, worker = (place.nursery(), place.door()), (place.nursery(), place.door())
    deaths: Counter[str] = Counter()
    for number in range(ROUNDS):
        for life in [Life(*web, dice, "web", seed=number), Life(*worker, dice, "worker", asked_for=4)]:
            assert life.end() == -signal.SIGKILL, "it died of something else"
            deaths["between" if life.said and place.unwritten(life.said) else "elsewhere"] += 1
    assert sum(deaths.values()) == 100
    assert deaths["between"] >= 30, f"too few died between the provider's yes and our commit: {deaths}"
    assert deaths["elsewhere"] >= 10, f"too few died at other points: {deaths}"
    said = check(place)
    assert len(said["payments"]) >= 50
    assert said["milestones"] >= 10
    assert len(said["withdrawals"]) >= 100
