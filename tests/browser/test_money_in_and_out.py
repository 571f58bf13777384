"""Money in and out through the test provider, from end to end: with scripts and without, at a desk and on a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from finances.ledger.models import Account
from finances.payments import charging
from finances.payments.models import Payment, PaymentSource, PayoutDestination, Withdrawal
from finances.payments.sandbox import Behaviour
from tests import factories
from tests.browser.test_journeys import FEW_WAYS, Walker
from tests.situation import saved

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def walker(open_page: Callable[..., Page], live_server: Any, settings: Any) -> Callable[..., Walker]:
    """``walker(member, js, size)`` is *member* in front of the start page, having signed in by the form."""
    settings.SITE_URL = live_server.url  # where the provider sends people back to
    settings.ACCOUNT_RATE_LIMITS = False

    def walker(member: Any, js: bool, size: dict[str, int]) -> Walker:
        phone = size["width"] < 500
        page = open_page(js=js, size=size, has_touch=phone)
        page.goto("/accounts/login/")
        page.get_by_label("E-mail").fill(member.email)
        page.get_by_label("Password").fill("secret")
        page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
        page.locator("header .balance").wait_for()
        return Walker(page, js, phone)

    return walker


def choose_in_the_menu(walker: Walker, label: str) -> None:
    """Open the menu of the balance and choose *label*."""
    balance = walker.page.locator("header .balance")
    link = walker.page.locator("#balance-menu").get_by_role("link", name=label, exact=True)
    if walker.phone:
        balance.tap()
        link.tap()
    else:
        balance.hover()
        link.click()


def go_for_one(walker: Walker, label: str) -> None:
    """Follow the link of a list's only line that is called *label*; for who can't see, its name says of which line."""
    link = walker.page.locator("main").get_by_role("link", name=re.compile(f"^{label}\\b.+"))
    link.tap() if walker.phone else link.click()


def wallet(member: Any) -> int:
    return Account.wallet(member.pk, "EUR").balance


@pytest.mark.parametrize(("js", "size"), FEW_WAYS)
def test_a_card_is_added_verified_and_charged(walker, js, size, erin):
    """P16, P51"""
    me = walker(erin, js, size)
    page = me.page
    choose_in_the_menu(me, "Deposit")
    me.go("Add payment source")
    me.go("Continue")
    me.go("Go to the payment provider")
    expect(page.locator("main")).to_contain_text("no real money")
    page.get_by_text("4242 4242 4242 4242").click()
    me.go("Add this card")
    page.wait_for_url("**/finances/sources/")
    expect(page.locator("main")).to_contain_text("Not verified yet")

    go_for_one(me, "Verify")
    statement = me.asked.get_by_role("link", name="See the statement").get_attribute("href")
    verify = page.url
    page.goto(statement)
    code = re.search(r"code (\S+)", page.locator("main").inner_text())[1]
    page.goto(verify)
    if js:
        go_for_one(me, "Verify")
    me.asked.get_by_label("Code").fill(code)
    me.press("Verify")
    expect(page.locator("main")).to_contain_text("Tried first")

    choose_in_the_menu(me, "Deposit")
    page.get_by_label("Amount").fill("0")
    me.go("Deposit")
    expect(page.locator(".field .errorlist")).to_have_text("The amount must be more than zero.")
    page.get_by_label("Amount").fill("120.50")
    me.go("Deposit")
    expect(page.get_by_role("heading", level=1)).to_have_text("Deposit €120.50?")
    assert wallet(erin) == 0
    me.go("Confirm Deposit")
    page.wait_for_url("**/finances/payments/*/")
    expect(page.locator("header .balance")).to_contain_text("€120.50")
    expect(page.locator("main")).to_contain_text("The money is in your available funds.")
    assert wallet(erin) == 12_050
    page.locator(".sum a").click()
    expect(page.get_by_role("link", name=Payment.objects.get().display_reference)).to_be_visible()


@pytest.mark.parametrize(("js", "size"), FEW_WAYS)
@pytest.mark.parametrize(
    ("answer", "says"), [("Confirm", "The money is in your available funds."), ("Refuse", "Try again")]
)
def test_the_bank_asks_and_sends_back(walker, js, size, erin, answer, says):
    """P17"""
    saved(PaymentSource, erin, Behaviour.NEEDS_STEP)
    me = walker(erin, js, size)
    choose_in_the_menu(me, "Deposit")
    me.page.get_by_label("Amount").fill("20")
    me.go("Deposit")
    me.go("Confirm Deposit")
    me.go("Continue at your bank")
    expect(me.page.get_by_role("heading", level=1)).to_have_text("Is this payment yours?")
    me.go(answer)
    me.page.wait_for_url("**/finances/payments/*/")
    expect(me.page.locator("main")).to_contain_text(says)
    assert wallet(erin) == (2_000 if answer == "Confirm" else 0)


@pytest.mark.parametrize(("js", "size"), FEW_WAYS)
def test_a_lost_answer_is_found_and_the_open_page_shows_it(walker, js, size, erin):
    """P51: without scripts by "Look again"; with them the page asks by itself."""
    saved(PaymentSource, erin, Behaviour.LOSES_ANSWER)
    me = walker(erin, js, size)
    me.page.goto("/finances/deposit/")
    me.page.get_by_label("Amount").fill("20")
    me.go("Deposit")
    me.go("Confirm Deposit")
    expect(me.page.locator("main")).to_contain_text("We have no answer from the payment provider yet.")
    if js:
        charging.look_up(Payment.objects.get())  # as the job does
    else:
        me.go("Look again")
    expect(me.page.locator("main")).to_contain_text("The money is in your available funds.", timeout=10_000)
    expect(me.page.locator("header .balance")).to_contain_text("€20.00")


def test_pressed_twice_it_is_charged_once(walker, erin):
    saved(PaymentSource, erin, Behaviour.SUCCEEDS)
    me = walker(erin, True, {"width": 1280, "height": 800})
    me.page.goto("/finances/deposit/")
    me.page.get_by_label("Amount").fill("20")
    me.go("Deposit")
    me.page.get_by_role("button", name="Confirm Deposit").dblclick()
    me.page.wait_for_url("**/finances/payments/*/")
    me.page.go_back()
    me.page.get_by_role("button", name="Confirm Deposit").click()
    me.page.wait_for_url("**/finances/payments/*/")
    assert (Payment.objects.count(), wallet(erin)) == (1, 2_000)


@pytest.mark.parametrize(("js", "size"), FEW_WAYS)
def test_money_is_withdrawn_and_taken_back(walker, js, size, wes, fund):
    """P51"""
    fund(wes)
    saved(PayoutDestination, wes, Behaviour.SUCCEEDS)
    me = walker(wes, js, size)
    page = me.page
    choose_in_the_menu(me, "Withdraw")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    page.get_by_label("Password").fill("secret")
    me.go("Confirm")
    page.wait_for_url("**/finances/withdraw/")
    go_for_one(me, "Withdraw all")
    expect(page.get_by_label("Amount")).to_have_value("1000.00")
    page.get_by_label("Amount").fill("250")
    me.go("Withdraw")
    expect(page.locator("main")).to_contain_text("10 minutes after you confirm")
    me.go("Confirm Withdrawal")
    page.wait_for_url("**/finances/withdrawals/*/")
    expect(page.locator("header .balance")).to_contain_text("€750.00")

    me.go("To Finances")
    expect(page.locator(".figures")).to_contain_text("€250.00")
    assert Withdrawal.objects.get().state == "requested"
    go_for_one(me, "View")
    me.go("Cancel withdrawal")
    me.press("Cancel withdrawal")
    expect(page.locator("main")).to_contain_text("You cancelled it. The money is back in your available funds.")
    expect(page.locator("header .balance")).to_contain_text("€1,000.00")


def test_out_of_a_dialog_the_whole_page_asks_for_the_password(walker, wes):
    me = walker(wes, True, {"width": 1280, "height": 800})
    me.page.goto("/finances/payout-accounts/")
    me.go("Add payout account", me.page.locator(".head"))
    expect(me.page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    assert not me.page.locator("dialog[open]").count()
    me.page.get_by_label("Password").fill("secret")
    me.go("Confirm")
    me.page.wait_for_url("**/finances/payout-accounts/new/")
    me.go("Continue")
    expect(me.page.get_by_role("link", name="Go to the payment provider")).to_be_visible()


def test_an_open_page_says_nothing_while_the_line_is_cut(walker, erin, watch):
    """It asks again; what somebody pressed themselves says that no answer came."""
    saved(PaymentSource, erin, Behaviour.NEEDS_STEP)
    me = walker(erin, True, {"width": 1280, "height": 800})
    me.page.goto("/finances/deposit/")
    me.page.get_by_label("Amount").fill("20")
    me.go("Deposit")
    me.go("Confirm Deposit")
    me.page.wait_for_url("**/finances/payments/*/")
    watch.expect("net::ERR")
    watch.expect("console: htmx:")
    asked = []
    me.page.route("**/finances/payments/*/?seen=*", lambda route: (asked.append(route.request.url), route.abort()))
    me.page.wait_for_timeout(6500)
    assert asked
    expect(me.page.locator(".toast--error")).to_have_count(0)
    me.page.route("**/give-up/", lambda route: route.abort())
    me.go("Give up")
    expect(me.page.locator(".toast--error")).to_have_count(1)


def test_nothing_is_promised_where_there_is_nothing(walker):
    me = walker(factories.MemberFactory(), True, {"width": 1280, "height": 800})
    me.page.goto("/finances/")
    expect(me.page.get_by_role("heading", name="Payments under way")).to_have_count(0)
