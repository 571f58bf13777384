"""What a chat costs that asks for news, and what one would cost that holds a stream (decision 14)."""

import http.client
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from accounts.models import Member
from benchmarks.harness import Figure, benchmark, in_turns
from benchmarks.server import HOST, Client, serving, together
from support.chat.models import Conversation

WORKERS = 2
CLIENTS = 8
TURN = 3.0  # seconds
EVERY = 4  # seconds between two asks of an open page


def _stage() -> tuple[Member, str]:
    erin = Member.objects.create_user(f"e{uuid.uuid4().hex[:8]}@example.com", name="Erin Vogel")
    conversation = Conversation.open(by=erin, title="Is it held?", text="Where do I see it?", key=uuid.uuid4())
    return erin, f"/support/{conversation.pk}/?since={conversation.messages.latest('pk').pk}"


@benchmark("chat")
def chat() -> Iterator[Figure]:
    """Asks without news, and empty signed-in POSTs with and without a stream that one client holds."""
    stages = [_stage() for _ in range(CLIENTS)]
    with serving(workers=WORKERS) as server:

        def a_second(do: Callable[[Client, str], object], streams: int = 0) -> float:
            """Return how often a second all clients managed *do*, each on a new connection of its own.

            Who waits for a worker that a stream holds counts for nothing, and is let go by the stream's end.
            """
            clients = [(Client(server.port, erin), path) for erin, path in stages]
            times: list[float] = []

            def job(client: Client, path: str) -> None:
                while time.perf_counter() < end:
                    do(client, path)
                    times.append(time.perf_counter())

            def hold() -> None:
                with _stream(server.port):
                    time.sleep(max(end - time.perf_counter(), 0))

            end = time.perf_counter() + TURN
            together([*[hold] * streams, *(partial(job, *pair) for pair in clients)])
            for client, _ in clients:
                client.connection.close()
            return sum(moment < end for moment in times) / TURN

        def asks() -> float:
            return a_second(lambda client, path: client.ask(path))

        def posts(streams: int = 0) -> float:
            return a_second(lambda client, _: client.post("/empty/post/", "", expect=200), streams)

        asks(), posts()
        asked, alone, one, two = in_turns(asks, posts, lambda: posts(streams=1), lambda: posts(streams=4 * WORKERS))
    yield Figure("chat: asks without news a second, two workers", asked, "1/s", None, "higher")
    yield Figure("chat: asks without news against empty signed-in POSTs", asked / alone, "ratio", None, "higher")
    yield Figure("chat: open pages that two workers carry", asked * EVERY, "pages", None, "higher")
    yield Figure("chat: what two workers still give while one stream is held", one / alone, "ratio", None, "higher")
    yield Figure("chat: what two workers still give while eight streams are held", two / alone, "ratio", None, "higher")


@contextmanager
def _stream(port: int) -> Iterator[None]:
    """Read a stream of events until the block ends."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    connection.request("GET", "/empty/stream/")
    connection.getresponse().read(1)
    try:
        yield
    finally:
        connection.close()
