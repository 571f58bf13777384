"""``manage.py run``: the whole site from one command, for a clone on one machine.

It prepares the database, the static files and, once, the demo data; then it keeps the web server and the job
worker alive until Ctrl-C. In production the two are run by the system's own supervisor: docs/operations.md.
"""

import hashlib
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection

from config import embedded, supervision

HOST = "127.0.0.1"
OLDEST_POSTGRESQL = 15
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop. Not an Exception, so that no handler of errors swallows it."""


class Command(BaseCommand):
    help = "Starts Milepost on this machine: database, migrations, demo data, web server and job worker."
    requires_system_checks: list[str] = []  # run in _prepare, when it is sure that we are alone

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--with-parent",
            action="store_true",
            help="stop when the process that started this one ends (the Makefile asks for it)",
        )

    def handle(self, **options: Any) -> None:
        for number in SIGNALS:
            signal.signal(number, _stop)
        if options["with_parent"]:
            supervision.end_with_parent()
        var: Path = settings.VAR_DIR
        var.mkdir(parents=True, exist_ok=True)
        lock = var / "run.lock"
        try:
            with supervision.only_run(lock, _address()):
                self._run(var, lock)
        except supervision.AlreadyRunning as other:
            raise CommandError(f"Milepost is already running here, at {other}. Stop that one first.") from None
        except supervision.PortBusy as error:
            raise CommandError(
                f"Port {settings.PORT} can't be used ({error}). Choose another: make run PORT=8123"
            ) from None
        except Stopped:
            self._say("Stopped.")

    def _run(self, var: Path, lock: Path) -> None:
        if ended := supervision.end_leftovers(str(var)):
            self._say(f"Ended {ended} processes that an earlier run had left behind.")
        supervision.require_free(HOST, settings.PORT)
        children = self._children(var)
        try:
            self._prepare()
            for child in children:
                child.start()
            self._watch(children)
        finally:
            supervision.stopping(lock)
            self._say("Stopping …")
            for child in children:
                child.ask_to_stop()
            for child in children:
                child.wait(timeout=10)

    def _prepare(self) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CommandError(f"The database of DATABASE_URL does not answer: {error}") from None
        if connection.pg_version < OLDEST_POSTGRESQL * 10000:  # type: ignore[attr-defined]
            raise CommandError(f"PostgreSQL {OLDEST_POSTGRESQL} or newer is needed; this one is older.")
        self.check(fail_level=40)
        self._say("Preparing the database and the static files …")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        collect_static()
        if settings.DEMO and "demo" in get_commands():
            call_command("demo")
        connection.close()

    def _children(self, var: Path) -> list[supervision.Child]:
        web = [sys.executable, "-m", "granian", *web_options()]
        worker = [sys.executable, "manage.py", "worker"]
        # The address of the database is passed on, so that the supervisor alone holds the embedded server.
        environment = {**os.environ, supervision.MARK: str(var), "DATABASE_URL": settings.DATABASE_URL}
        return [
            supervision.Child("web server", web, environment, settings.BASE_DIR, self._say),
            supervision.Child("job worker", worker, environment, settings.BASE_DIR, self._say),
        ]

    def _watch(self, children: list[supervision.Child]) -> None:
        announced = False
        started = time.monotonic()
        while True:
            if settings.EMBEDDED_DATABASE and embedded.running_url(settings.EMBEDDED_DATABASE) is None:
                self._say("The embedded PostgreSQL has stopped; starting it again.")
                embedded.start(settings.EMBEDDED_DATABASE)
            for child in children:
                child.tend()
            if not announced and (status := supervision.answers(HOST, settings.PORT)):
                self._announce(status)
                announced = True
            elif not announced and time.monotonic() - started > 60:
                self._say("The web server does not answer yet; what it says stands above.")
                started = time.monotonic()
            time.sleep(0.1 if not announced else 0.5)

    def _announce(self, status: int) -> None:
        if settings.DEMO and "demo" in get_commands():
            call_command("demo", "--sign-ins")
            connection.close()
        if status >= 500:
            self._say(f"The first page answers with error {status}; the reason stands above.")
        self._say(f"{settings.SITE_NAME} runs at {_address()} – Ctrl-C stops it.")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def collect_static() -> None:
    """Collect and compress the static files, if any has changed since the last time."""
    files = sorted(
        (name, found.stat().st_size, found.stat().st_mtime_ns)
        for finder in get_finders()
        for name, storage in finder.list([])
        for found in [Path(storage.path(name))]
    )
    digest = hashlib.sha256(repr((files, settings.STORAGES["staticfiles"])).encode()).hexdigest()
    seen = Path(settings.STATIC_ROOT) / ".collected"
    if not seen.exists() or seen.read_text() != digest:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        seen.write_text(digest)


def web_options() -> list[str]:
    """Granian's options; docs/operations.md explains them."""
    options = {
        "--interface": "wsgi",
        "--host": HOST,
        "--port": str(settings.PORT),
        "--http": "1",
        "--workers": str(settings.WEB_WORKERS),
        "--blocking-threads": "1",
        "--runtime-threads": "1",
        "--workers-kill-timeout": "8",
        "--log-level": "warning",
    }
    flags = ["--no-ws", "--respawn-failed-workers"]
    return [*(word for pair in options.items() for word in pair), *flags, "config.wsgi:application"]


def _address() -> str:
    return f"http://{HOST}:{settings.PORT}"


def _stop(number: int, frame: FrameType | None) -> None:
    for each in SIGNALS:  # a second Ctrl-C must not cut the stopping short
        signal.signal(each, signal.SIG_IGN)
    raise Stopped
