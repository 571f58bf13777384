"""Stripe, through its official library.

Sources are saved by a Checkout Session in setup mode and charged by PaymentIntents; destinations are connected
accounts (docs/decisions/11-payout-accounts.md). Nothing is retried by the library: whoever asks knows its intent, and
looks again later.
"""

import functools
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

import stripe
from stripe import params

from django.conf import settings
from django.utils.translation import gettext as _

from config.refusals import KeyConflict
from finances.payments.gateways import stripe_reading as reading
from finances.payments.gateways.base import (
    Answer,
    BadSignature,
    Gateway,
    Movement,
    Notice,
    Outcome,
    Refused,
    Saved,
    Setup,
    Unreachable,
    outside_any_transaction,
)
from finances.payments.gateways.stripe_amounts import from_stripe, to_stripe
from finances.payments.gateways.stripe_http import BoundedClient

logger = logging.getLogger(__name__)

TOLERANCE = 300  # seconds for which the signature of a webhook is good
CLOCKS = timedelta(minutes=5)  # by which Stripe's clock may be behind ours
PAGE = 100  # the most that Stripe lists at once
# Of several charges with one key, which can only be where Stripe had forgotten the key: the one that counts.
WEIGHT = {Outcome.SUCCEEDED: 3, Outcome.PROCESSING: 2, Outcome.NEEDS_STEP: 1}

P = ParamSpec("P")
R = TypeVar("R")


def _asks(call: Callable[Concatenate["StripeGateway", P], R]) -> Callable[Concatenate["StripeGateway", P], R]:
    """A call to Stripe: outside any transaction, and what it raises is what the interface says."""

    @functools.wraps(call)
    def asked(self: "StripeGateway", *args: P.args, **kwargs: P.kwargs) -> R:
        outside_any_transaction()
        try:
            return call(self, *args, **kwargs)
        except stripe.IdempotencyError as error:
            raise KeyConflict(str(error)) from error
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            logger.warning("Stripe refused %s: %s", call.__name__, error)
            raise Refused(_refusal(error.code)) from error
        except stripe.StripeError as error:
            # Also a key of ours that Stripe does not take: what was asked before may have happened all the same.
            known = isinstance(error, stripe.AuthenticationError | stripe.PermissionError)
            logger.log(logging.ERROR if known else logging.WARNING, "No answer to %s: %r", call.__name__, error)
            raise Unreachable(f"{type(error).__name__} from Stripe") from error

    return asked


def _refusal(code: str | None) -> str:
    """What a member is told of an error with this code."""
    words = {
        "amount_too_small": _("This is less than the payment provider takes at a time."),
        "amount_too_large": _("This is more than the payment provider takes at a time."),
        "balance_insufficient": _("The payment provider can’t send this sum at the moment."),
        "resource_missing": _("The payment provider does not know this any more."),
        "payment_method_microdeposit_verification_attempts_exceeded": _(
            "The code was wrong too often. Remove this source and add it again."
        ),
        "payment_method_microdeposit_verification_timeout": _(
            "The code came too late. Remove this source and add it again."
        ),
    }
    return words.get(code or "", _("The payment provider refused this."))


