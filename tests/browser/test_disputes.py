"""The journeys of two disputes in a browser: one that the two settle, one that an arbitrator decides (P40 to P43)."""

import datetime
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import Member
from disputes import arbitrators
from disputes.models import Dispute
from milestones.models import Milestone
from tests import factories
from tests.browser.chromium import PHONE
from tests.situation import hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(transactional_db: None, fund: Callable[..., object]) -> Milestone:
    """€400.00 held for Wes, who works."""
    erin = factories.MemberFactory(name="Erin Vogel", email="erin@example.com")
    wes = factories.MemberFactory(name="Wes Adeyemi", email="wes@example.com")
    fund(erin)
    return hold(factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes)), "Photo gallery", 40_000)


def test_opened_answered_and_settled(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Member], Page], held: Milestone
) -> None:
    """One of them on a phone without scripts: the same addresses are pages."""
    erin, wes = sign_in(open_page(), held.employer), sign_in(open_page(size=PHONE, js=False), held.freelancer)
    erin.goto(held.get_absolute_url())
    erin.get_by_role("link", name="Open a dispute").click()
    erin.get_by_label("What is wrong").fill("Half of the pictures are missing.")
    erin.get_by_role("button", name="Continue").click()
    erin.get_by_text("Enter an amount, or 0 for nothing.").first.wait_for()
    erin.get_by_label("You offer to pay for “Photo gallery”").fill("100")
    erin.get_by_role("button", name="Continue").click()
    erin.get_by_role("heading", name="Dispute €400.00 with Wes Adeyemi?").wait_for()
    assert not Dispute.objects.exists()
    erin.get_by_role("button", name="Yes, open the dispute").click()
    erin.get_by_role("heading", name="Dispute D").wait_for()
    erin.get_by_role("link", name="Add evidence").click()
    dialog = erin.get_by_role("dialog")
    dialog.get_by_label("In words").fill("Twelve of twenty-four are there.")
    note = {"name": "list.txt", "mimeType": "text/plain", "buffer": b"1 2 3"}
    dialog.get_by_label("Files").set_input_files(note)
    dialog.get_by_role("button", name="Add it").click()
    erin.get_by_role("link", name="list.txt").wait_for()

    dispute = Dispute.objects.get()
    wes.goto(held.get_absolute_url())
    wes.get_by_role("link", name="See the dispute").click()
    wes.get_by_text("Twelve of twenty-four are there.").wait_for()
    wes.get_by_role("link", name="Make an offer").click()
    wes.get_by_label("You want for “Photo gallery”").fill("250.50")
    wes.get_by_role("button", name="Make this offer").click()
    wes.get_by_text("Your offer").first.wait_for()

    erin.reload()
    erin.get_by_role("link", name="Accept the offer").click()
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("heading", name="Accept this offer for good?").wait_for()
    assert Dispute.objects.get().state == "negotiation"
    dialog.get_by_role("button", name="Yes, split the money like this").click()
    erin.get_by_role("heading", name="How the money was split").wait_for()
    erin.get_by_role("cell", name="€250.50").wait_for()
    assert Dispute.objects.get(pk=dispute.pk).outcome == "accepted"
    with erin.expect_download() as kept:
        erin.get_by_role("link", name="list.txt").click()
    assert kept.value.suggested_filename == "list.txt"


def test_an_arbitrator_decides_in_the_admin(
    open_page: Callable[..., Page], sign_in: Callable[[Page, Member], Page], held: Milestone
) -> None:
    mia = factories.MemberFactory(name="Mia Novak", email="mia@example.com", is_staff=True)
    mia.groups.add(Group.objects.get(name=arbitrators.GROUP))
    dispute = Dispute.open(held.award, {held.pk: 0}, claim="Nothing came.", by=held.employer, key=uuid.uuid4())
    past = timezone.now() - datetime.timedelta(hours=1)
    Dispute.objects.filter(pk=dispute.pk).update(answer_by=past, escalate_from=past)
    wes = sign_in(open_page(size=PHONE), held.freelancer)
    wes.goto(dispute.get_absolute_url())
    wes.get_by_role("link", name="Call an arbitrator").click()
    wes.get_by_role("dialog").get_by_role("button", name="Continue").click()
    wes.get_by_role("button", name="Yes, call an arbitrator").click()
    wes.get_by_text("It waits for an arbitrator to take it.").wait_for()

    page = sign_in(open_page(), mia)
    page.goto("/admin/disputes/dispute/?queue=untaken")
    page.get_by_role("link", name=dispute.reference, exact=True).click()
    page.get_by_role("link", name="Take the dispute").click()
    page.get_by_role("button", name="Take the dispute").click()
    page.get_by_role("link", name="Decide").click()
    page.get_by_label("For the freelancer, of “Photo gallery”").fill("150")
    page.get_by_label("Reasons").fill("Neither side showed anything; what was sent is worth that.")
    page.get_by_role("button", name="Decide").click()
    page.get_by_role("heading", name="What will happen").wait_for()
    page.get_by_role("button", name="Yes, decide like this").click()
    page.get_by_text("Done: Decide.").wait_for()

    wes.reload()
    wes.get_by_role("heading", name="Verdict").wait_for()
    wes.get_by_text("what was sent is worth that").first.wait_for()
    assert Dispute.objects.get().outcome == "verdict"
