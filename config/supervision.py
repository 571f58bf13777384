"""What ``manage.py run`` is made of: one run at a time, processes kept alive, leftovers of a killed run ended."""

import contextlib
import ctypes
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

# Every process of a run carries this variable; its value is the run's VAR_DIR.
MARK = "MILEPOST_RUN"
STOPPING = "stopping"


class AlreadyRunning(Exception):
    """Another run uses the same VAR_DIR; the argument is its address."""


class PortBusy(Exception):
    """Somebody else listens where we should."""


@contextlib.contextmanager
def only_run(lock: Path, address: str, patience: float = 20) -> Iterator[None]:
    """Be the one run of this *lock*, or raise AlreadyRunning. A run that is stopping is waited for, *patience* seconds.

    The lock goes with the process, however that ends.
    """
    deadline = time.monotonic() + patience
    with lock.open("a+") as file:
        while not _locked(file.fileno()):
            other = lock.read_text().strip()
            if other != STOPPING or time.monotonic() > deadline:
                raise AlreadyRunning(other)
            time.sleep(0.1)
        try:
            _write(lock, address)
            yield
        finally:
            _write(lock, "")


def stopping(lock: Path) -> None:
    """Tell a run that wants to start that this one is about to be gone."""
    _write(lock, STOPPING)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(lock: Path, words: str) -> None:
    lock.write_text(f"{words}\n" if words else "")


def end_leftovers(mark: str) -> int:
    """End what a killed run with this *mark* left behind, and return how many processes that were."""
    leftovers = [process for process in psutil.process_iter() if _carries(process, mark)]
    for process in leftovers:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    deadline = time.monotonic() + 5
    while any(map(alive, leftovers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in filter(alive, leftovers):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return len(leftovers)


def alive(process: psutil.Process) -> bool:
    """Say whether *process* still runs. A zombie does not; in a container nobody may ever collect it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _carries(process: psutil.Process, mark: str) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        return process.environ().get(MARK) == mark and alive(process)
    except (psutil.Error, OSError):
        return False


def require_free(host: str, port: int) -> None:
    """Raise PortBusy if somebody listens on *host*:*port*. (The web server itself would share the port with them.)"""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortBusy(error.strerror) from error


def answers(host: str, port: int, timeout: float = 10) -> int | None:
    """Return the status with which the first page answers, None if it does not answer."""
    site = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        site.request("GET", "/")
        return site.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        site.close()


def end_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when the one that started it ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


@dataclass
class Child:
    """A process that is started again when it ends by itself, with a growing pause between two short lives."""

    name: str
    command: list[str]
    environment: dict[str, str]
    directory: Path
    say: Callable[[str], None]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    _next_start: float = field(default=0.0, repr=False)

    STEADY = 30.0  # seconds after which a life counts as a good one
    LONGEST_PAUSE = 30.0

    def start(self) -> None:
        # A session of its own: Ctrl-C goes to the supervisor alone, which then stops everything in order.
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        self.started = time.monotonic()

    def tend(self) -> None:
        """Start the process again if it has ended and its pause is over."""
        if self.process is None:
            if time.monotonic() >= self._next_start:
                self.start()
        elif (code := self.process.poll()) is not None:
            self._end_group()
            lived = time.monotonic() - self.started
            self.pause = 0.5 if lived > self.STEADY else min(max(self.pause * 2, 0.5), self.LONGEST_PAUSE)
            self._next_start = time.monotonic() + self.pause
            self.say(f"The {self.name} {_ending(code)}; starting it again in {self.pause:g} s.")
            self.process = None

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, timeout: float) -> None:
        """Wait until the process has ended; after *timeout* seconds end it and all that it started by force."""
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout)
            self._end_group()
            self.process.wait()

    def _end_group(self) -> None:
        assert self.process
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
