"""The site under Granian, as in production, and clients that keep their connections."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import Member

HOST = "127.0.0.1"


class Server:
    """A running site. *pids* are its workers'."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port, self.process = port, process

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def serving(workers: int) -> Iterator[Server]:
    """Serve the site with *workers* processes on a free port; ends with the block."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], check=True, env=environment)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", "1", "--no-ws", "config.wsgi:application"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                Client(port).get("/")
                break
            except OSError:
                time.sleep(0.2)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(20)


class Client:
    """One signed-in browser without a screen, on one connection."""

    def __init__(self, port: int, member: Member | None = None) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self.cookies, self.session = {}, None
        if member is not None:
            self.session = SessionStore()
            self.session[SESSION_KEY] = str(member.pk)
            self.session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
            self.session[HASH_SESSION_KEY] = member.get_session_auth_hash()
            self.session.create()
            self.cookies["sessionid"] = self.session.session_key
            page = self.get("/empty/page/").decode()
            self.csrf = re.findall(r'"X-CSRFToken": "(\w+)"', page)[0]

    def get(self, path: str) -> bytes:
        status, body = self._ask("GET", path, "")
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        return body

    def ask(self, path: str) -> None:
        """Ask as an open page does for what is new, where nothing is."""
        status, _ = self._ask("GET", path, "", {"HX-Request": "true"})
        if status != 204:
            raise RuntimeError(f"{path} answered {status}")

    def post(self, path: str, body: str, expect: int) -> bytes:
        status, answer = self._ask("POST", path, body)
        if status != expect:
            raise RuntimeError(f"{path} answered {status}, not {expect}")
        return answer

    def _ask(self, method: str, path: str, body: str, more: dict[str, str] | None = None) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(more or {})}
        if method == "POST":
            headers |= {"X-CSRFToken": self.csrf, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, path, body or None, headers)
        answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read()


def together(jobs: Iterable[Callable[[], object]]) -> float:
    """Run *jobs* at once, each on a thread, and return the seconds until the last is done.

    Raises what the first of them raised: a figure of clients that gave up would be worth nothing.
    """
    jobs = list(jobs)
    with ThreadPoolExecutor(len(jobs)) as pool:
        begin = time.perf_counter()
        for done in [pool.submit(job) for job in jobs]:
            done.result()
        return time.perf_counter() - begin
