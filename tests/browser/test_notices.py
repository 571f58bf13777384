"""News reaches who has a page open: a release in one browser rings the bell in the other (P80)."""

import pytest
from playwright.sync_api import Page, expect

from accounts import notices
from tests import situation
from tests.browser.chromium import DESK, PHONE
from tests.situation import Situation

pytestmark = pytest.mark.django_db(transaction=True)

HALF_A_MINUTE = 30_000  # milliseconds


@pytest.fixture
def scene(transactional_db) -> Situation:
    return situation.build()


def count(page: Page) -> int:
    return int(page.locator("#bell").get_attribute("data-unread") or 0)


def opened(page: Page, address: str) -> Page:
    """The page with a clock that the test turns."""
    page.clock.install()
    page.goto(address)
    page.clock.run_for(500)
    return page


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_release_rings_the_freelancers_bell_without_reloading(open_page, sign_in, scene, size):
    wes = opened(sign_in(open_page(size=size), scene.people["freelancer"]), "/my-work/")
    before = count(wes)
    erin = sign_in(open_page(), scene.people["employer"])
    erin.goto(scene.address("/milestones/{milestone}/release/"))
    erin.get_by_label("Amount").fill("100")
    erin.get_by_role("button", name="Release", exact=True).click()
    erin.get_by_role("button", name="Yes, I want to release funds").click()
    erin.wait_for_url("**/receipts/*/")

    wes.clock.run_for(HALF_A_MINUTE)
    told = wes.get_by_role("status").get_by_role("link", name="Erin Vogel released €100.00 to you")
    expect(told).to_have_count(1)
    assert count(wes) == before + 1
    expect(wes.locator("#bell .count")).to_have_text(f"{before + 1} unread")
    wes.clock.run_for(5_000)
    assert told.is_visible()
    told.click()
    wes.wait_for_url("**/receipts/*/")
    assert count(wes) == before, "who went there has read it"


def test_it_is_told_once_and_leaves_menus_and_the_focus_alone(page, sign_in, scene):
    wes = scene.people["freelancer"]
    notices.mark_read(wes.notifications.all())
    opened(sign_in(page, wes), "/preferences/")
    assert not page.locator("#bell .count").is_visible()
    name = page.get_by_label("Your name")
    name.fill("Wes Ade")
    name.evaluate("box => { box.setSelectionRange(2, 5); document.body.dataset.same = 'page'; }")
    page.locator(".balance").hover()
    menu = page.locator("#balance-menu").get_by_role("link", name="Finances")
    assert menu.is_visible()

    notices.tell(wes, "bid-placed", "/projects/", who="<b>Ana</b>", sum="€1.00", project="Garden")
    page.clock.run_for(HALF_A_MINUTE)
    told = page.get_by_role("status").get_by_text("<b>Ana</b> bids €1.00 on Garden")
    expect(told).to_have_count(1)
    expect(page.locator("#bell .count")).to_have_text("1 unread")
    assert menu.is_visible()
    typing = "box => [document.activeElement === box, box.value, box.selectionStart, box.selectionEnd]"
    assert name.evaluate(typing) == [True, "Wes Ade", 2, 5]
    page.clock.run_for(10_000)
    expect(told).to_have_count(0)
    with page.expect_response("**/notifications/count/**") as answer:
        page.clock.run_for(HALF_A_MINUTE)
    assert answer.value.status == 204, "it is told once"
    expect(told).to_have_count(0)
    assert page.evaluate("document.body.dataset.same") == "page"
    notices.mark_read(wes.notifications.all())
    page.clock.run_for(HALF_A_MINUTE)
    expect(page.locator("#bell .count")).to_be_hidden()


def test_what_comes_under_an_open_dialog_is_told_when_it_closes(page, sign_in, scene):
    erin = scene.people["employer"]
    opened(sign_in(page, erin), scene.address("/milestones/{milestone}/"))
    page.locator("main").get_by_role("link", name="Release", exact=True).click()
    amount = page.get_by_role("dialog").get_by_label("Amount")
    amount.fill("7")
    before = count(page)
    notices.tell(erin, "bid-placed", "/projects/", who="Ana", sum="€1.00", project="Garden")
    page.clock.run_for(HALF_A_MINUTE)
    expect(page.locator("#bell")).to_have_attribute("data-unread", str(before + 1))
    told = page.get_by_role("status").get_by_text("Ana bids")
    expect(told).to_have_count(0)
    assert amount.evaluate("box => document.activeElement === box && box.value") == "7"
    page.keyboard.press("Escape")
    expect(told).to_have_count(1)


def test_a_lost_line_or_session_is_no_news(page, sign_in, scene, watch):
    wes = scene.people["freelancer"]
    opened(sign_in(page, wes), "/preferences/")
    watch.expect("net::ERR_FAILED")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/count/" in request.url else None)
    page.route("**/notifications/count/**", lambda route: route.abort())
    for _again in range(2):  # it asks again
        with page.expect_event("requestfailed"):
            page.clock.run_for(HALF_A_MINUTE)
    page.unroute("**/notifications/count/**")
    page.context.clear_cookies()
    with page.expect_response("**/notifications/count/**"):
        page.clock.run_for(HALF_A_MINUTE)
    page.wait_for_timeout(200)
    number = len(asked)
    page.clock.run_for(4 * HALF_A_MINUTE)
    assert len(asked) == number, "signed out, it asks no more"
    assert page.locator(".toast").count() == 0


def test_who_does_not_look_does_not_ask(page, sign_in, scene):
    opened(sign_in(page, scene.people["freelancer"]), "/preferences/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/count/" in request.url else None)
    page.evaluate("Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })")
    page.clock.run_for(4 * HALF_A_MINUTE)
    assert asked == []
    page.evaluate("Object.defineProperty(document, 'visibilityState', { value: 'visible' })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(200)
    assert len(asked) == 1, "who comes back is told at once"


def test_the_choice_of_mails_is_made_and_unmade(page, open_page, sign_in, scene):
    wes = sign_in(page, scene.people["freelancer"])
    wes.goto("/preferences/")
    wes.get_by_role("link", name="Choose what is mailed").click()
    wes.get_by_label("Once a day, together").check()
    wes.get_by_label("Messages", exact=True).uncheck()
    wes.get_by_role("button", name="Save").click()
    wes.get_by_text("Your choice is saved.").wait_for()
    assert wes.get_by_label("Once a day").is_checked()
    assert not wes.get_by_label("Messages", exact=True).is_checked()

    # The link in a mail, on a device without a session or scripts.
    other = open_page(js=False, size=PHONE)
    other.goto(scene.address("/notifications/unsubscribe/{unsubscribe}/"))
    other.get_by_role("button", name="Stop these e-mails").click()
    other.get_by_role("heading", name="No more e-mail about: Milestones and money for me").wait_for()
    wes.reload()
    assert not wes.get_by_label("Milestones and money for me").is_checked()
    other.get_by_role("button", name="Switch it on again").click()
    other.get_by_text("It is switched on again.").wait_for()
    wes.reload()
    assert wes.get_by_label("Milestones and money for me").is_checked()
