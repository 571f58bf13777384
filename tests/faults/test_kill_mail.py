"""Kill −9 while money is released and while it is told: each is told once in the app, and by one mail (P80).

What "one mail" can mean is in decision 06: a mail whose sender died before it could write down that it was sent is sent
again, by the same name, and the mail server here drops it, as one that knows the name may.
"""

import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from accounts.mails import MOST
from accounts.tasks import MOST as MOST_A_RUN
from tests.faults.mailbox import put_up
from tests.faults.place import Nursery, Place, after

ROUNDS = 16  # of two deaths each
LATEST = 3  # seconds; whoever has not died by then of what it does dies all the same


@pytest.mark.parametrize("delivery", ["once", "daily"])
def test_each_release_is_told_once_whoever_dies(place: Place, tmp_path: Path, delivery: str) -> None:
    dice, deaths = random.Random(20261125), Counter[str]()
    digests, box, asked = delivery == "daily", tmp_path / "mail", tmp_path / "asked"
    box.mkdir()
    put_up(box)
    place.aftermath.get("stock", "", delivery=delivery)
    web, worker = place.nursery(), place.nursery()

    def live(nursery: Nursery, do: str, dies: str, left: int, **options: Any) -> None:
        process, late = nursery.begin(do, "", dies=dies, left=left, **options), []
        kill = after(dice.uniform(0, 0.6) if dies == "any" else LATEST, lambda: late.append(process.kill()))
        code, _result = nursery.end()
        kill.cancel()
        assert code in (-signal.SIGKILL, 0), "it died of something else"
        if code:
            deaths[f"{do}: {'any' if late else dies}"] += 1

    for number in range(ROUNDS):
        dies, left = dice.choice(("moved", "told", "done", "any")), dice.randint(1, 4)
        live(web, "release", dies, left, seed=number, asked=str(asked))
        dies, left = dice.choice(("before", "after", "after", "any")), 1 if digests else dice.randint(1, 3)
        live(worker, "post", dies, left, place=str(box), digest=digests)

    runs = place.aftermath.get("post_all", "", place=str(box))
    said = place.aftermath.get("told", "")
    assert all(run == MOST_A_RUN for run in runs[:-3]), "none was left for a later run but by the limit"
    assert said["wrong"] == []
    check(said, box, deaths)


def check(said: dict[str, Any], box: Path, deaths: Counter[str]) -> None:
    # In the app: exactly one for each release.
    assert len(said["released"]) >= ROUNDS
    assert sorted(path for _pk, path, *_rest in said["told"]) == sorted(said["released"])
    # By mail: each is in exactly one of those that the server kept, and that one bears its name.
    kept = dict(each.read_text().split("\n", 1) for each in (box / "taken").iterdir())
    assert set(said["mails"].values()) == set(kept)
    batches: dict[int, list[int]] = {}
    for pk, _path, batch, mailed in said["told"]:
        assert mailed
        batches.setdefault(batch, []).append(pk)
    for batch, told in batches.items():
        # A long digest names its newest, and counts the others.
        named, rest = sorted(told, reverse=True)[:MOST], len(told) - MOST
        for pk in told:
            holding = [name for name, text in kept.items() if f"/notifications/{pk}/\n" in text]
            assert holding == ([said["mails"][str(batch)]] if pk in named else [])
        assert rest <= 0 or f"and {rest} more:" in kept[said["mails"][str(batch)]]
    # What was sent twice was sent by who died in between, and no oftener than somebody did.
    sent = len(list((box / "sent").iterdir()))
    between = deaths["post: after"] + deaths["post: any"]
    assert deaths["post: after"] <= sent - len(kept) <= between
    assert deaths["post: after"] >= 3, f"too few died between the mail and our commit: {deaths}"
    assert sum(deaths[f"release: {way}"] for way in ("moved", "told", "done")) >= 5, deaths
