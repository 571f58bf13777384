"""Dividing money into milestones, and a percentage while it is typed, with scripts and without (P5, P13, P14, P31)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from milestones.models import Milestone
from projects.models import Award
from tests import factories, situation
from tests.browser.chromium import DESK, PHONE
from tests.browser.test_pages import look
from tests.situation import Situation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(transactional_db: None) -> Situation:
    return situation.build()


@pytest.fixture
def erin(scene: Situation, open_page: Callable[..., Page], sign_in: Callable[..., Page]) -> Callable[..., Page]:
    """``erin(js=True)`` is her phone."""

    def erin(js: bool) -> Page:
        page = open_page(js=js, size=PHONE, has_touch=True, is_mobile=True)
        return sign_in(page, scene.people["employer"])

    return erin


def row(page: Page, number: int, task: str, amount: str) -> None:
    group = page.get_by_role("group", name=f"Milestone {number}", exact=True)
    group.get_by_label("Task").fill(task)
    group.get_by_label("Amount").fill(amount)


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "plain"])
def test_p14_it_divides_by_percentages_on_a_phone(scene: Situation, erin: Callable[..., Page], js: bool) -> None:
    page = erin(js)
    award = Award.objects.get(pk=scene.things["offer"])
    page.goto(f"/projects/{award.project_id}/")
    page.locator("main").get_by_role("link", name="Divide", exact=True).tap()
    page.get_by_label("percentages of the agreed sum (€1,000.00)").tap()
    row(page, 1, "Cover", "33.33")
    row(page, 2, "Pages", "33.33")
    row(page, 3, "Map", "oops")
    total = page.locator("#divide-total")
    if js:
        expect(total).to_contain_text("66.66% of the agreed sum")
    page.get_by_role("button", name="Add a row").tap()
    fourth = page.get_by_role("group", name="Milestone 4", exact=True)
    expect(fourth.get_by_label("Task")).to_be_focused()
    page.locator("main").get_by_role("button", name="Create Milestones", exact=True).last.tap()
    wrong = page.get_by_role("group", name="Milestone 3", exact=True).get_by_label("Amount")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_attribute("aria-invalid", "true")
    row(page, 3, "Map", "33.34")
    page.get_by_role("group", name="Milestone 3", exact=True).get_by_label("Advance").check()
    if js:
        expect(total).to_contain_text("€1,000.00")
    page.locator("main").get_by_role("button", name="Create Milestones", exact=True).last.tap()
    asked = page.locator("dialog[open]" if js else "main")
    expect(asked).to_contain_text("3 milestones, all or none of them")
    expect(asked).to_contain_text("€333.40")
    expect(asked).to_contain_text("you are under no obligation")
    assert Milestone.objects.filter(award=award).count() == 1
    if js:
        page.keyboard.press("Escape")  # what was typed is still there
        expect(wrong).to_have_value("33.34")
        page.locator("main").get_by_role("button", name="Create Milestones", exact=True).last.tap()
    else:
        asked.get_by_role("button", name="Change something").tap()
        expect(wrong).to_have_value("33.34")
        page.locator("main").get_by_role("button", name="Create Milestones", exact=True).last.tap()
    asked.get_by_role("button", name="Confirm Payment").tap()
    page.wait_for_url("**/money/")
    made = Milestone.objects.filter(award=award).order_by("id")[1:]
    assert [(m.task, m.held, m.advance) for m in made] == [
        ("Cover", 33_330, False),
        ("Pages", 33_330, False),
        ("Map", 33_340, True),
    ]


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "plain"])
def test_p5_all_of_a_plan_is_created_right_after_awarding(
    scene: Situation, open_page: Callable[..., Page], sign_in: Callable[..., Page], js: bool
) -> None:
    page = sign_in(open_page(js=js, size=DESK), scene.people["employer"])
    project = factories.ProjectFactory(employer=scene.people["employer"], title="Walking maps")
    plan = [{"task": "Valley map", "amount": 40_000}, {"task": "Summit map", "amount": 35_000}]
    factories.BidFactory(project=project, freelancer=scene.people["freelancer"], plan=plan)
    page.goto(project.get_absolute_url())
    page.locator("main").get_by_role("link", name="Award", exact=True).click()
    page.locator("dialog[open]" if js else "main").get_by_role("button", name="Award", exact=True).click()
    page.wait_for_url("**/milestones/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Put money on hold for Wes now?")
    expect(page.locator("main")).to_contain_text("That is €250.00 less than the €1,000.00 you agreed on.")
    page.get_by_role("link", name="Create all of the plan").click()
    page.locator("main").get_by_role("button", name="Create Milestones", exact=True).last.click()
    page.locator("dialog[open]" if js else "main").get_by_role("button", name="Confirm Payment").click()
    page.wait_for_url("**/money/")
    made = Milestone.objects.filter(award__project=project).order_by("id")
    assert [(m.task, m.held) for m in made] == [("Valley map", 40_000), ("Summit map", 35_000)]
    page.goto(project.get_absolute_url())
    expect(page.locator("main").get_by_role("link", name="Divide", exact=True)).to_be_visible()
    expect(page.locator("main").get_by_role("link", name="Create all of the plan")).to_have_count(0)


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "plain"])
def test_p13_a_percentage_says_what_it_comes_to(scene: Situation, erin: Callable[..., Page], js: bool) -> None:
    page = erin(js)
    page.goto(f"/finances/milestones/new/?award={scene.things['offer']}")
    page.get_by_label("Amount").fill("12.5")
    page.get_by_label("Counted in").select_option("% of the agreed sum")
    if js:
        expect(page.locator("#comes-to")).to_have_text("€125.00, 12.5% of the agreed sum")
        page.get_by_label("Amount").fill("0.001")
        expect(page.locator("#comes-to")).to_have_text("")
        page.get_by_label("Amount").fill("12.5")
    page.get_by_label("Task").fill("Draft")
    page.get_by_label("What done means").fill("Printed\nFolded")
    page.get_by_label("Advance").check()
    page.locator("main").get_by_role("button", name="Create Milestone", exact=True).tap()
    asked = page.locator("main")
    expect(asked).to_contain_text("12.5% of the agreed sum")
    expect(asked.get_by_role("listitem").filter(has_text="Folded")).to_be_visible()
    asked.get_by_role("button", name="Confirm Payment").tap()
    page.wait_for_url("**/receipts/*/")
    made = Milestone.objects.get(task="Draft")
    assert (made.amount, made.advance, made.criteria.count()) == (12_500, True, 2)
    page.goto(made.get_absolute_url())
    expect(page.locator(".head")).to_contain_text("Advance")


def test_p81_what_divide_asks_keeps_nobody_out(
    scene: Situation, open_page: Callable[..., Page], sign_in: Callable[..., Page], axe: Callable[..., list[str]]
) -> None:
    page = sign_in(open_page(), scene.people["employer"])
    page.goto(scene.address("/awards/{planned}/milestones/"))
    wrong = look(page, axe, "right after awarding")
    page.goto(scene.address("/awards/{planned}/milestones/divide/?plan=1"))
    wrong += look(page, axe, "divide")
    page.get_by_label("Amount").first.fill("x")
    page.get_by_label("Advance").first.check()
    page.locator("main").get_by_role("button", name="Create Milestones", exact=True).last.click()
    expect(page.get_by_label("Amount").first).to_be_focused()
    wrong += look(page, axe, "divide, refused")
    page.get_by_label("Amount").first.fill("5")
    page.locator("main").get_by_role("button", name="Create Milestones", exact=True).last.click()
    page.locator("dialog[open] #dialog-title").wait_for()
    wrong += look(page, axe, "divide, second step")
    assert not wrong, "\n".join(wrong)
