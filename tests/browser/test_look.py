"""What only a browser can tell: where things stand."""

import pytest

from tests import factories, situation
from tests.browser.chromium import PHONE
from tests.situation import Situation, hold

pytestmark = pytest.mark.django_db(transaction=True)

LOW = {"width": 390, "height": 600}
NAMES = ["Maximiliane Konstantinopolitanskaja von Hohenlohe-Langen", "M" * 55]


@pytest.fixture
def scene(transactional_db) -> Situation:
    return situation.build()


@pytest.fixture
def erin(scene):
    return scene.people["employer"]


@pytest.mark.parametrize("size", [None, PHONE])
def test_a_sum_stands_within_its_sentence(open_page, sign_in, scene, erin, size):
    """The words of a notice and the sums in it are one text, not a line each."""
    page = sign_in(open_page(**({"size": size} if size else {})), erin)
    page.goto(scene.address("/awards/{award}/milestones/new/"))
    page.get_by_label("Amount").fill("5000")
    page.get_by_label("Task").fill("Everything else")
    page.get_by_role("button", name="Create Milestone", exact=True).click()
    notice = page.locator(".notice--caution").filter(has_text="more than the")
    notice.wait_for()
    lines = notice.evaluate(
        "(e, _, s = getComputedStyle(e)) => (e.clientHeight - 2 * parseFloat(s.paddingTop)) / parseFloat(s.lineHeight)"
    )
    assert notice.locator("data").count() == 2
    assert round(lines) <= 3


@pytest.mark.parametrize("name", NAMES)
def test_a_long_name_leaves_the_act_in_view(page, sign_in, erin, name):
    freelancer = factories.MemberFactory(name=name)
    project = factories.ProjectFactory(employer=erin, title="T" * 120)
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=freelancer)))
    hold(award, "W" * 200, 100)
    sign_in(page, erin)
    for address in ("/finances/", project.get_absolute_url(), "/my-work/"):
        page.goto(address)
        hidden = page.locator(".table-scroll").evaluate_all("all => all.map(e => e.scrollWidth - e.clientWidth)")
        assert [beyond for beyond in hidden if beyond > 0] == [], address
        assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0, address


def test_on_a_phone_a_row_leads_with_the_milestones_amount(open_page, sign_in, scene, erin):
    page = sign_in(open_page(size=PHONE), erin)
    page.goto("/finances/")
    row = page.locator("tr").filter(has_text="Photo gallery")
    what, amount, held = (row.locator(part).bounding_box() for part in (".what", ".amount data", ".held data"))
    assert row.locator(".amount").inner_text() == "€1,000.00"
    assert abs(amount["y"] - what["y"]) < 8
    assert held["y"] > what["y"] + 20
    assert row.locator(".held .phone-label").is_visible()
    assert row.locator(".held .phone-label").inner_text() == "Held"


@pytest.mark.parametrize("address", ["/receipts/{receipt}/", "/finances/transfers/{transfer}/"])
def test_a_receipt_stands_in_the_middle(page, sign_in, scene, erin, address):
    sign_in(page, erin).goto(scene.address(address))
    box = page.locator(".receipt").bounding_box()
    assert abs(box["x"] + box["width"] / 2 - 640) < 10


@pytest.mark.parametrize(
    ("address", "label", "focus"),
    [
        ("/milestones/{milestone}/", "Release", "amount"),
        ("/milestones/{offered}/", "Cancel", ""),
        ("/projects/{project}/", "Create Milestone", "amount"),
        ("/finances/", "Create Milestone Payment", "who"),
    ],
)
def test_a_dialog_opens_with_its_title_and_the_focus_where_one_goes_on(
    open_page, sign_in, scene, erin, address, label, focus
):
    page = sign_in(open_page(size=LOW), erin)
    page.goto(scene.address(address))
    page.locator("main").get_by_role("link", name=label, exact=True).first.click()
    title = page.locator("dialog[open] #dialog-title")
    title.wait_for()
    page.wait_for_function("document.querySelector('dialog').contains(document.activeElement)")
    assert page.evaluate("document.activeElement.name || ''") == focus
    assert title.bounding_box()["y"] >= 0
    if focus == "amount":
        page.get_by_role("dialog").get_by_label("Amount").fill("750" if label == "Release" else "5000")
        if page.locator("dialog [name=task]").count():
            page.get_by_role("dialog").get_by_label("Task").fill("x")
        page.locator("dialog .actions button").click()
        page.locator("dialog [name=token]").wait_for(state="attached")
        page.wait_for_function("document.activeElement.textContent === 'Cancel'")
        assert 0 <= title.bounding_box()["y"] < LOW["height"] / 2


def test_an_error_is_told_once(page, sign_in, scene, erin, watch):
    """An alert within a region that is read out as well would be read twice."""
    watch.expect("htmx")
    watch.expect("ERR_")
    sign_in(page, erin).goto("/finances/")
    page.route("**/milestones/new/", lambda route: route.abort())
    page.get_by_role("link", name="Create Milestone Payment").click()
    told = page.get_by_role("alert")
    told.wait_for()
    assert told.inner_text().startswith("No answer came")
    assert told.evaluate("e => e.parentElement.closest('[role=status], [role=alert], [aria-live]')") is None


def test_headings_go_down_step_by_step(page, sign_in, scene):
    sign_in(page, scene.people["freelancer"]).goto("/my-work/")
    levels = page.locator("main :is(h1, h2, h3)").evaluate_all("all => all.map(e => [e.tagName, e.innerText])")
    assert levels[:3] == [["H1", "My work"], ["H2", "Your move"], ["H2", "Waiting for others"]]
    assert levels[3:5] == [["H2", "Waiting for your answer"], ["H3", "Summer brochure"]]