class StripeGateway(Gateway):
    """Stripe with the keys of the settings."""

    name = "stripe"

    def __init__(self) -> None:
        base = settings.STRIPE_API_BASE
        client = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            http_client=BoundedClient(settings.PAYMENT_TIMEOUT),
            max_network_retries=0,
            base_addresses={"api": base, "connect": base, "files": base} if base else {},
        )
        self._v1 = client.v1

    # --- Sources and destinations ---

    @_asks
    def begin_source(self, *, owner_id: int, email: str, kind: str, currency: str, back: str) -> Setup:
        debits = {code: name for name, code in reading.BANK_DEBITS.items()}
        if kind == "bank" and currency not in debits:
            raise Refused(
                _("The payment provider takes no bank accounts in %(currency)s.") % {"currency": currency or "—"}
            )
        wanted: Any = {
            "mode": "setup",
            "customer": self._customer(owner_id, email),
            "payment_method_types": ["card" if kind == "card" else debits[currency]],
            "success_url": back,
            "cancel_url": back,
            "metadata": {"member": str(owner_id)},
        }
        session = self._v1.checkout.sessions.create(wanted)
        return Setup(session.id, session.url or "")

    def _customer(self, owner_id: int, email: str) -> str:
        """Return the member's customer; made anew where Stripe has forgotten the key, which does no harm."""
        key = hashlib.sha256(f"{settings.SITE_URL} {owner_id} {email}".encode()).hexdigest()
        made = self._v1.customers.create(
            {"email": email, "metadata": {"member": str(owner_id)}}, {"idempotency_key": f"customer-{key}"}
        )
        return made.id

    @_asks
    def begin_destination(self, *, owner_id: int, email: str, currency: str, back: str) -> Setup:
        account = self._v1.accounts.create(
            {
                # What Stripe calls Express: its pages ask and show, and its balance there is the site's to answer for.
                "controller": {
                    "stripe_dashboard": {"type": "express"},
                    "fees": {"payer": "application"},
                    "losses": {"payments": "application"},
                },
                "capabilities": {"transfers": {"requested": True}},
                "email": email,
                "metadata": {"member": str(owner_id), "currency": currency},
            }
        )
        link = self._v1.account_links.create(
            {"account": account.id, "type": "account_onboarding", "return_url": back, "refresh_url": back}
        )
        return Setup(account.id, link.url)

    @_asks
    def finished(self, setup_reference: str) -> Saved | None:
        try:
            return self._saved(setup_reference)
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return None
            raise

    def _saved(self, setup_reference: str) -> Saved | None:
        if setup_reference.startswith("acct_"):
            account = self._v1.accounts.retrieve(setup_reference).to_dict()
            banks = self._v1.accounts.external_accounts.list(setup_reference, {"object": "bank_account", "limit": 1})
            return reading.saved_destination(account, next((bank.to_dict() for bank in banks), None))
        session = self._v1.checkout.sessions.retrieve(
            setup_reference, {"expand": ["setup_intent.payment_method"]}
        ).to_dict()
        setup = session.get("setup_intent")
        return reading.saved_source(setup, session["customer"]) if isinstance(setup, dict) else None

    @_asks
    def verify(self, source_reference: str, code: str) -> bool:
        setups = self._v1.setup_intents.list({"payment_method": source_reference, "limit": PAGE})
        stands = {setup.status: setup.id for setup in setups}
        if "succeeded" in stands:
            return True
        if "requires_action" not in stands:
            raise Refused(_("This can’t be verified. Add it again."))
        try:
            verified = self._v1.setup_intents.verify_microdeposits(stands["requires_action"], _typed(code))
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            if (error.code or "").endswith(("_mismatch", "_invalid")):
                return False
            raise
        return verified.status == "succeeded"

    @_asks
    def forget(self, source_reference: str) -> None:
        try:
            self._v1.payment_methods.detach(source_reference)
        except stripe.InvalidRequestError as error:
            logger.info("Nothing to forget: %s", error)

    # --- Money in ---

    @_asks
    def charge(
        self, *, key: str, source: str, customer: str, amount: int, currency: str, words: str, back: str
    ) -> Answer:
        wanted: params.PaymentIntentCreateParams = {
            "amount": to_stripe(amount, currency),
            "currency": currency.lower(),
            "payment_method": source,
            "confirm": True,
            "off_session": False,
            # Whatever kinds of source the operator has switched on at Stripe; this one decides.
            "automatic_payment_methods": {"enabled": True},
            "return_url": back,
            "description": words,
            "metadata": {"key": key},
        }
        if customer:
            wanted["customer"] = customer
        try:
            intent = self._v1.payment_intents.create(wanted, {"idempotency_key": key}).to_dict()
        except stripe.CardError as error:
            declined = error.error.payment_intent if error.error else None
            if declined is None:
                raise
            intent = declined.to_dict()
        return reading.charge_answer(intent)

    @_asks
    def cancel_charge(self, reference: str) -> Answer:
        try:
            return reading.charge_answer(self._v1.payment_intents.cancel(reference).to_dict())
        except stripe.InvalidRequestError as error:
            if error.code != "payment_intent_unexpected_state":
                raise
            return self.read_charge(reference)

    @_asks
    def refund(self, *, key: str, charge: str, amount: int, currency: str) -> Answer:
        refund = self._v1.refunds.create(
            {"payment_intent": charge, "amount": to_stripe(amount, currency), "metadata": {"key": key}},
            {"idempotency_key": key},
        )
        return reading.refund_answer(refund.to_dict())

    # --- Money out ---

    @_asks
    def pay_out(self, *, key: str, destination: str, amount: int, currency: str, words: str) -> Answer:
        transfer = self._v1.transfers.create(
            {
                "amount": to_stripe(amount, currency),
                "currency": currency.lower(),
                "destination": destination,
                "transfer_group": key,
                "description": words,
                "metadata": {"key": key},
            },
            {"idempotency_key": key},
        )
        return reading.payout_answer(transfer.to_dict())

    # --- Asking again ---

    @_asks
    def find_charge(self, key: str, *, customer: str, since: datetime) -> Answer | None:
        # A list and not Stripe's search, which knows of a new charge only some time after it was made.
        asked: params.PaymentIntentListParams = {"created": {"gte": _seconds(since - CLOCKS)}, "limit": PAGE}
        if customer:
            asked["customer"] = customer
        intents = (intent.to_dict() for intent in self._v1.payment_intents.list(asked).auto_paging_iter())
        answers = [reading.charge_answer(intent) for intent in intents if reading.key_of(intent) == key]
        return max(answers, key=lambda answer: WEIGHT.get(answer.outcome, 0), default=None)

    @_asks
    def find_payout(self, key: str, *, destination: str, since: datetime) -> Answer | None:
        made = self._v1.transfers.list(
            {
                "transfer_group": key,
                "destination": destination,
                "created": {"gte": _seconds(since - CLOCKS)},
                "limit": PAGE,
            }
        )
        transfers = (transfer.to_dict() for transfer in made.auto_paging_iter())
        return next((reading.payout_answer(each) for each in transfers if reading.key_of(each) == key), None)

    @_asks
    def read_charge(self, reference: str) -> Answer:
        return reading.charge_answer(self._v1.payment_intents.retrieve(reference).to_dict())

    @_asks
    def read_payout(self, reference: str) -> Answer:
        return reading.payout_answer(self._v1.transfers.retrieve(reference).to_dict())

    # --- What Stripe says by itself ---

    def webhook(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        named = {name.lower(): value for name, value in headers.items()}
        try:
            stripe.WebhookSignature.verify_header(
                body, named.get("stripe-signature"), settings.STRIPE_WEBHOOK_SECRET, TOLERANCE
            )
            return reading.notice(json.loads(body))
        except stripe.SignatureVerificationError as error:
            raise BadSignature(error.user_message) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadSignature("not an event of Stripe's") from error

    @_asks
    def balances(self) -> dict[str, int]:
        said = self._v1.balance.retrieve().to_dict()
        sums: dict[str, int] = {}
        for part in said["available"] + said["pending"]:
            code = part["currency"].upper()
            sums[code] = sums.get(code, 0) + from_stripe(part["amount"], code)
        return sums

    def movements(self, since: datetime) -> Iterator[Movement]:
        after: str | None = None
        while page := self._lines(since, after):
            for line in page:
                yield from reading.movements_of(line)
            after = page[-1]["id"]

    @_asks
    def _lines(self, since: datetime, after: str | None) -> list[dict[str, Any]]:
        """A page of the balance's lines, newest first, that begins after the line *after*."""
        asked: params.BalanceTransactionListParams = {
            "created": {"gte": _seconds(since)},
            "limit": PAGE,
            "expand": ["data.source"],
        }
        if after:
            asked["starting_after"] = after
        return [line.to_dict() for line in self._v1.balance_transactions.list(asked)]


def _seconds(at: datetime) -> int:
    """Stripe's times are whole seconds since 1970."""
    return int(at.timestamp())


def _typed(code: str) -> params.SetupIntentVerifyMicrodepositsParams:
    """Return what was typed as Stripe's bank statements have it: a code of letters and digits, or two small amounts."""
    if two := re.fullmatch(r"\s*(\d{1,2})\D+(\d{1,2})\s*", code):
        return {"amounts": [int(two[1]), int(two[2])]}
    return {"descriptor_code": code.strip().upper()}
