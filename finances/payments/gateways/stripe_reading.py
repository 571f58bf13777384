"""What Stripe's objects mean in the words of the interface. Objects are plain dicts, as Stripe's JSON has them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from finances.payments.gateways.base import Answer, Movement, Notice, Outcome, Saved
from finances.payments.gateways.stripe_amounts import from_stripe

# Stripe's codes, of errors and of declines, that we have words for. What is missing is "other".
_REASONS = {
    "card_declined": "card_declined",
    "do_not_honor": "card_declined",
    "generic_decline": "card_declined",
    "insufficient_funds": "insufficient_funds",
    "expired_card": "expired_card",
    "lost_card": "lost_card",
    "stolen_card": "lost_card",
    "authentication_required": "authentication_failed",
    "authentication_not_handled": "authentication_failed",
    "payment_intent_authentication_failure": "authentication_failed",
    "account_closed": "source_closed",
    "bank_account_unusable": "source_closed",
    "debit_not_authorized": "source_closed",
    "no_account": "source_closed",
    "payment_method_unactivated": "source_closed",
}
_OUTCOMES = {
    "succeeded": Outcome.SUCCEEDED,
    "requires_action": Outcome.NEEDS_STEP,
    "requires_payment_method": Outcome.DECLINED,
    "canceled": Outcome.CANCELLED,
}
_REFUND_OUTCOMES = {"succeeded": Outcome.SUCCEEDED, "failed": Outcome.DECLINED, "canceled": Outcome.CANCELLED}
_LINE_KINDS = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "transfer": "payout",
    "transfer_cancel": "payout_failed",
    "transfer_failure": "payout_failed",
    "transfer_refund": "payout_failed",
    "stripe_fee": "fee",
}


def key_of(thing: dict[str, Any]) -> str:
    return str((thing.get("metadata") or {}).get("key", ""))


def charge_answer(intent: dict[str, Any]) -> Answer:
    """What a PaymentIntent says. A state that is none of the named ones is not final."""
    outcome = _OUTCOMES.get(intent["status"], Outcome.PROCESSING)
    amount = intent["amount_received"] if outcome == Outcome.SUCCEEDED else intent["amount"]
    return Answer(
        outcome,
        intent["id"],
        from_stripe(amount, intent["currency"]),
        intent["currency"].upper(),
        key_of(intent),
        step_url=_step_url(intent.get("next_action") or {}) if outcome == Outcome.NEEDS_STEP else "",
        reason=_reason(intent.get("last_payment_error") or {}) if outcome == Outcome.DECLINED else "",
    )


def _step_url(action: dict[str, Any]) -> str:
    redirect = action.get("redirect_to_url") or {}
    deposits = action.get("verify_with_microdeposits") or {}
    return redirect.get("url") or deposits.get("hosted_verification_url") or ""


def _reason(error: dict[str, Any]) -> str:
    codes = (error.get("decline_code"), error.get("code"))
    return next((_REASONS[code] for code in codes if code in _REASONS), "other")


def refund_answer(refund: dict[str, Any]) -> Answer:
    outcome = _REFUND_OUTCOMES.get(refund["status"], Outcome.PROCESSING)
    currency = refund["currency"]
    return Answer(
        outcome,
        refund["id"],
        from_stripe(refund["amount"], currency),
        currency.upper(),
        key_of(refund),
        reason="other" if outcome == Outcome.DECLINED else "",
    )


def payout_answer(transfer: dict[str, Any]) -> Answer:
    """What a transfer to a connected account says. One that was taken back as a whole has not been sent.

    When it arrives at the member's bank is between Stripe and the member (decision 11), so no date is named.
    """
    back = transfer["reversed"]
    currency = transfer["currency"]
    sent = transfer["amount"] if back else transfer["amount"] - transfer["amount_reversed"]
    return Answer(
        Outcome.DECLINED if back else Outcome.SUCCEEDED,
        transfer["id"],
        from_stripe(sent, currency),
        currency.upper(),
        key_of(transfer),
        reason="destination_refused" if back else "",
    )


def saved_source(setup: dict[str, Any], customer: str) -> Saved | None:
    """What a SetupIntent, with its payment method, saved; None where nothing is usable yet."""
    method = setup.get("payment_method")
    action = (setup.get("next_action") or {}).get("type", "")
    waits_for_code = setup["status"] == "requires_action" and action == "verify_with_microdeposits"
    if not method or not (setup["status"] == "succeeded" or waits_for_code):
        return None
    kind = method["type"]
    details = method.get(kind) or {}
    if kind == "card":
        brand, currency = details["brand"].replace("_", " ").title(), ""
        expires = f"{details['exp_month']:02}/{details['exp_year']}"
    else:
        brand, currency = details.get("bank_name") or "", BANK_DEBITS[kind]
        expires = ""
    last4 = details.get("last4") or ""
    return Saved(
        method["id"],
        "card" if kind == "card" else "bank",
        brand,
        last4,
        expires,
        currency,
        verified=not waits_for_code,
        customer=customer,
    )


# The bank debits that can be saved, by Stripe's name, and the one currency of each.
BANK_DEBITS = {"sepa_debit": "EUR", "us_bank_account": "USD", "bacs_debit": "GBP"}


def saved_destination(account: dict[str, Any], bank: dict[str, Any] | None) -> Saved | None:
    """What a connected account says; None while the person has not gone through Stripe's questions."""
    if not account["details_submitted"]:
        return None
    usable = account["payouts_enabled"] and (account.get("capabilities") or {}).get("transfers") == "active"
    return Saved(
        account["id"],
        "bank",
        (bank or {}).get("bank_name") or "",
        (bank or {}).get("last4") or "",
        "",
        account["default_currency"].upper(),
        verified=usable,
    )


def notice(event: dict[str, Any]) -> Notice:
    """What an event is about."""
    thing = event["data"]["object"]
    what, reference = thing.get("object"), thing.get("id") or ""
    kind = {"payment_intent": "charge", "transfer": "payout", "account": "setup"}.get(what, "other")
    if what == "charge" and thing.get("payment_intent"):
        kind, reference = "charge", thing["payment_intent"]
    elif what == "checkout.session" and thing.get("mode") == "setup":
        kind = "setup"
    return Notice(event["id"], kind, reference, key_of(thing))


def movements_of(line: dict[str, Any]) -> Iterator[Movement]:
    """What a balance transaction, with its source, moved, and apart from that what Stripe kept of it."""
    kind = _LINE_KINDS.get(line["type"], "other")
    source = line["source"] if isinstance(line.get("source"), dict) else {}
    reference = {
        "charge": source.get("payment_intent") or source.get("id"),
        "payout": source.get("id"),
        "refund": source.get("id"),
        "payout_failed": source.get("transfer") or source.get("id"),
    }.get(kind) or line["id"]
    currency, at = line["currency"], datetime.fromtimestamp(line["created"], UTC)
    amount = from_stripe(line["amount"], currency)
    yield Movement(reference, key_of(source), kind, amount, currency.upper(), at)
    if line["fee"]:
        yield Movement(line["id"], key_of(source), "fee", -from_stripe(line["fee"], currency), currency.upper(), at)
