"""The dialog: what opens it, what closes it, and that closing it changes nothing (P15, P81)."""

import pytest

from milestones.models import MilestoneEvent
from tests.situation import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(page, sign_in):
    """Erin's milestone page with the release dialog open."""
    situation = build()
    path = situation.address("/milestones/{milestone}/")
    sign_in(page, situation.people["employer"]).goto("/preferences/")
    page.goto(path)
    page.get_by_role("link", name="Release").first.click()
    page.locator("dialog[open]").wait_for()
    return page, path


CLOSERS = {
    "Escape": lambda page: page.keyboard.press("Escape"),
    "Cancel": lambda page: page.get_by_role("link", name="Cancel", exact=True).click(),
    "the backdrop": lambda page: page.mouse.click(5, 5),
    "the back button": lambda page: page.go_back(),
}


@pytest.mark.parametrize("closer", CLOSERS)
def test_it_closes_and_nothing_has_changed(opened, closer):
    page, path = opened
    events = MilestoneEvent.objects.count()
    CLOSERS[closer](page)
    page.locator("dialog[open]").wait_for(state="detached")
    assert page.url.endswith(path)
    assert page.evaluate("document.activeElement.textContent").strip().startswith("Release")
    assert MilestoneEvent.objects.count() == events
    page.go_back()
    assert page.url.endswith("/preferences/")


def test_it_is_named_by_its_title_and_keeps_nobody_out(opened, axe):
    page, _path = opened
    title = page.locator("#dialog-title").inner_text()
    assert page.get_by_role("dialog", name=title).is_visible()
    assert axe(page) == []


def test_a_refused_field_is_told_in_the_dialog_and_has_the_focus(opened):
    """P21"""
    page, _path = opened
    page.get_by_label("Amount").fill("0")
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    page.locator("dialog [aria-invalid=true]").wait_for()
    assert page.evaluate("document.activeElement.name") == "amount"
    assert page.get_by_text("The amount must be more than zero.").is_visible()


def test_in_the_second_step_cancel_has_the_focus_and_back_leads_to_the_page(opened):
    page, path = opened
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    page.get_by_role("button", name="Yes, I want to release funds").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Cancel"
    page.get_by_role("button", name="Yes, I want to release funds").click()
    page.wait_for_url(lambda url: "/milestones/" not in url or "receipt" in url)
    page.go_back()
    assert page.url.endswith(path)
    assert page.locator("dialog[open]").count() == 0
    page.go_back()
    assert page.url.endswith("/preferences/")


def test_a_lost_answer_is_told_where_one_looks(opened, watch):
    page, _path = opened
    watch.expect("Failed to load resource")
    watch.expect("ERR_")
    watch.expect("htmx")
    page.route("**/release/", lambda route: route.abort())
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    assert page.get_by_role("dialog").get_by_role("alert").inner_text().startswith("No answer came")
    assert page.get_by_role("dialog").get_by_role("button", name="Release").is_enabled()


def test_where_one_types_the_first_field_has_the_focus(opened):
    """Cancel has it only where one confirms."""
    page, _path = opened
    assert page.evaluate("document.activeElement.name") == "amount"
