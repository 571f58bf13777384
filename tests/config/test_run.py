"""``manage.py run``, really run: it answers, is alone, keeps the data, recovers and stops cleanly."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from django.conf import settings

from config import embedded
from config.supervision import alive
from tests.config.site import Site, eventually


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture(autouse=True)
def _nothing_left(site: Site) -> Iterator[None]:
    yield
    site.stop()


def ask(site: Site, question: str) -> list[tuple[object, ...]]:
    url = embedded.running_url(site.var / "postgres")
    assert url, "the embedded server is down"
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        return cursor.fetchall() if cursor.description else []


def test_it_answers_and_ctrl_c_leaves_nothing_behind(site: Site) -> None:
    run = site.start()

    assert site.status("/") == 200
    assert site.status("/accounts/login/") == 200
    assert len(site.processes()) >= 4  # the web server and its two workers, the job worker
    postgres = site.postgres()
    assert postgres

    assert run.stop(signal.SIGINT) == 0
    assert "Traceback" not in run.said
    assert "Stopped." in run.said
    assert site.processes() == []
    assert not alive(postgres)


def test_a_second_run_says_so_and_does_no_harm(site: Site) -> None:
    run = site.start()
    before = {process.pid for process in site.processes()}

    second = site.manage("run", PORT="1")

    assert second.returncode != 0
    assert f"already running here, at {site.address}" in second.stderr
    assert "Traceback" not in second.stderr
    assert {process.pid for process in site.processes()} == before
    assert site.status() == 200
    assert run.stop() == 0


def test_data_survives_a_restart(site: Site) -> None:
    run = site.start()
    ask(site, "CREATE TABLE IF NOT EXISTS keepsake AS SELECT 42 AS number")
    run.stop()

    run = site.start()

    assert ask(site, "SELECT number FROM keepsake") == [(42,)]
    assert run.stop(signal.SIGTERM) == 0


def test_what_is_killed_is_started_again(site: Site) -> None:
    run = site.start()
    web, jobs, postgres = site.process("granian"), site.process("worker"), site.postgres()
    assert postgres

    # The web server's own workers are left without a parent; they must not go on serving.
    orphans = web.children(recursive=True)
    web.kill()
    run.wait_for("The web server was ended by SIGKILL; starting it again")
    assert eventually(lambda: not any(map(alive, orphans)))
    jobs.kill()
    run.wait_for("The job worker was ended by SIGKILL; starting it again")
    postgres.kill()
    run.wait_for("The embedded PostgreSQL has stopped; starting it again")

    assert eventually(lambda: embedded.running_url(site.var / "postgres"))
    assert eventually(lambda: site.status("/accounts/login/") == 200)
    assert eventually(lambda: site.found("worker"))
    assert run.stop() == 0
    assert site.processes() == []


def test_a_web_process_that_is_killed_is_replaced(site: Site) -> None:
    run = site.start()
    web = site.process("granian")
    victim = web.children()[0]

    victim.kill()

    assert eventually(lambda: len([*filter(alive, web.children())]) == 2)
    assert eventually(lambda: site.status() == 200)
    assert run.stop() == 0


def test_a_killed_run_recovers_at_the_next_start(site: Site) -> None:
    run = site.start()
    web = site.process("granian")
    orphans = web.children(recursive=True)

    # The web server and the supervisor die at once: nobody is left to end the web server's workers.
    os.kill(run.process.pid, signal.SIGSTOP)
    web.kill()
    run.stop(signal.SIGKILL)
    assert any(map(alive, orphans))

    run = site.start()

    assert "that an earlier run had left behind" in run.said
    assert eventually(lambda: not any(map(alive, orphans)))
    assert site.status() == 200
    assert run.stop() == 0
    assert site.processes() == []


def test_killing_the_supervisor_alone_takes_its_processes_along(site: Site) -> None:
    run = site.start()

    run.stop(signal.SIGKILL)

    assert eventually(lambda: not site.processes())
    assert site.start().stop() == 0


def test_a_busy_port_is_told_in_a_sentence(site: Site) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        refused = site.manage("run", PORT=port)

    assert refused.returncode != 0
    assert f"Port {port} can't be used" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        "PORT=eighty",
        "PORT=70000",
        "WEB_WORKERS=0",
        "SITE_URL=example.com",
        "SITE_NAME=",
        "CURRENCIES=EUR,XXQ",
        "CURRENCIES=",
        "AWARD_ANSWER_HOURS=0",
        "CONFIRMATION_SECONDS=1e3",
        "FREELANCER_FEES=EUR=101%",
        "EMPLOYER_FEES=*=5% min 1",
        "PAYMENT_GATEWAY=piggy bank",
        "PAYMENT_GATEWAY=stripe",
        "PAYMENT_TIMEOUT=0",
        "PRODUCTION=perhaps",
        "PRODUCTION=1",
        "DEBUG=perhaps",
        "DATABASE_URL=nonsense",
        "DATABASE_URL=sqlite:///here",
        "CONN_MAX_AGE=-1",
        "REDIS_URL=localhost",
        "EMAIL_URL=post office",
        "TIME_ZONE=Mars/Olympus",
        "LOG_LEVEL=loud",
        "VAR_DIR=/proc/nowhere",
    ],
)
def test_a_malformed_value_stops_the_start_with_a_sentence(site: Site, wrong: str) -> None:
    name, _, value = wrong.partition("=")

    stopped = site.manage("run", **{name: value})

    assert stopped.returncode == 1
    assert stopped.stderr.startswith("Milepost can't start: ")
    assert name in stopped.stderr
    assert len(stopped.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("PRODUCTION can't use the sandbox", {}),
        ("can't be set in PRODUCTION", {"STRIPE_API_BASE": "http://127.0.0.1:1"}),
    ],
)
def test_a_real_site_starts_with_a_real_payment_provider_only(site: Site, words: str, more: dict[str, str]) -> None:
    real = {
        "PRODUCTION": "1",
        "SECRET_KEY": "a-key-for-this-test-only-and-long-enough-to-pass-for-one",
        "ALLOWED_HOSTS": "milepost.example",
        "SITE_URL": "https://milepost.example",
        "DATABASE_URL": "postgresql://milepost@127.0.0.1:1/milepost",
    }
    stripe = {"PAYMENT_GATEWAY": "stripe", "STRIPE_SECRET_KEY": "sk_none", "STRIPE_WEBHOOK_SECRET": "whsec_none"}

    stopped = site.manage("check", **real, **(stripe | more if more else {}))

    assert stopped.returncode == 1
    assert words in stopped.stderr
    assert site.manage("check", **real, **stripe).returncode == 0


def test_a_database_that_does_not_answer_is_told_in_a_sentence(site: Site) -> None:
    stopped = site.manage("run", DATABASE_URL="postgresql://milepost@127.0.0.1:1/milepost")

    assert stopped.returncode != 0
    assert "The database of DATABASE_URL does not answer" in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_it_stops_with_its_parent_when_asked_to(site: Site) -> None:
    """``make run`` asks for it: a killed make must not leave a site behind that the next one stumbles over."""
    run = site.start()
    assert run.stop() == 0  # the static files and tables are there now

    shell = subprocess.Popen(
        ["sh", "-c", f"'{sys.executable}' manage.py run --with-parent >/dev/null & echo $! ; wait"],
        cwd=settings.BASE_DIR,
        env=site.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert shell.stdout
    supervisor = psutil.Process(int(shell.stdout.readline()))
    assert eventually(lambda: site.status() == 200, within=60)

    shell.kill()
    shell.wait()

    assert eventually(lambda: not alive(supervisor))
    assert eventually(lambda: not site.processes())
