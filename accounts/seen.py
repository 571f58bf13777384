"""What a person saw when they confirmed, for the record (P26) and against stale pages (P25)."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Seen:
    """The object's version in the dialog, what the dialog said, and the address it was confirmed from.

    ``version`` None means that the caller looked at the object itself (a job, a command, the demo).
    """

    version: str | None = None
    shown: dict[str, Any] = field(default_factory=dict)
    address: str | None = None


UNSEEN = Seen()
