"""Wes asks for an advance on his phone, Erin makes a milestone of it at her desk (P30, P31)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from milestones.models import Milestone, MilestoneRequest
from tests import situation
from tests.browser.chromium import DESK, PHONE
from tests.situation import Situation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(transactional_db: None) -> Situation:
    return situation.build()


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "plain"])
def test_an_advance_is_asked_for_on_a_phone_and_made_at_a_desk(
    scene: Situation, open_page: Callable[..., Page], sign_in: Callable[..., Page], js: bool
) -> None:
    asking = "dialog[open]" if js else "main"
    phone = sign_in(open_page(js=js, size=PHONE, has_touch=True, is_mobile=True), scene.people["freelancer"])
    phone.goto(scene.address("/projects/{project}/"))
    phone.get_by_role("link", name="Request a milestone").tap()
    form = phone.locator(asking)
    expect(form.get_by_role("heading", name="Request a milestone")).to_be_visible()
    form.get_by_label("Amount").fill("25%")
    form.get_by_label("Task").fill("Map of the valley")
    form.get_by_role("button", name="Send request").tap()
    expect(form.locator("#id_amount_error")).to_be_visible()
    form.get_by_label("Amount").fill("250")
    form.get_by_label("Advance", exact=True).check()
    expect(form).to_contain_text("no responsibility for an advance that is lost")
    form.get_by_role("button", name="Send request").tap()
    waiting = phone.get_by_role("list", name="Requests for milestones").get_by_role("listitem")
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("€250.00")

    desk = sign_in(open_page(js=js, size=DESK), scene.people["employer"])
    desk.goto("/finances/")
    desk.get_by_role("listitem").filter(has_text="Map of the valley").get_by_role("link", name="Answer").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Map of the valley")
    expect(desk.locator("main")).to_contain_text("no obligation")
    desk.get_by_role("link", name="Create Milestone").click()
    step = desk.locator(asking)
    expect(step.get_by_label("Amount")).to_have_value("250.00")
    step.get_by_label("Amount").fill("200")
    step.get_by_role("button", name="Create Milestone").click()
    expect(step).to_contain_text("€250.00")  # what was asked for
    step.get_by_role("button", name="Confirm Payment").click()
    desk.wait_for_url("**/receipts/*/")

    milestone = Milestone.objects.get(task="Map of the valley")
    assert (milestone.amount, milestone.advance) == (20_000, True)
    assert MilestoneRequest.objects.get(task="Map of the valley").made == milestone
    phone.goto(scene.address("/projects/{project}/"))
    expect(waiting).to_contain_text("€200.00 was put on hold, not the €250.00 that was asked for.")
