"""Asks a ClamAV daemon (clamd) whether bytes hold a virus, where the site has one: ``CLAMD``.

It fails closed: where the daemon can't be asked or says anything but "OK", the file is not let in. The protocol is
clamd's INSTREAM command: chunks with their length as four bytes in network order, ended by a chunk of none.
"""

import logging
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

logger = logging.getLogger(__name__)

CHUNK = 65_536  # bytes
LONGEST_ANSWER = 4096  # bytes
UNIX, TCP = "unix:", "tcp://"


class Infected(Exception):
    """A virus was found; the message is its name."""


class NotScanned(Exception):
    """The daemon could not be asked, or gave no answer that can be read."""


def scan(content: bytes) -> None:
    """Return if *content* is clean, or if no daemon is set. Raises Infected or NotScanned, both of them logged."""
    if not settings.CLAMD:
        return
    try:
        answer = _ask(content)
    except (OSError, UnicodeError) as error:  # the latter of a host's name that is none
        logger.error("clamd at %s can't be asked: %s", settings.CLAMD, error)
        raise NotScanned(str(error)) from error
    if answer == "stream: OK":
        return
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        name = answer.removeprefix("stream: ").removesuffix(" FOUND")
        logger.warning("a file with a virus was refused: %s", name)
        raise Infected(name)
    logger.error("clamd at %s answered %r", settings.CLAMD, answer)
    raise NotScanned(answer)


def address(text: str) -> tuple[str, int] | str:
    """Return where ``CLAMD`` points: a socket's path, or host and port. ValueError for anything else."""
    if text.startswith(UNIX + "/"):
        return text.removeprefix(UNIX)
    host, _, port = text.removeprefix(TCP).rpartition(":")
    if not text.startswith(TCP) or not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError(text)
    return host.strip("[]"), int(port)


@contextmanager
def _connected() -> Iterator[socket.socket]:
    """A connection to the daemon, each wait on which is limited to ``CLAMD_SECONDS``."""
    where = address(settings.CLAMD)
    if isinstance(where, str):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(settings.CLAMD_SECONDS)
            connection.connect(where)
            yield connection
    else:
        with socket.create_connection(where, timeout=settings.CLAMD_SECONDS) as connection:
            yield connection


def _ask(content: bytes) -> str:
    """Send *content* and return the daemon's answer. OSError where that fails or takes too long."""
    with _connected() as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            chunk = content[start : start + CHUNK]
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            received = connection.recv(LONGEST_ANSWER)
            if not received:
                break
            answer += received
    if not answer.endswith(b"\0"):
        raise OSError(f"the answer was broken off: {answer!r}")
    return answer.rstrip(b"\0").decode(errors="replace").strip()
