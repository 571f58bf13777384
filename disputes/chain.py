"""The hash chain over a dispute's events: each names the one before it, so that none can be changed or left out.

An event's digest is SHA-256 over the previous event's digest and the event's content, as JSON with sorted keys and no
spaces (UTF-8). Who keeps the last digest, which stands in the case's PDF, can later prove what the case was then.
"""

import datetime
import hashlib
import json
from typing import Any

FIRST = "0" * 64  # what stands before the first event


def content(
    *, dispute: int, number: int, at: datetime.datetime, actor: int | None, role: str, action: str, data: dict[str, Any]
) -> bytes:
    """Return what of an event its digest is made of. The address it came from is left out: it is nobody else's."""
    body = {
        "dispute": dispute,
        "number": number,
        "at": at.astimezone(datetime.UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "role": role,
        "action": action,
        "data": data,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(previous: str, body: bytes) -> str:
    """Return the digest (64 hexadecimal digits) of an event with the content *body* after the one *previous*."""
    return hashlib.sha256(previous.encode() + b"\n" + body).hexdigest()


def of_text(text: str) -> str:
    """Return the digest of what somebody wrote, by which an event vouches for it."""
    return hashlib.sha256(text.encode()).hexdigest()
