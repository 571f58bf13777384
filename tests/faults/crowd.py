"""Many at the same moment, each on a connection of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection

from config.refusals import WrongState

PATIENCE = 60  # seconds


def at_once(verbs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all *verbs* together, and return what each gave, or the refusal. Any other error is raised."""
    barrier, results = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(number: int, verb: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(PATIENCE)
            results[number] = verb()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, WrongState | PermissionDenied):
            raise result
    return results
