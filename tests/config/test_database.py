"""The embedded PostgreSQL when DATABASE_URL is unset, a server over TCP when it is set, and restarts of either."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import embedded
from config.supervision import alive
from tests.config.server import Server
from tests.config.site import Site, eventually

HOLD = """
import sys
from pathlib import Path
from config import embedded
print(embedded.url(Path(sys.argv[1])), flush=True)
input()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def site(server: Server) -> Iterator[Site]:
    site = Site(DATABASE_URL=server.url)
    yield site
    site.close()


def test_a_server_over_tcp_serves_the_site_and_its_restart_costs_no_error(site: Site, server: Server) -> None:
    run = site.start()
    assert site.postgres() is None, "an embedded server runs although DATABASE_URL is set"
    assert site.status() == 200

    # Money arrives, and the worker folds it into the account that everybody's money passes through.
    script = """
from django.test import Client
from accounts.models import Member
member = Member.objects.create_user(email="erin@example.com", name="Erin", password="secret")
member.emailaddress_set.create(email=member.email, verified=True, primary=True)
client = Client()
client.force_login(member)
print("session", client.cookies["sessionid"].value)
"""
    made = site.manage("shell", "--no-imports", "--command", script)
    session = made.stdout.rpartition("session ")[2].strip()
    assert session, made.stderr
    deposited = site.manage("deposit", "erin@example.com", "12.34", "EUR")
    assert deposited.returncode == 0, deposited.stderr
    assert eventually(lambda: server.ask("SELECT count(*) FROM ledger_pending") == [(0,)], within=10)
    assert server.ask("SELECT balance FROM ledger_account ORDER BY balance") == [(-1234,), (1234,)]

    # Every web process has open connections now; the restart cuts them all.
    def page() -> int | None:
        return site.status("/finances/", Cookie=f"sessionid={session}")

    assert {page() for _ in range(20)} == {200}
    server.control("-m", "immediate", "restart")
    assert [page() for _ in range(20)] == [200] * 20

    # The worker has found back as well: money is folded, jobs are run.
    site.manage("deposit", "erin@example.com", "1.00", "EUR")
    assert eventually(lambda: server.ask("SELECT count(*) FROM ledger_pending") == [(0,)], within=15)
    defer = "from config.tasks import remove_old_sessions as job; print(job.defer(timestamp=0))"
    number = site.manage("shell", "--no-imports", "--command", defer).stdout.strip()
    assert eventually(
        lambda: server.ask(f"SELECT status FROM procrastinate_jobs WHERE id = {int(number)}") == [("succeeded",)]
    )
    assert run.stop() == 0
    assert "Traceback" not in run.said


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="milepost-embedded-", dir="/tmp", ignore_cleanup_errors=True) as name:
        yield Path(name)


def hold(data: Path) -> "subprocess.Popen[str]":
    """Start a process that uses the embedded server over *data* until its standard input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data)],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline().startswith("postgresql://")
    return process


def leave(process: "subprocess.Popen[str]") -> None:
    process.communicate("\n", timeout=60)


def test_the_last_one_to_leave_stops_the_embedded_server(home: Path) -> None:
    data = home / "postgres"
    first, second = hold(data), hold(data)

    leave(first)
    assert embedded.running_url(data)

    leave(second)
    assert embedded.running_url(data) is None


def test_a_killed_holder_is_no_holder(home: Path) -> None:
    data = home / "postgres"
    first, second = hold(data), hold(data)

    first.kill()
    first.wait()
    leave(second)

    assert embedded.running_url(data) is None


def test_a_killed_server_is_started_again_though_its_number_went_to_another_program(home: Path) -> None:
    data = home / "postgres"
    holder = hold(data)
    pid_file = data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    postmaster = psutil.Process(int(lines[0]))
    family = [postmaster, *postmaster.children()]
    postmaster.send_signal(signal.SIGKILL)
    assert eventually(lambda: not any(map(alive, family)))
    pid_file.write_text("\n".join([str(holder.pid), *lines[1:]]) + "\n")

    again = hold(data)

    assert embedded.running_url(data)
    leave(again)
    leave(holder)


def test_a_server_that_cannot_start_is_told_in_a_sentence(home: Path) -> None:
    data = home / "postgres"
    leave(hold(data))
    (data / "PG_VERSION").write_text("9.6\n")

    with pytest.raises(ImproperlyConfigured, match=r"doesn't start: .*FATAL: +database files are incompatible"):
        embedded.start(data)


def test_a_path_too_long_for_a_socket_works(home: Path) -> None:
    data = home / ("long" * 20) / ("path" * 10) / "postgres"

    holder = hold(data)

    url = embedded.running_url(data)
    assert url
    with psycopg.connect(url) as connection:
        shown = connection.execute("SHOW data_directory").fetchone()
        assert shown == (str(data),)
    leave(holder)
    assert embedded.running_url(data) is None
