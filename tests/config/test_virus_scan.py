"""Uploads and the virus scanner: clean files pass, and where it can't be asked nothing does (issue 5)."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import ValidationError

from config import uploads, virus_scan

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Daemon:
    """A small clamd: reads one INSTREAM and gives *answer*, or what it finds."""

    def __init__(self, listening: socket.socket, answer: bytes | None, silent: bool) -> None:
        self.listening, self.answer, self.silent = listening, answer, silent
        self.received: list[bytes] = []
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        try:
            connection, _ = self.listening.accept()
        except OSError:
            return
        with connection:
            command = connection.recv(10, socket.MSG_WAITALL)
            assert command == b"zINSTREAM\0"
            while size := struct.unpack("!L", connection.recv(4, socket.MSG_WAITALL))[0]:
                self.received.append(connection.recv(size, socket.MSG_WAITALL))
            if self.silent:
                connection.recv(1)  # until the other side gives up
                return
            found = b"stream: Eicar-Signature FOUND\0" if EICAR in b"".join(self.received) else b"stream: OK\0"
            connection.sendall(found if self.answer is None else self.answer)


@pytest.fixture(params=["unix", "tcp"])
def clamd(request, settings, tmp_path) -> Iterator[Callable[..., Daemon]]:
    """``clamd(answer)`` starts a daemon that the site asks; by default it finds the test signature and nothing else."""
    listening = socket.socket(socket.AF_UNIX if request.param == "unix" else socket.AF_INET)
    listening.bind(str(tmp_path / "clamd.ctl") if request.param == "unix" else ("127.0.0.1", 0))
    listening.listen()
    name = listening.getsockname()
    settings.CLAMD = f"unix:{name}" if request.param == "unix" else f"tcp://{name[0]}:{name[1]}"
    settings.CLAMD_SECONDS = 0.5
    yield lambda answer=None, silent=False: Daemon(listening, answer, silent)
    listening.close()


def test_what_is_clean_passes_whole(clamd):
    daemon = clamd()
    content = b"x" * (virus_scan.CHUNK * 2 + 7)
    virus_scan.scan(content)
    daemon.thread.join(5)
    assert b"".join(daemon.received) == content
    assert [len(chunk) for chunk in daemon.received] == [virus_scan.CHUNK, virus_scan.CHUNK, 7]


def test_a_virus_is_named_and_refused(clamd):
    clamd()
    with pytest.raises(virus_scan.Infected, match="Eicar-Signature"):
        virus_scan.scan(b"x" * 100 + EICAR)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK",
        b"\0",
        b"stream: ERROR\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"OK\0",
        b"stream: OK FOUND OK\0",
    ],
)
def test_any_other_answer_lets_nothing_pass(clamd, answer):
    clamd(answer)
    with pytest.raises(virus_scan.NotScanned):
        virus_scan.scan(b"x")


def test_a_daemon_that_says_nothing_is_given_up(clamd):
    clamd(silent=True)
    with pytest.raises(virus_scan.NotScanned):
        virus_scan.scan(b"x")


def test_a_daemon_that_is_not_there_lets_nothing_pass(settings, tmp_path):
    settings.CLAMD = f"unix:{tmp_path / 'none.ctl'}"
    with pytest.raises(virus_scan.NotScanned):
        virus_scan.scan(b"x")


def test_without_a_daemon_nothing_is_asked(settings):
    settings.CLAMD = ""
    virus_scan.scan(EICAR)


@pytest.mark.parametrize(
    ("answer", "words"), [(b"stream: Bad FOUND\0", "a virus was found"), (b"?\0", "can't be checked for viruses now")]
)
def test_an_upload_says_why_it_was_not_taken(clamd, answer, words):
    clamd(answer)
    with pytest.raises(ValidationError, match=words):
        uploads.check(SimpleUploadedFile("notes.txt", b"Half of it."))


@pytest.mark.parametrize(
    "text", ["clamd", "unix:relative", "tcp://host", "tcp://:3310", "tcp://host:0", "tcp://host:x"]
)
def test_an_address_that_makes_no_sense_is_refused(text):
    with pytest.raises(ValueError, match=text):
        virus_scan.address(text)
