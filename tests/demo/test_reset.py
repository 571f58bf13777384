"""``manage.py demo --reset``, in processes and a database of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from django.conf import settings

NAME = "test_demo_reset"


def address(name: str) -> str:
    return urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}"))


@pytest.fixture
def database() -> Iterator[str]:
    """An empty database, gone afterwards."""
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {NAME}")
        yield address(NAME)
        server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def start(database: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database, "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=240)
    return process.returncode, said


def kill_half_way(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert any(line.startswith("They trade") for line in process.stdout)
    process.kill()
    process.communicate()


def count(database: str, table: str) -> int:
    with psycopg.connect(database) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # type: ignore[index]


def test_a_killed_reset_leaves_nothing_half_made_and_the_next_run_makes_it_whole(database):
    kill_half_way(start(database, "--reset", "--yes-delete-everything"))
    assert count(database, "accounts_member") == 0
    assert count(database, "ledger_transfer") == 0

    code, said = finish(start(database))
    assert (code, said.splitlines()[-1]) == (0, "The demo is made.")
    assert count(database, "accounts_member") == 43

    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE left_behind (id int)")
    code, said = finish(start(database, "--reset"))
    assert code != 0
    assert "--yes-delete-everything" in said
    assert count(database, "left_behind") == 0
    kill_half_way(start(database, "--reset", "--yes-delete-everything"))
    with pytest.raises(psycopg.errors.UndefinedTable):
        count(database, "left_behind")


def test_with_the_production_settings_there_is_no_such_command(database):
    code, said = finish(
        start(
            database,
            PRODUCTION="1",
            SECRET_KEY="a-key-for-this-test-only-and-long-enough-to-pass-for-one",
            ALLOWED_HOSTS="milepost.example",
            SITE_URL="https://milepost.example",
            PAYMENT_GATEWAY="stripe",
            STRIPE_SECRET_KEY="sk_none",
            STRIPE_WEBHOOK_SECRET="whsec_none",
        )
    )
    assert code != 0
    assert "Unknown command: 'demo'" in said
