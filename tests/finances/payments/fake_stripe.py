"""A small Stripe on this machine: enough of its API, over real HTTP, to be talked to by the official library.

It keeps books, honours Idempotency-Key as Stripe documents it, signs webhooks, and can be told to misbehave::

    with FakeStripe() as stripe:
        settings.STRIPE_API_BASE = stripe.address
        pm = stripe.method(then="succeeds")              # or "step", "slow", or a code to decline with
        stripe.next("POST /v1/payment_intents", drop=True)  # do it, and hang up without an answer
"""

import hashlib
import hmac
import json
import re
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.finances.payments.fake_stripe_books import Books, Error, Params

SECRET_KEY = "sk_test_fake"
WEBHOOK_SECRET = "whsec_fake"


@dataclass
class Fault:
    """How the next request that begins with *request* is treated, *times* times."""

    request: str
    times: int = 1
    error: Error | None = None  # answered instead of doing anything
    drop: bool = False  # done, and no answer
    lose: bool = False  # not done, and no answer
    status: int = 0  # done, and answered with this status; so is the same key from then on
    delay: float = 0  # seconds after which a thing that was done is answered
    trickle: float = 0  # seconds over which the answer is spread, byte by byte
    body: bytes | None = None  # answered instead of what was done


class FakeStripe(Books):
    """The books and a server for them."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Fault] = []
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))

    def __enter__(self) -> "FakeStripe":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    # --- What a test says and asks ---

    def next(self, request: str, **fault: Any) -> None:
        """Misbehave the next time that somebody asks *request*, such as ``POST /v1/transfers``."""
        self.faults.append(Fault(request, **fault))

    def method(self, kind: str = "card", then: str = "succeeds", customer: str = "cus_1", **details: Any) -> str:
        """Make a payment method that is attached to *customer*, and return its id."""
        card = {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2031}
        made = self.make("payment_method", "pm", type=kind, customer=customer, then=then)
        made[kind] = {**(card if kind == "card" else {"bank_name": "TEST BANK", "last4": "6789"}), **details}
        return str(made["id"])

    def finish(self, session: str, status: str = "succeeded", **method: Any) -> str:
        """The person has gone through the pages of a Checkout Session; return the payment method."""
        checkout = self.objects[session]
        kind = checkout["payment_method_types"][0]
        pm = self.method(kind, customer=checkout["customer"], **method)
        action = {"type": "verify_with_microdeposits"} if status == "requires_action" else None
        setup = self.make("setup_intent", "seti", status=status, payment_method=pm, next_action=action, tries=0)
        checkout.update(status="complete", setup_intent=setup["id"])
        return pm

    def onboard(self, account: str, usable: bool = True) -> None:
        """The person has gone through the questions about a connected account."""
        self.objects[account].update(details_submitted=True, payouts_enabled=usable)
        self.objects[account]["capabilities"]["transfers"] = "active" if usable else "pending"
        self.make("bank_account", "ba", account=account, bank_name="TEST BANK", last4="3000", currency="eur")

    def settle(self, intent: str, error: Params | None = None) -> None:
        """What was open about a charge has ended: well, or with an *error*."""
        thing = self.objects[intent]
        thing.update(next_action=None)
        if error:
            thing.update(status="requires_payment_method", last_payment_error=error)
        else:
            self._charged(thing)

    def reverse(self, transfer: str, amount: int | None = None) -> None:
        """A transfer, or some of it, was taken back."""
        thing = self.objects[transfer]
        thing["amount_reversed"] += thing["amount"] if amount is None else amount
        thing["reversed"] = thing["amount_reversed"] == thing["amount"]
        back = self.make("transfer_reversal", "trr", transfer=transfer, amount=amount or thing["amount"])
        self._line("transfer_refund", back["amount"], thing["currency"], back)

    def event(
        self, thing: str | Params, kind: str = "", at: float | None = None, event_id: str = ""
    ) -> tuple[bytes, dict[str, str]]:
        """Return body and headers of a signed event about *thing*. Signed by hand, so that no library checks itself."""
        about = self.objects[thing] if isinstance(thing, str) else thing
        event = {
            "id": event_id or f"evt_{next(self._numbers)}",
            "object": "event",
            "type": kind or f"{about['object']}.updated",
            "data": {"object": about},
        }
        body = json.dumps(event).encode()
        stamp = int(time.time() if at is None else at)
        signature = hmac.new(WEBHOOK_SECRET.encode(), b"%d.%s" % (stamp, body), hashlib.sha256).hexdigest()
        return body, {"Stripe-Signature": f"t={stamp},v1={signature}", "Content-Type": "application/json"}

    def deliver(self, url: str, body: bytes, headers: dict[str, str], times: int = 1) -> list[int]:
        """Send a webhook, again and again if told so, and return the statuses."""
        statuses = []
        for _ in range(times):
            request = urllib.request.Request(url, body, headers, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    statuses.append(response.status)
            except urllib.error.HTTPError as error:
                statuses.append(error.code)
        return statuses


def nested(pairs: list[tuple[str, str]]) -> Params:
    """Read ``metadata[key]=k1`` and ``expand[0]=data`` as the structure that they stand for."""
    result: Params = {}
    for name, value in pairs:
        *way, last = re.findall(r"[^\[\]]+", name)
        inner = result
        for part in way:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return {name: _listed(value) for name, value in result.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if all(name.isdigit() for name in value):
        return [_listed(each) for each in value.values()]
    return {name: _listed(each) for name, each in value.items()}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # of connections that wait: a refused one is tried again after a second only


class _Handler(BaseHTTPRequestHandler):
    """HTTP around the books."""

    fake: FakeStripe
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or the body waits for the headers to be acknowledged

    def do_GET(self) -> None:
        self._serve("")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

    def _serve(self, body: str) -> None:
        parts = urllib.parse.urlsplit(self.path)
        params = nested(urllib.parse.parse_qsl(body or parts.query, keep_blank_values=True))
        fault = self._fault(f"{self.command} {parts.path}")
        if fault.lose:
            return self._hang_up()
        if self.headers.get("Authorization") != f"Bearer {SECRET_KEY}":
            return self._reply(401, json.dumps(Error(401).body).encode())
        if fault.error:
            return self._reply(fault.error.status, json.dumps(fault.error.body).encode())
        key = self.headers.get("Idempotency-Key", "")
        status, said = self.fake.answer(self.command, parts.path, params, key, fault.status)
        time.sleep(fault.delay)
        if fault.drop:
            return self._hang_up()
        answer = json.dumps(said).encode() if fault.body is None else fault.body
        return self._reply(status, answer, fault.trickle)

    def _fault(self, request: str) -> Fault:
        with self.fake.lock:
            for fault in self.fake.faults:
                if request == fault.request or (fault.request.endswith("*") and request.startswith(fault.request[:-1])):
                    fault.times -= 1
                    if not fault.times:
                        self.fake.faults.remove(fault)
                    return fault
        return Fault(request)

    def _hang_up(self) -> None:
        self.close_connection = True

    def _reply(self, status: int, body: bytes, trickle: float = 0) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Request-Id", "req_fake")
            self.end_headers()
            for number in range(len(body)) if trickle else ():
                self.wfile.write(body[number : number + 1])
                time.sleep(trickle / len(body))
            if not trickle:
                self.wfile.write(body)
        except OSError:  # whoever asked is gone
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""
