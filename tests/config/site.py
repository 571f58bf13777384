"""Starts the real site for tests, as ``make run`` does."""

import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from django.conf import settings

from config import supervision

PATIENCE = 90  # seconds; a loaded machine is slow


class Site:
    """A clone's ``var`` directory on a port of its own, and the processes over it."""

    def __init__(self, **environment: str) -> None:
        # Not below pytest's own directory: that is shut to the user that PostgreSQL runs as when we are root.
        self.var = Path(tempfile.mkdtemp(prefix="milepost-test-", dir="/tmp"))
        self.port = free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PRODUCTION")},
            "VAR_DIR": str(self.var),
            "PORT": str(self.port),
            "DEMO": "0",
            **environment,
        }
        self.running: list[Run] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Run":
        """Start ``manage.py run`` and wait until it says that it serves."""
        run = Run(self)
        self.running.append(run)
        run.wait_for("runs at " + re.escape(self.address))
        return run

    def manage(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run ``manage.py`` to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    def status(self, path: str = "/", **headers: str) -> int | None:
        """Return the status of a page, None if nobody answers."""
        try:
            with urllib.request.urlopen(
                urllib.request.Request(self.address + path, headers=headers), timeout=10
            ) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def processes(self) -> list[psutil.Process]:
        """All processes that belong to a run over this directory, the supervisor not counted."""
        return [process for process in psutil.process_iter() if self._ours(process)]

    def process(self, *words: str) -> psutil.Process:
        """The oldest process of the run with all of *words* in its command line."""
        return min(self.found(*words), key=lambda process: process.create_time())

    def found(self, *words: str) -> list[psutil.Process]:
        return [process for process in self.processes() if all(word in process.cmdline() for word in words)]

    def _ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(supervision.MARK) == str(self.var) and supervision.alive(process)
        except (psutil.Error, OSError):
            return False

    def postgres(self) -> psutil.Process | None:
        try:
            return psutil.Process(int((self.var / "postgres" / "postmaster.pid").read_text().split()[0]))
        except (OSError, psutil.NoSuchProcess):
            return None

    def stop(self) -> None:
        """Stop whatever a test has left running."""
        for run in self.running:
            if run.process.poll() is None:
                run.process.send_signal(signal.SIGCONT)
                run.stop()
        self.running.clear()
        for process in self.processes():
            process.kill()

    def close(self) -> None:
        self.stop()
        # Whoever leaves last stops the database.
        if self.postgres():
            self.manage("check")
        shutil.rmtree(self.var, ignore_errors=True)


class Run:
    """One ``manage.py run``."""

    def __init__(self, site: Site) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=settings.BASE_DIR,
            env=site.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, pattern: str) -> None:
        """Read on until a line matches."""
        deadline = time.monotonic() + PATIENCE
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                break
            self.said += line
            if re.search(pattern, line):
                return
        raise AssertionError(f"{pattern!r} was not said, but:\n{self.said}")

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send a signal, wait for the end, read what was said until then and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        if number != signal.SIGKILL:  # what a killed run leaves behind keeps the pipe open
            while (line := self._lines.get(timeout=PATIENCE)) is not None:
                self.said += line
            self._lines.put(None)
        return code


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(true: Callable[[], object], within: float = 30) -> bool:
    """Return whether *true* comes true in time."""
    deadline = time.monotonic() + within
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
