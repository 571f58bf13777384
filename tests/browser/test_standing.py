"""The end of an award in a browser: complete, review each other, and be seen by those who come after (P3, P7)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from milestones import standing
from tests import situation
from tests.browser.chromium import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("js", "size"), [(True, DESK), (False, PHONE)])
def test_an_award_is_completed_and_both_review_each_other(
    open_page: Callable[..., Page], sign_in: Callable[..., Page], transactional_db: None, js: bool, size: dict[str, int]
) -> None:
    scene = situation.build()
    erin = sign_in(open_page(js=js, size=size), scene.people["employer"])
    wes = sign_in(open_page(js=js, size=size), scene.people["freelancer"])
    sam = sign_in(open_page(js=js, size=size), scene.people["stranger"])
    project = scene.address("/projects/{finished_project}/")

    erin.goto(project)
    erin.get_by_role("link", name="Mark complete").click()
    expect(erin.locator("#dialog-title")).to_have_text("Mark the work with Wes complete?")
    place = erin.locator("dialog[open]" if js else "main")
    place.get_by_role("button", name="Mark complete").click()
    expect(erin.locator("#toasts")).to_contain_text("Completed. You and Wes can review each other now.")
    review(erin, "Review Wes", "5 · excellent", "Quick and careful.", js)
    expect(erin.locator(".award")).to_contain_text("Quick and careful.")

    wes.goto(project)
    expect(wes.locator(".award")).to_contain_text("Erin has reviewed you.")
    expect(wes.locator(".award")).not_to_contain_text("Quick and careful.")
    sam.goto(scene.address("/members/{wes}/"))
    expect(sam.locator("main")).not_to_contain_text("Quick and careful.")
    review(wes, "Review Erin", "4 · good", "Clear from the start.", js)
    expect(wes.locator(".award")).to_contain_text("Quick and careful.")
    expect(wes.locator(".award")).to_contain_text("Clear from the start.")

    standing.refresh()
    sam.goto(scene.address("/projects/{open}/"))
    expect(sam.locator("main")).to_contain_text("Paid through milestones")
    sam.get_by_role("link", name="Erin Vogel").first.click()
    expect(sam.locator("main")).to_contain_text("Clear from the start.")
    sam.get_by_role("link", name="Why these figures?").first.click()
    expect(sam.locator("h1")).to_have_text("Why these figures?")
    expect(sam.locator("#employer")).to_contain_text("Reviews: 4.0 (1)")


def review(page: Page, label: str, stars: str, words: str, js: bool) -> None:
    page.get_by_role("link", name=label).click()
    place = page.locator("dialog[open]" if js else "main")
    place.get_by_label(stars).check()
    place.get_by_label("Your words").fill(words)
    place.get_by_role("button", name="Send review").click()
    page.wait_for_url("**/projects/*/")
