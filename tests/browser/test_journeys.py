"""The milestone payment from end to end, with the labels that people are told to look for.

Each journey is walked with scripts and without, at a desk and on a phone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from config.money import format_minor
from finances.ledger.models import Account
from milestones.models import Milestone, MilestoneEvent
from projects.models import Award, Project
from tests import situation
from tests.browser.chromium import DESK, PHONE
from tests.situation import Situation

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Walker:
    """Somebody in front of a page, who sees dialogs where there are scripts and pages where there are none."""

    page: Page
    js: bool
    phone: bool

    @property
    def asked(self) -> Locator:
        """Where a step asks: the dialog, or the page in its place."""
        return self.page.locator("dialog[open]" if self.js else "main")

    def go(self, label: str, within: Locator | None = None) -> None:
        """Follow the link, or press the button, that is called *label*."""
        place = within or self.page.locator("main")
        found = place.get_by_role("link", name=label, exact=True).or_(
            place.get_by_role("button", name=label, exact=True)
        )
        found.tap() if self.phone else found.click()

    def press(self, label: str) -> None:
        """Press the button *label* of the step that asks."""
        button = self.asked.get_by_role("button", name=label, exact=True)
        button.tap() if self.phone else button.click()

    def open_finances_by_the_balance(self) -> None:
        """Point at the balance at the top right, or tap it, and choose "Finances" (P10)."""
        balance = self.page.locator("header .balance")
        expect(balance).to_be_visible()
        link = self.page.locator("#balance-menu").get_by_role("link", name="Finances")
        expect(link).to_be_hidden()
        if self.phone:
            balance.tap()
            link.tap()
        else:
            balance.hover()
            link.click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Finances")

    def stand_on_a_receipt(self) -> None:
        """A confirmed step ends on a lasting receipt (P26)."""
        self.page.wait_for_url("**/receipts/*/")

    def row(self, task: str) -> Locator:
        return self.page.locator("tr").filter(has_text=task)


WAYS = [
    pytest.param(True, DESK, id="scripts-desk"),
    pytest.param(True, PHONE, id="scripts-phone"),
    pytest.param(False, DESK, id="plain-desk"),
    pytest.param(False, PHONE, id="plain-phone"),
]
FEW_WAYS = [WAYS[0], WAYS[3]]


@pytest.fixture
def scene(transactional_db: None) -> Situation:
    return situation.build()


@pytest.fixture
def walker(open_page: Callable[..., Page]) -> Callable[[bool, dict[str, int]], Walker]:
    def walker(js: bool, size: dict[str, int]) -> Walker:
        phone = size is PHONE
        return Walker(open_page(js=js, size=size, has_touch=phone, is_mobile=phone), js, phone)

    return walker


@pytest.mark.parametrize(("js", "size"), WAYS)
def test_it_holds_and_releases_money_from_finances(
    scene: Situation, walker: Callable[..., Walker], js: bool, size: dict[str, int]
) -> None:
    erin = walker(js, size)
    page = erin.page
    available = Account.wallet(scene.people["employer"].pk, "EUR").balance
    page.goto("/")
    erin.go("Sign in", page.locator("header"))
    page.get_by_label("E-mail").fill("erin@example.com")
    page.get_by_label("Password").fill("secret")
    erin.go("Sign in")

    erin.open_finances_by_the_balance()
    erin.go("Create Milestone Payment")
    who = erin.asked.get_by_label("Select Project or Freelancer")
    who.press_sequentially("ana", delay=20)
    if not js:
        erin.press("Search")
    choice = erin.asked.locator("[role=option]")
    expect(choice).to_have_count(1)
    expect(choice).to_contain_text("Guest house website")
    expect(choice).to_contain_text("Ana Lima")
    choice.click()
    erin.asked.get_by_label("Amount").fill("400")
    erin.asked.get_by_label("Task").fill("Room calendar")
    erin.press("Create Milestone")

    for words in ("€400.00", "Room calendar", "Ana Lima", f"your available funds ({format_minor(available, 'EUR')})"):
        expect(erin.asked).to_contain_text(words)
    assert not Milestone.objects.filter(task="Room calendar").exists(), "P15: Create Milestone moves nothing"
    erin.press("Confirm Payment")
    erin.stand_on_a_receipt()
    expect(page.locator("main")).to_contain_text("The money is on hold.")

    erin.open_finances_by_the_balance()
    row = erin.row("Room calendar")
    expect(row).to_contain_text("€400.00")
    expect(page.locator("header .balance")).to_contain_text(format_minor(available - 40_000, "EUR"))

    erin.go("Release", row)
    amount = erin.asked.get_by_label("Amount")
    expect(amount).to_have_value("400.00")
    expect(erin.asked).to_contain_text("Don't release unless you are fully happy")
    amount.fill("150")
    erin.press("Release")
    expect(erin.asked).to_contain_text("can't be recovered")
    expect(erin.asked).to_contain_text("€250.00")
    erin.press("Yes, I want to release funds")
    erin.stand_on_a_receipt()
    expect(page.locator("main")).to_contain_text("€150.00")
    expect(page.locator("main")).to_contain_text("The rest stays on hold")

    erin.open_finances_by_the_balance()
    expect(erin.row("Room calendar").locator(".held")).to_contain_text("€250.00")
    held = Milestone.objects.get(task="Room calendar")
    assert (held.state, held.held) == ("held", 25_000)


@pytest.mark.parametrize(("js", "size"), WAYS)
def test_it_holds_money_from_the_project_page(
    scene: Situation,
    walker: Callable[..., Walker],
    sign_in: Callable[..., Page],
    js: bool,
    size: dict[str, int],
) -> None:
    erin = walker(js, size)
    sign_in(erin.page, scene.people["employer"]).goto(scene.address("/projects/{project}/"))
    award = erin.page.get_by_role("region", name="Work with Wes Adeyemi")
    erin.go("Create Milestone", award)
    erin.asked.get_by_label("Amount").fill("120.50")
    erin.asked.get_by_label("Task").fill("Prices page")
    erin.press("Create Milestone")
    expect(erin.asked).to_contain_text("€120.50")
    erin.press("Confirm Payment")
    erin.stand_on_a_receipt()
    assert Milestone.objects.get(task="Prices page").held == 12_050


@pytest.mark.parametrize(("js", "size"), FEW_WAYS)
def test_it_tells_the_whole_story(
    scene: Situation,
    walker: Callable[..., Walker],
    sign_in: Callable[..., Page],
    js: bool,
    size: dict[str, int],
) -> None:
    before = Account.wallet(scene.people["freelancer"].pk, "EUR").balance
    erin, wes = walker(js, size), walker(js, size)
    sign_in(erin.page, scene.people["employer"]).goto("/projects/")
    sign_in(wes.page, scene.people["freelancer"])

    erin.go("Post a project")
    erin.page.get_by_label("Title").fill("Shop window")
    erin.page.get_by_label("Description").fill("A page that shows what is in the shop today.")
    erin.page.get_by_label("Budget from").fill("300")
    erin.page.get_by_label("Budget to").fill("900")
    erin.go("Post project")
    expect(erin.page.get_by_role("heading", level=1)).to_have_text("Shop window")
    project = Project.objects.get(title="Shop window")

    wes.page.goto(project.get_absolute_url())
    wes.go("Place a bid")
    wes.page.get_by_label("Amount").first.fill("600")
    wes.page.get_by_label("Days").fill("10")
    wes.page.get_by_label("Proposal").fill("I have built five of these.")
    wes.go("Place bid")
    expect(wes.page.locator("main")).to_contain_text("€600.00")

    erin.page.reload()
    erin.go("Award")
    erin.press("Award")
    expect(erin.page.locator("main")).to_contain_text("Put money on hold for")
    erin.go("Create Milestone")
    erin.asked.get_by_label("Amount").fill("600")
    erin.asked.get_by_label("Task").fill("All of it")
    erin.press("Create Milestone")
    erin.press("Confirm Payment")
    erin.stand_on_a_receipt()
    erin.go("All of it")
    expect(erin.page.locator("main").get_by_role("link", name="Cancel", exact=True)).to_be_visible()
    expect(erin.page.locator("main").get_by_role("link", name="Release", exact=True)).to_have_count(0)

    wes.page.reload()
    expect(wes.page.locator("main")).to_contain_text("All of it")
    expect(wes.page.locator("main").get_by_role("link", name="Decline", exact=True)).to_be_visible()
    wes.go("Accept project")
    wes.press("Accept project")
    expect(wes.page.locator("main")).to_contain_text("In progress")
    wes.go("All of it")
    expect(wes.page.locator("main").get_by_role("link", name="Cancel milestone", exact=True)).to_be_visible()

    erin.page.reload()
    expect(erin.page.locator("main").get_by_role("link", name="Cancel", exact=True)).to_have_count(0)
    for amount, held in (("200", "€400.00"), (None, "€0.00")):
        erin.go("Release")
        if amount:
            erin.asked.get_by_label("Amount").fill(amount)
        erin.press("Release")
        erin.press("Yes, I want to release funds")
        erin.stand_on_a_receipt()
        expect(erin.page.locator("main")).to_contain_text("Held afterwards")
        expect(erin.page.locator("main")).to_contain_text(held)
        erin.go("To the milestone")
    expect(erin.page.locator("main")).to_contain_text("All of it was released.")
    expect(erin.page.locator("main").get_by_role("link", name="Release", exact=True)).to_have_count(0)
    wes.page.goto("/finances/")
    expect(wes.page.locator("header .balance")).to_contain_text(format_minor(before + 60_000, "EUR"))
    assert Award.objects.get(project=project).state == "accepted"


@pytest.mark.parametrize(("js", "size"), FEW_WAYS)
def test_the_employer_cancels_before_acceptance_and_the_freelancer_after_it(
    scene: Situation,
    walker: Callable[..., Walker],
    sign_in: Callable[..., Page],
    js: bool,
    size: dict[str, int],
) -> None:
    erin, wes = walker(js, size), walker(js, size)
    sign_in(erin.page, scene.people["employer"]).goto(scene.address("/milestones/{milestone}/"))
    expect(erin.page.locator("main").get_by_role("link", name="Release", exact=True)).to_be_visible()
    for label in ("Cancel", "Cancel milestone"):  # she can ask for it, no more
        expect(erin.page.locator("main").get_by_role("link", name=label, exact=True)).to_have_count(0)
    erin.page.goto(scene.address("/milestones/{offered}/"))
    erin.go("Cancel")
    erin.press("Cancel milestone")
    expect(erin.asked).to_contain_text("may delay the start")
    erin.press("Yes, cancel the milestone")
    erin.stand_on_a_receipt()
    expect(erin.page.locator("main")).to_contain_text("€200.00")

    sign_in(wes.page, scene.people["freelancer"]).goto(scene.address("/milestones/{milestone}/"))
    wes.go("Cancel milestone")
    wes.press("Cancel milestone")
    expect(wes.asked).to_contain_text("Stays released")
    wes.press("Yes, cancel the milestone")
    wes.stand_on_a_receipt()
    expect(wes.page.locator("main")).to_contain_text("€750.00")
    assert MilestoneEvent.objects.filter(action__in=("withdraw", "cancel")).count() == 2


@pytest.mark.parametrize(("js", "size"), FEW_WAYS)
def test_declining_sends_all_that_is_held_back(
    scene: Situation,
    walker: Callable[..., Walker],
    sign_in: Callable[..., Page],
    js: bool,
    size: dict[str, int],
) -> None:
    wes = walker(js, size)
    sign_in(wes.page, scene.people["freelancer"]).goto("/my-work/")
    wes.go("Decline")
    expect(wes.asked).to_contain_text("€200.00")
    wes.press("Decline")
    expect(wes.page.locator("main")).to_contain_text("Declined")
    assert Award.objects.get(pk=scene.things["offer"]).state == "declined"
    assert Milestone.objects.get(pk=scene.things["offered"]).held == 0
