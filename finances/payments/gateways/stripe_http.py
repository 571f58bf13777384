"""How long Stripe is waited for: a whole call, from looking its address up to the last byte of its answer."""

import queue
import threading
from collections.abc import Mapping
from typing import Any

from stripe import APIConnectionError, RequestsClient

Reply = tuple[bytes, int, Mapping[str, str]]


class BoundedClient(RequestsClient):
    """The library's own way of asking, given up after *seconds*.

    The timeout of ``requests`` is one for each wait: for the connection, then for each piece of the answer. A server
    that sends a byte now and then, or a name that is looked up slowly, would be waited for without end. So the asking
    is done in a thread of its own, and that is what is waited for. One that was given up ends when its server does.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(timeout=seconds)
        self._seconds = seconds

    def request(  # type: ignore[override]
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> Reply:
        answered: queue.SimpleQueue[Reply | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answered.put(super(BoundedClient, self).request(method, url, headers, post_data))
            except Exception as error:
                answered.put(error)

        threading.Thread(target=ask, name="stripe", daemon=True).start()
        try:
            answer = answered.get(timeout=self._seconds)
        except queue.Empty:
            raise APIConnectionError(f"Stripe did not answer within {self._seconds} seconds") from None
        if isinstance(answer, Exception):
            raise answer
        return answer
