"""A mail server of files that outlives whoever sends to it, and may be the death of them."""

import hashlib
import os
import signal
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

NEVER = ""


class Mailbox(BaseEmailBackend):
    """Takes each Message-ID once, as servers do that drop doubles, and keeps all that was ever sent beside it.

    Kill −9 comes *before* or *after* the mail numbered ``left`` is taken: in the second case whoever sent it has not
    heard that it was.
    """

    place = Path()
    dies = NEVER
    left = 0

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for each in email_messages:
            message = each.message()
            Mailbox.left -= 1
            self._perhaps_die("before")
            (self.place / "sent" / uuid.uuid4().hex).write_bytes(message.as_bytes())
            name = hashlib.sha256(message["Message-ID"].encode()).hexdigest()
            if not (self.place / "taken" / name).exists():
                (self.place / "taken" / name).write_text(f"{message['Message-ID']}\n{each.body}")
            self._perhaps_die("after")
        return len(email_messages)

    def _perhaps_die(self, when: str) -> None:
        if self.dies == when and Mailbox.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def put_up(place: Path) -> None:
    """Make the directories of a mailbox."""
    for name in ("sent", "taken"):
        (place / name).mkdir()
