"""Takes the README's pictures of a running demo: ``python -m tests.browser.screenshots [http://127.0.0.1:8000]``.

Writes ``docs/images/<page>-<light|dark>.png``. Nothing is confirmed on the way: the demo stays as it was.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from demo.signins import EMPLOYER, PASSWORD
from tests.browser.chromium import CHROMIUM, PHONE, QUIET

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
DESK = {"width": 1160, "height": 760}  # less than the tests look at: it is to be read in a narrow column
LARGEST = 150_000  # bytes; a picture in a repository stays there for good


def finances(page: Page) -> None:
    page.goto("/finances/")


def project(page: Page) -> None:
    page.goto("/my-work/")
    page.get_by_role("link", name="Guest house website").first.click()
    page.get_by_role("heading", level=1, name="Guest house website").wait_for()


def release_dialog(page: Page) -> None:
    """The second step: what a release means, before it happens."""
    finances(page)
    page.get_by_role("link", name="Release", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Amount").fill("150")
    dialog.get_by_role("button", name="Release", exact=True).click()
    dialog.get_by_role("button", name="Yes, I want to release funds").wait_for()


PICTURES: list[tuple[str, Callable[[Page], None], dict[str, int]]] = [
    ("finances", finances, DESK),
    ("project", project, DESK),
    ("release-dialog", release_dialog, DESK),
    ("finances-phone", finances, PHONE),
    ("release-dialog-phone", release_dialog, PHONE),
]


def signed_in(browser: Browser, base: str, scheme: str) -> Page:
    context = browser.new_context(base_url=base, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(EMPLOYER)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    page.locator("header .balance").wait_for()
    return page


def main(base: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for scheme in ("light", "dark"):
            page = signed_in(browser, base, scheme)
            for name, show, size in PICTURES:
                page.set_viewport_size(size)  # type: ignore[arg-type]
                show(page)
                target = IMAGES / f"{name}-{scheme}.png"
                page.screenshot(path=target)
                if target.stat().st_size > LARGEST:
                    sys.exit(f"{target} has {target.stat().st_size:,} bytes, more than {LARGEST:,}.")
                print(target.relative_to(IMAGES.parents[1]), f"{target.stat().st_size:,} bytes")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
