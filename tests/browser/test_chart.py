"""The picture by month comes when one scrolls to it; without a script it is a page (P50, P81)."""

import uuid

import pytest

from tests import factories
from tests.browser.chromium import PHONE
from tests.situation import hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def milestone(erin, wes, fund):
    fund(erin)
    bid = factories.BidFactory(project=factories.ProjectFactory(employer=erin), freelancer=wes)
    award = factories.accepted(factories.award(bid))
    made = hold(award, "Photo gallery", 40_000)
    made.release(15_000, by=erin, key=uuid.uuid4())
    return made


@pytest.mark.parametrize("phone", [False, True])
def test_scrolling_to_it_brings_it_and_its_figures_open_to_their_steps(page, sign_in, axe, erin, milestone, phone):
    if phone:
        page.set_viewport_size(PHONE)
    sign_in(page, erin).goto("/finances/")
    # In one step: the picture that then comes takes the place of what is scrolled to.
    page.evaluate("document.querySelector('#chart').scrollIntoView()")
    picture = page.get_by_role("img", name="€400.00 put on hold and €150.00 released")
    picture.wait_for()
    assert picture.locator("text").last.evaluate("e => e.getBoundingClientRect().height") >= 10
    page.get_by_text("The figures: Outgoing").click()
    assert axe(page) == []
    page.locator("#chart").get_by_role("link", name="€150.00").click()
    page.wait_for_url("**/finances/months/outgoing/EUR/*/?kind=released")
    page.get_by_role("link", name="Photo gallery").click()
    page.wait_for_url("**/receipts/*/")


def test_without_a_script_it_is_a_page(open_page, sign_in, erin, milestone):
    page = sign_in(open_page(js=False), erin)
    page.goto("/finances/")
    page.locator("#chart").get_by_role("link", name="Held and released by month").click()
    assert page.get_by_role("img", name="€400.00 put on hold").is_visible()


def test_a_receipt_and_a_statement_are_files_to_keep(page, sign_in, erin, milestone):
    """P27, P50"""
    sign_in(page, erin).goto(milestone.events.get(action="release").get_absolute_url())
    with page.expect_download() as receipt:
        page.get_by_role("link", name="Download PDF").click()
    assert receipt.value.suggested_filename.startswith("receipt-r")
    page.goto("/finances/statements/")
    page.locator("main table a").first.click()
    for name, end in (("Download PDF", ".pdf"), ("Download CSV", ".csv")):
        with page.expect_download() as file:
            page.get_by_role("link", name=name).click()
        assert file.value.suggested_filename.startswith("statement-eur-")
        assert file.value.suggested_filename.endswith(end)


def test_on_a_phone_the_list_of_statements_ends_each_month_with_its_closing_balance(page, sign_in, erin, milestone):
    """P50"""
    page.set_viewport_size(PHONE)
    sign_in(page, erin).goto("/finances/statements/")
    month = page.locator("main tbody tr").first
    title, closing = (month.locator(cell).bounding_box() for cell in (".what", ".num"))
    assert abs(title["y"] - closing["y"]) < 2
    assert month.locator(".num").inner_text() == "€600.00"
    opening = month.locator("[data-label]")
    assert opening.inner_text() == "€0.00"
    assert opening.evaluate("e => getComputedStyle(e, '::before').content") == '"Opening balance"'
