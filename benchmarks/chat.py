"""What a chat costs that asks for news, and what one would cost that holds a stream (decision 14)."""

import http.client
import threading
import time
import uuid
from collections.abc import Iterator

from accounts.models import Member
from benchmarks.harness import Figure, benchmark, in_turns
from benchmarks.server import HOST, Client, serving, together
from support.chat.models import Conversation

WORKERS = 2
CLIENTS = 4
ASKS = 100  # a client and a turn
EVERY = 4  # seconds between two asks of an open page


def _stage() -> tuple[Member, Conversation]:
    erin = Member.objects.create_user(f"e{uuid.uuid4().hex[:8]}@example.com", name="Erin Vogel")
    return erin, Conversation.open(by=erin, title="Is it held?", text="Where do I see it?", key=uuid.uuid4())


@benchmark("chat")
def chat() -> Iterator[Figure]:
    """Asks without news, and empty signed-in POSTs with and without a stream that one client holds."""
    stages = [_stage() for _ in range(CLIENTS)]
    with serving(workers=WORKERS) as server:
        clients = [Client(server.port, erin) for erin, _ in stages]

        def asks() -> float:
            def job(client: Client, conversation: Conversation) -> None:
                path = f"/support/{conversation.pk}/?since={conversation.messages.latest('pk').pk}"
                for _ in range(ASKS):
                    client.ask(path)

            pairs = zip(clients, (conversation for _, conversation in stages), strict=True)
            return CLIENTS * ASKS / together(threading.Thread(target=job, args=pair) for pair in pairs)

        def posts() -> float:
            def job(client: Client) -> None:
                for _ in range(ASKS):
                    client.post("/empty/post/", "", expect=200)

            return CLIENTS * ASKS / together(threading.Thread(target=job, args=(client,)) for client in clients)

        def posts_beside_a_stream() -> float:
            stream = http.client.HTTPConnection(HOST, server.port, timeout=60)
            stream.request("GET", "/empty/stream/")
            answer = stream.getresponse()
            answer.read(1)
            time.sleep(0.1)
            try:
                return posts()
            finally:
                stream.close()
                time.sleep(1)  # until the worker has noticed

        asks(), posts()
        asked, alone, beside = in_turns(asks, posts, posts_beside_a_stream)
    yield Figure("chat: asks without news a second, two workers", asked, "1/s", None, "higher")
    yield Figure("chat: asks without news against empty signed-in POSTs", asked / alone, "ratio", None, "higher")
    yield Figure("chat: open pages that two workers carry", asked * EVERY, "pages", None, "higher")
    yield Figure("chat: what two workers still give while one stream is held", beside / alone, "ratio", None, "higher")
