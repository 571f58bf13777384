"""Wes asks for a release on his phone, with a file and the checklist; Erin sees it first and releases (P32, P81)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from milestones.models import Criterion, Milestone, ReleaseRequest
from tests import factories
from tests.browser.chromium import DESK, PHONE
from tests.situation import hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def milestone(transactional_db: None, fund: Callable[..., object]) -> Milestone:
    """€400.00 held, with two lines that say what done means; another one was made later."""
    erin = factories.MemberFactory(name="Erin Vogel", email="erin@example.com")
    wes = factories.MemberFactory(name="Wes Adeyemi", email="wes@example.com")
    fund(erin)
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    milestone = hold(award, "Photo gallery", 40_000)
    for place, words in enumerate(("Twelve pictures", "Works on a phone")):
        Criterion.objects.create(milestone=milestone, position=place, words=words)
    hold(award, "Made later", 10_000)
    return milestone


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "plain"])
def test_p32_asked_on_a_phone_with_a_file_and_released_at_a_desk(
    milestone: Milestone, open_page: Callable[..., Page], sign_in: Callable[..., Page], js: bool
) -> None:
    place = "dialog[open]" if js else "main"
    phone = sign_in(open_page(js=js, size=PHONE, has_touch=True, is_mobile=True), milestone.freelancer)
    assert PHONE["width"] == 390
    phone.goto(milestone.get_absolute_url())
    phone.get_by_role("link", name="Ask for release").tap()
    form = phone.locator(place)
    expect(form.get_by_label("Amount")).to_have_value("400.00")
    form.get_by_label("Amount").fill("450")
    form.get_by_role("button", name="Ask for release").tap()
    expect(form).to_contain_text("Only €400.00 is held.")
    form.get_by_label("Amount").fill("150")
    form.get_by_label("Twelve pictures").check()
    form.get_by_label("Note").fill("See the draft.")
    form.get_by_label("Files of the work").set_input_files(
        {"name": "draft.txt", "mimeType": "text/plain", "buffer": b"Twelve"}
    )
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    form.get_by_role("button", name="Ask for release").tap()
    expect(phone.locator("main")).to_contain_text("Wes asks for the release of €150.00.")

    desk = sign_in(open_page(js=js, size=DESK), milestone.employer)
    desk.goto("/finances/")
    first = desk.get_by_role("list", name="Release requested").get_by_role("listitem")
    expect(first).to_have_count(1)
    expect(first).to_contain_text("Photo gallery")
    top, later = first.bounding_box(), desk.get_by_role("link", name="Made later").first.bounding_box()
    assert top
    assert later
    assert top["y"] < later["y"]
    first.get_by_role("link", name="Release").click()
    step = desk.locator(place)
    expect(step.get_by_label("Amount")).to_have_value("150.00")
    expect(step).to_contain_text("“See the draft.”")
    with desk.expect_download() as loading:
        step.get_by_role("link", name="draft.txt").click()
    assert loading.value.suggested_filename == "draft.txt"
    step.get_by_role("button", name="Release").click()
    expect(step).to_contain_text("Wes did not tick as done:")
    expect(step).to_contain_text("Works on a phone")
    step.get_by_role("button", name="Yes, I want to release funds").click()
    desk.wait_for_url("**/receipts/*/")
    assert ReleaseRequest.objects.get().state == "agreed"
    assert milestone.events.get(action="release").amount == 15_000
    desk.goto("/finances/")
    expect(desk.get_by_role("list", name="Release requested")).to_have_count(0)
