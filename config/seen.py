"""What a person saw when they confirmed, for the record (P26) and against stale pages (P25)."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from config.refusals import WrongState


@dataclass(frozen=True)
class Seen:
    """The object's version in the dialog, what the dialog said, and the address it was confirmed from.

    ``version`` None means that the caller looked at the object itself (a job, a command, the demo). ``expired``
    means that the dialog was shown too long ago to act on.
    """

    version: str | None = None
    shown: dict[str, Any] = field(default_factory=dict)
    address: str | None = None
    expired: bool = False

    def require(self, version: str) -> None:
        """Raise WrongState unless the object still has the version that was seen, and was seen lately."""
        if self.expired:
            raise WrongState(_("You were asked too long ago. Nothing was done; please look again."))
        if self.version is not None and self.version != version:
            raise WrongState(_("Something changed since you were asked, so nothing was done."))


UNSEEN = Seen()
