"""The books of the small Stripe of ``fake_stripe.py``: its objects, and what each request does to them."""

import itertools
import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

Params = dict[str, Any]
REUSED = "idempotency_error"


class Error(Exception):
    """An answer with an error in Stripe's own form."""

    def __init__(self, status: int, code: str = "", kind: str = "invalid_request_error", **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": f"fake: {code or kind}", **more}}


class Books:
    """Everything that this Stripe knows. All amounts are as Stripe writes them."""

    address: str

    def __init__(self) -> None:
        self.objects: dict[str, Params] = {}  # everything by id, oldest first
        self.answers: dict[str, tuple[str, Params, int, Params]] = {}  # by Idempotency-Key
        self.asked: list[str] = []
        self.page = 100  # the most that is listed at once, less than Stripe's in tests of paging
        self.fee = 0  # what is kept of a charge
        self.lock = threading.RLock()
        self._numbers = itertools.count(1)

    def answer(self, method: str, path: str, params: Params, key: str, broken: int = 0) -> tuple[int, Params]:
        """Do what is asked, once a *key*, and return status and body.

        *broken* is the status of a failure after it was done; like Stripe, the key remembers that as well.
        """
        with self.lock:
            self.asked.append(f"{method} {path}")
            if key in self.answers:
                before, sent, status, body = self.answers[key]
                return (status, body) if (before, sent) == (path, params) else (400, Error(400, kind=REUSED).body)
            status, body = self._do(method, path, params)
            if broken:
                status, body = broken, Error(broken, kind="api_error").body
            body = json.loads(json.dumps(body))  # as it stands now
            if key and status not in (400, 404):  # what was refused before anything began is not remembered
                self.answers[key] = path, params, status, body
            return status, body

    def _do(self, method: str, path: str, params: Params) -> tuple[int, Params]:
        for route, do in _ROUTES:
            if match := re.fullmatch(route, f"{method} {path}"):
                try:
                    return 200, do(self, params, *match.groups())
                except Error as error:
                    return error.status, error.body
        return 404, Error(404, "resource_missing").body

    def make(self, what: str, prefix: str, **fields: Any) -> Params:
        with self.lock:
            made = {"id": f"{prefix}_{next(self._numbers)}", "object": what, "created": int(time.time()), **fields}
            self.objects[made["id"]] = made
        return made

    def get(self, reference: str, what: str) -> Params:
        found = self.objects.get(reference)
        if not found or found["object"] != what:
            raise Error(404, "resource_missing")
        return found

    def all(self, what: str) -> list[Params]:
        """All objects of a kind, oldest first."""
        return [thing for thing in self.objects.values() if thing["object"] == what]

    def listed(self, what: str, params: Params, **matching: str) -> Params:
        """A page of the objects of a kind, newest first, that match the filters among *params*."""
        since = int(params.get("created", {}).get("gte", 0))
        names = ("customer", "payment_method", "transfer_group", "destination")
        wanted = {name: params[name] for name in names if name in params} | matching
        found = [
            thing
            for thing in reversed(self.all(what))
            if thing["created"] >= since and all(thing.get(name) == value for name, value in wanted.items())
        ]
        ids = [thing["id"] for thing in found]
        first = ids.index(params["starting_after"]) + 1 if "starting_after" in params else 0
        last = first + min(int(params.get("limit", 10)), self.page)
        page = [self._expanded(thing, params) for thing in found[first:last]]
        return {"object": "list", "url": f"/v1/{what}s", "has_more": last < len(found), "data": page}

    def _expanded(self, thing: Params, params: Params) -> Params:
        if "data.source" in params.get("expand", []) and thing.get("source"):
            return {**thing, "source": self.objects[thing["source"]]}
        return thing

    def charge(self, params: Params) -> Params:
        method = self.get(params["payment_method"], "payment_method")
        if not method["customer"] or method["customer"] != params.get("customer"):
            raise Error(400, "payment_method_unexpected_state")
        intent = self.make(
            "payment_intent",
            "pi",
            amount=int(params["amount"]),
            amount_received=0,
            currency=params["currency"],
            customer=method["customer"],
            payment_method=method["id"],
            metadata=params.get("metadata", {}),
            description=params.get("description"),
            status="processing",
            next_action=None,
            last_payment_error=None,
        )
        if method["then"] == "succeeds":
            self._charged(intent)
        elif method["then"] == "step":
            url = f"{self.address}/step/{intent['id']}"
            intent.update(
                status="requires_action",
                next_action={
                    "type": "redirect_to_url",
                    "redirect_to_url": {"url": url, "return_url": params["return_url"]},
                },
            )
        elif method["then"] != "slow":
            code, _, decline = method["then"].partition(":")
            error = {"type": "card_error", "code": code, "decline_code": decline or None, "message": "fake: declined"}
            intent.update(status="requires_payment_method", last_payment_error=error)
            raise Error(402, code, "card_error", decline_code=decline or None, payment_intent=dict(intent))
        return intent

    def _charged(self, intent: Params) -> None:
        intent.update(status="succeeded", amount_received=intent["amount"])
        charge = self.make("charge", "ch", payment_intent=intent["id"], metadata=intent["metadata"])
        intent["latest_charge"] = charge["id"]
        self._line("charge", intent["amount"], intent["currency"], charge, fee=self.fee)

    def _line(self, kind: str, amount: int, currency: str, source: Params, fee: int = 0) -> None:
        self.make(
            "balance_transaction",
            "txn",
            type=kind,
            amount=amount,
            fee=fee,
            net=amount - fee,
            currency=currency,
            source=source["id"],
        )

    def cancel(self, params: Params, reference: str) -> Params:
        intent = self.get(reference, "payment_intent")
        if intent["status"] not in ("requires_action", "requires_payment_method"):
            raise Error(400, "payment_intent_unexpected_state")
        intent.update(status="canceled", next_action=None)
        return intent

    def refund(self, params: Params) -> Params:
        intent = self.get(params["payment_intent"], "payment_intent")
        amount = int(params["amount"])
        gone = sum(each["amount"] for each in self.all("refund") if each["payment_intent"] == intent["id"])
        if amount > intent["amount_received"] - gone:
            raise Error(400, "charge_already_refunded")
        refund = self.make(
            "refund",
            "re",
            amount=amount,
            currency=intent["currency"],
            payment_intent=intent["id"],
            metadata=params.get("metadata", {}),
            status="succeeded",
        )
        self._line("refund", -amount, intent["currency"], refund)
        return refund

    def transfer(self, params: Params) -> Params:
        account = self.get(params["destination"], "account")
        if account["capabilities"]["transfers"] != "active":
            raise Error(400, "insufficient_capabilities_for_transfer")
        made = self.make(
            "transfer",
            "tr",
            amount=int(params["amount"]),
            amount_reversed=0,
            reversed=False,
            currency=params["currency"],
            destination=account["id"],
            transfer_group=params.get("transfer_group"),
            metadata=params.get("metadata", {}),
        )
        self._line("transfer", -made["amount"], made["currency"], made)
        return made

    def balance(self, params: Params) -> Params:
        sums: dict[str, int] = {}
        for line in self.all("balance_transaction"):
            sums[line["currency"]] = sums.get(line["currency"], 0) + line["net"]
        available = [{"amount": amount, "currency": code, "source_types": {}} for code, amount in sums.items()]
        pending = [{"amount": 0, "currency": code, "source_types": {}} for code in sums]
        return {"object": "balance", "available": available, "pending": pending, "livemode": False}

    def checkout(self, params: Params) -> Params:
        made = self.make(
            "checkout.session",
            "cs",
            mode=params["mode"],
            customer=self.get(params["customer"], "customer")["id"],
            payment_method_types=params["payment_method_types"],
            success_url=params["success_url"],
            metadata=params.get("metadata", {}),
            status="open",
            setup_intent=None,
        )
        made["url"] = f"{self.address}/pay/{made['id']}"
        return made

    def session(self, params: Params, reference: str) -> Params:
        found = dict(self.get(reference, "checkout.session"))
        if found["setup_intent"] and "setup_intent.payment_method" in params.get("expand", []):
            setup = dict(self.objects[found["setup_intent"]])
            setup["payment_method"] = self.objects[setup["payment_method"]]
            found["setup_intent"] = setup
        return found

    def deposits(self, params: Params, reference: str) -> Params:
        setup = self.get(reference, "setup_intent")
        before = "payment_method_microdeposit_verification_"
        setup["tries"] += 1
        if setup["tries"] > 10:
            raise Error(400, f"{before}attempts_exceeded")
        if params.get("amounts"):
            if params["amounts"] != ["32", "45"]:
                raise Error(400, f"{before}amounts_mismatch")
        elif params["descriptor_code"] != "SM11AA":
            raise Error(400, f"{before}descriptor_code_mismatch")
        setup.update(status="succeeded", next_action=None)
        return setup

    def detach(self, params: Params, reference: str) -> Params:
        method = self.get(reference, "payment_method")
        if not method["customer"]:
            raise Error(400, "payment_method_unexpected_state")
        method["customer"] = None
        return method

    def account(self, params: Params) -> Params:
        return self.make(
            "account",
            "acct",
            email=params.get("email"),
            metadata=params.get("metadata", {}),
            controller=params["controller"],
            capabilities={"transfers": "inactive"},
            default_currency="eur",
            details_submitted=False,
            payouts_enabled=False,
        )

    def link(self, params: Params) -> Params:
        account = self.get(params["account"], "account")
        url = f"{self.address}/onboard/{account['id']}"
        return {"object": "account_link", "created": int(time.time()), "expires_at": int(time.time()) + 300, "url": url}


_ROUTES: list[tuple[str, Callable[..., Params]]] = [
    ("POST /v1/customers", lambda fake, sent: fake.make("customer", "cus", **sent)),
    ("POST /v1/checkout/sessions", Books.checkout),
    ("GET /v1/checkout/sessions/(.+)", Books.session),
    ("GET /v1/setup_intents", lambda fake, sent: fake.listed("setup_intent", sent)),
    ("POST /v1/setup_intents/(.+)/verify_microdeposits", Books.deposits),
    ("POST /v1/payment_methods/(.+)/detach", Books.detach),
    ("POST /v1/payment_intents", Books.charge),
    ("GET /v1/payment_intents", lambda fake, sent: fake.listed("payment_intent", sent)),
    ("GET /v1/payment_intents/([^/]+)", lambda fake, sent, pk: fake.get(pk, "payment_intent")),
    ("POST /v1/payment_intents/(.+)/cancel", Books.cancel),
    ("POST /v1/refunds", Books.refund),
    ("POST /v1/accounts", Books.account),
    ("GET /v1/accounts/([^/]+)", lambda fake, sent, pk: fake.get(pk, "account")),
    ("GET /v1/accounts/(.+)/external_accounts", lambda fake, sent, pk: fake.listed("bank_account", {}, account=pk)),
    ("POST /v1/account_links", Books.link),
    ("POST /v1/transfers", Books.transfer),
    ("GET /v1/transfers", lambda fake, sent: fake.listed("transfer", sent)),
    ("GET /v1/transfers/([^/]+)", lambda fake, sent, pk: fake.get(pk, "transfer")),
    ("GET /v1/balance", Books.balance),
    ("GET /v1/balance_transactions", lambda fake, sent: fake.listed("balance_transaction", sent)),
]
