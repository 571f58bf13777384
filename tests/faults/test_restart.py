"""PostgreSQL is restarted while money moves: nothing is lost, and nothing fails once it is back (issue 3)."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.config.server import Server
from tests.config.site import eventually
from tests.faults.place import Place, check

ENOUGH = 10  # requests between two restarts


def requests(log: Path) -> list[tuple[float, float, str]]:
    """When each request began and ended, and what went wrong in it."""
    whole = log.read_text().rpartition("\n")[0] if log.exists() else ""
    return [(begun, ended, trouble) for begun, ended, trouble in map(json.loads, whole.splitlines())]


@pytest.mark.parametrize("way", ["fast", "immediate"])
def test_postgresql_restarts_under_load(place: Place, server: Server, tmp_path: Path, way: str) -> None:
    """With ``immediate`` it dies without a word, as by kill −9, and recovers from its log."""
    log = tmp_path / "requests"
    worker, *webs = nurseries = [place.nursery() for _ in range(3)]
    address = place.stripe.address
    processes = [web.begin("web", address, seed=seed, log=str(log)) for seed, web in enumerate(webs)]
    processes.append(worker.begin("worker", address, asked_for=4))

    def all_is_served() -> None:
        since = len(requests(log))
        assert eventually(lambda: len(requests(log)) >= since + ENOUGH, within=60), "nobody is served"

    outages = []
    for _again in range(3):
        all_is_served()
        down = time.monotonic()
        server.control("-m", way, "restart")
        outages.append((down, time.monotonic()))
    all_is_served()
    done = place.jobs_done()
    assert eventually(lambda: place.jobs_done() > done, within=20), "the worker has not found back"
    for process in processes:
        process.send_signal(signal.SIGTERM)
    assert [nursery.end()[0] for nursery in nurseries] == [0] * len(nurseries), "a process died of it"

    troubles = [request for request in requests(log) if request[2]]
    assert troubles, "no request was hit, so nothing is shown"
    for begun, ended, trouble in troubles:
        assert any(begun < back and ended > down for down, back in outages), f"it was back, but: {trouble}"
    said = check(place)
    assert len(said["payments"]) >= 10
