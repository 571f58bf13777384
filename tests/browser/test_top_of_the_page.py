"""What every page has: the balance and its menu (P10), colours, messages."""

import pytest

from tests.browser.chromium import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


def menu(page):
    return page.locator("#balance-menu").get_by_role("link", name="Finances")


@pytest.mark.parametrize("js", [True, False])
def test_pointing_at_the_balance_opens_its_menu(open_page, sign_in, erin, fund, js):
    """P10"""
    fund(erin)
    page = sign_in(open_page(js=js), erin)
    page.goto("/preferences/")
    assert not menu(page).is_visible()
    page.get_by_role("button", name="€1,000.00").hover()
    assert menu(page).is_visible()


@pytest.mark.parametrize("js", [True, False])
def test_focusing_the_balance_opens_its_menu_and_the_keyboard_goes_in(open_page, sign_in, erin, js):
    """P10, P81"""
    page = sign_in(open_page(js=js), erin)
    page.goto("/preferences/")
    page.get_by_role("button", name="€0.00").focus()
    assert menu(page).is_visible()
    page.keyboard.press("Tab")  # the balance itself leads to the transfers that make it up
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/finances/")


def test_escape_closes_the_menu_and_says_so(page, sign_in, erin):
    sign_in(page, erin).goto("/preferences/")
    button = page.get_by_role("button", name="€0.00")
    button.focus()
    assert button.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert not menu(page).is_visible()
    assert button.get_attribute("aria-expanded") == "false"


@pytest.mark.parametrize("js", [True, False])
def test_tapping_the_balance_opens_its_menu(open_page, sign_in, erin, js):
    """P10"""
    page = sign_in(open_page(js=js, size=PHONE, has_touch=True, is_mobile=True), erin)
    page.goto("/preferences/")
    page.get_by_role("button", name="€0.00").tap()
    assert menu(page).is_visible()


@pytest.mark.parametrize("js", [True, False])
def test_the_colours_can_be_chosen(open_page, js):
    page = open_page(js=js, color_scheme="light")
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Dark").click()
    page.wait_for_load_state()
    page.goto("/")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.get_by_role("button", name="Dark").get_attribute("aria-pressed") == "true"


def test_a_message_goes_away_by_itself_but_not_under_the_pointer(page, sign_in, erin):
    page.clock.install()
    sign_in(page, erin).goto("/preferences/")
    page.get_by_role("button", name="Save").click()
    page.clock.run_for(500)
    toast = page.get_by_role("status").get_by_text("Your preferences are saved.")
    toast.hover()
    page.clock.run_for(20_000)
    assert toast.is_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(8_000)
    assert toast.count() == 0


def test_without_a_script_a_message_stands_in_the_page(open_page, sign_in, erin):
    page = sign_in(open_page(js=False), erin)
    page.goto("/preferences/")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_text("Your preferences are saved.").is_visible()
