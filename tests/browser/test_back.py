"""The journey of a return after release, and of a request to cancel that is refused, in a browser (P35, P36)."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accounts.models import Member
from milestones.models import CancelRequest, Milestone, MilestoneEvent, ReturnRequest
from tests import factories
from tests.browser.chromium import PHONE
from tests.situation import hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(transactional_db: None, fund: Callable[..., object]) -> Milestone:
    """€150.00 of €400.00 released."""
    erin = factories.MemberFactory(name="Erin Vogel", email="erin@example.com")
    wes = factories.MemberFactory(name="Wes Adeyemi", email="wes@example.com")
    fund(erin)
    milestone = hold(factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes)), "Photo gallery", 40_000)
    milestone.release(15_000, by=erin, key=uuid.uuid4())
    return milestone


def test_p36_asked_answered_and_returned(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Member], Page], paid: Milestone
) -> None:
    erin, wes = sign_in(open_page(), paid.employer), sign_in(open_page(size=PHONE), paid.freelancer)
    erin.goto(paid.get_absolute_url())
    erin.get_by_role("link", name="Work it out").click()
    dialog = erin.get_by_role("dialog")
    dialog.get_by_label("Amount").fill("40")
    dialog.get_by_role("button", name="Ask Wes").click()
    dialog.get_by_text("This field is required.").wait_for()
    dialog.get_by_label("Reason").fill("A page is missing.")
    dialog.get_by_role("button", name="Ask Wes").click()
    erin.get_by_text("You asked Wes to return €40.00 of what was released.").wait_for()

    wes.goto(paid.award.project.get_absolute_url())
    wes.get_by_label("Asked back").get_by_role("link", name="View").click()
    wes.get_by_text("“A page is missing.”").first.wait_for()
    wes.get_by_role("link", name="Return the money").click()
    wes.get_by_role("dialog").get_by_role("button", name="Return the money").click()
    wes.get_by_role("heading", name="Return €40.00 to Erin?").wait_for()
    assert not MilestoneEvent.objects.filter(action="take-back").exists()
    wes.get_by_role("button", name="Yes, return the money").click()
    wes.wait_for_url("**/receipts/*/")
    assert MilestoneEvent.objects.get(action="take-back").amount == 4_000
    assert ReturnRequest.objects.get().state == "agreed"
    erin.reload()
    erin.get_by_text("Kept by Wes").wait_for()


def test_p35_refused_it_leads_on(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Member], Page], paid: Milestone
) -> None:
    """Without scripts too: the same addresses are pages."""
    erin = sign_in(open_page(), paid.employer)
    wes = sign_in(open_page(js=False), paid.freelancer)
    erin.goto(paid.get_absolute_url())
    erin.get_by_role("link", name="Ask to cancel").click()
    erin.get_by_role("dialog").get_by_label("Reason").fill("The house is sold.")
    erin.get_by_role("dialog").get_by_role("button", name="Ask to cancel").click()
    erin.get_by_text("You asked Wes to cancel this milestone").wait_for()

    wes.goto(paid.get_absolute_url())
    wes.get_by_role("link", name="Refuse").click()
    wes.get_by_label("Reason").fill("I have nearly finished.")
    wes.get_by_role("button", name="Refuse").click()
    wes.wait_for_url(f"**{paid.get_absolute_url()}")
    assert CancelRequest.objects.get().state == "refused"
    erin.reload()
    ways = erin.get_by_role("navigation", name="What you can do now")
    ways.get_by_role("link").first.click()
    erin.wait_for_url(f"**/awards/{paid.award_id}/messages/")
