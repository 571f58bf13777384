"""The sandbox's webhooks: notices signed as a provider signs them, and the check of the signature.

The signature is an HMAC over ``timestamp.body`` in the header ``Milepost-Signature: t=…,v1=…``. Its secret is derived
from the site's own, since both ends stand in the same house.
"""

import hmac
import json
import time
from typing import Any

from django.utils.crypto import salted_hmac

from finances.payments.gateways.base import BadSignature, Notice
from finances.payments.sandbox.models import SandboxCharge, SandboxPayout, SandboxSetup

HEADER = "Milepost-Signature"
TOLERANCE = 300  # seconds for which a signature is good, and by which the clocks may differ


def signed(
    thing: SandboxCharge | SandboxPayout | SandboxSetup, at: float | None = None
) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of the notice about how *thing* stands now, signed *at* (seconds since 1970).

    The same standing is the same event, however often it is signed.
    """
    body = json.dumps({"object": "notice", **_content(thing)}).encode()
    stamp = int(time.time() if at is None else at)
    return body, {"Content-Type": "application/json", HEADER: f"t={stamp},v1={_signature(stamp, body)}"}


def _content(thing: SandboxCharge | SandboxPayout | SandboxSetup) -> dict[str, str]:
    if isinstance(thing, SandboxSetup):
        standing = "finished" if thing.instrument_id else "begun"
        return {"id": f"{thing.reference}:{standing}", "kind": "setup", "reference": thing.reference, "key": ""}
    kind = "charge" if isinstance(thing, SandboxCharge) else "payout"
    event = f"{thing.reference}:{thing.outcome_now}"
    return {"id": event, "kind": kind, "reference": thing.reference, "key": thing.call.key}


def read(body: bytes, header: str | None, now: float | None = None) -> Notice:
    """Return what the notice says. BadSignature where it isn't ours or is older than five minutes."""
    try:
        parts = dict(part.split("=", 1) for part in (header or "").split(","))
        stamp, signature = int(parts["t"]), parts["v1"]
    except (KeyError, ValueError):
        raise BadSignature("no signature") from None
    if not hmac.compare_digest(_signature(stamp, body).encode(), signature.encode()):
        raise BadSignature("another signature")
    if abs((time.time() if now is None else now) - stamp) > TOLERANCE:
        raise BadSignature("signed more than five minutes ago")
    try:
        said: dict[str, Any] = json.loads(body)
        return Notice(said["id"], said["kind"], said["reference"], said["key"])
    except (KeyError, TypeError, ValueError):
        raise BadSignature("not a notice of ours") from None


def _signature(stamp: int, body: bytes) -> str:
    return salted_hmac("milepost.sandbox.notice", b"%d.%s" % (stamp, body), algorithm="sha256").hexdigest()
