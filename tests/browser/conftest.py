"""A real Chromium in front of a real server.

``open_page()`` gives a page of its own kind (width, colours, with or without scripts, touch); ``sign_in(page, member)``
puts somebody into it; ``axe(page)`` looks for what keeps people out. Whatever page was opened is watched: an error in
the console, a refusal of the content security policy or a request to another host fails the test at its end.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, sync_playwright

from django.conf import settings
from django.test import Client

from accounts.models import Member
from tests.browser.chromium import CHROMIUM, DESK, QUIET

# Playwright keeps an event loop in this thread; Django would take the tests' own queries for calls from within it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# The browser itself remarks on answers that are meant: a refusal with words is a page like any other.
MEANT = re.compile(r"Failed to load resource: the server responded with a status of (403|404|409|422)")
# Asks everything but that which a reader of these pages can't meet.
AXE_RUN = "(options) => axe.run(document, options)"


@pytest.fixture(scope="session")
def playwright_() -> Iterator[Playwright]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: install it, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright_: Playwright) -> Iterator[Browser]:
    browser = playwright_.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    yield browser
    browser.close()


class Watch:
    """What went wrong in a page without anybody looking."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.seen: list[str] = []
        self.expected: list[str] = []

    def expect(self, words: str) -> None:
        """Let messages pass that contain *words*: the test itself cuts the line, say."""
        self.expected.append(words)

    def console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not MEANT.match(message.text):
            self.note(f"console: {message.text} at {message.page.url if message.page else '?'}")

    def request(self, request: Request) -> None:
        if not request.url.startswith((self.host, "data:", "about:", "blob:")):
            self.note(f"request to another host: {request.url}")

    def note(self, words: str) -> None:
        if not any(expected in words for expected in self.expected):
            self.seen.append(words)


@pytest.fixture
def watch(live_server: Any) -> Iterator[Watch]:
    watch = Watch(live_server.url)
    yield watch
    assert watch.seen == []


@pytest.fixture
def open_page(browser: Browser, live_server: Any, watch: Watch) -> Iterator[Callable[..., Page]]:
    """``open_page(js=False, size=PHONE)`` opens an empty page with a jar of its own for cookies."""
    contexts = []

    def open_page(*, js: bool = True, size: dict[str, int] = DESK, **options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            java_script_enabled=js,
            viewport=size,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        context.on("console", watch.console)
        context.on("weberror", lambda error: watch.note(f"script: {error.error}"))
        context.on("request", watch.request)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page at a desk, with scripts."""
    return open_page()


@pytest.fixture
def sign_in(live_server: Any) -> Callable[[Page, Member], Page]:
    """``sign_in(page, erin)`` gives the page Erin's session, without the form (one journey goes through that)."""

    def sign_in(page: Page, member: Member) -> Page:
        client = Client()
        client.force_login(member)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        return page

    return sign_in


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """``axe(page)`` returns every violation in the page as a line; ``axe(page, only=["color-contrast"])`` asks less."""

    def axe(page: Page, only: list[str] | None = None) -> list[str]:
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(AXE_SCRIPT)
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if only:
            options["runOnly"] = {"type": "rule", "values": only}
        found = page.evaluate(AXE_RUN, options)["violations"]
        return [f"{v['id']}: {node['target']} {node['html'][:160]}" for v in found for node in v["nodes"]]

    return axe
