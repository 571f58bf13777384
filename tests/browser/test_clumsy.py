"""People who press twice, come too late, lose the line, have no mouse: one effect, and always words."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from config.money import format_minor, plain_minor
from finances.ledger.models import Account
from finances.payments.models import PaymentSource
from milestones.models import Milestone, MilestoneEvent
from tests import situation
from tests.browser.chromium import DESK, PHONE
from tests.situation import Situation

pytestmark = pytest.mark.django_db(transaction=True)
YES = "Yes, I want to release funds"


@pytest.fixture
def scene(transactional_db: None) -> Situation:
    return situation.build()


@pytest.fixture
def milestone(scene: Situation) -> Milestone:
    """Wes's milestone, of which €750.00 are held and €250.00 were released."""
    return Milestone.objects.get(pk=scene.things["milestone"])


def releases(milestone: Milestone) -> list[int]:
    """What was released, after the €250.00 from before, in minor units."""
    found = MilestoneEvent.objects.filter(milestone=milestone, action="release").order_by("pk")
    return [event.amount for event in found[1:]]


def asked(page: Page, js: bool) -> Locator:
    return page.locator("dialog[open]" if js else "main")


def to_the_second_step(page: Page, milestone: Milestone, amount: str, *, js: bool = True) -> Locator:
    """Open the milestone's page and go on to "are you sure?". Returns where that is asked."""
    page.goto(milestone.get_absolute_url())
    page.locator("main").get_by_role("link", name="Release", exact=True).click()
    asked(page, js).get_by_label("Amount").fill(amount)
    asked(page, js).get_by_role("button", name="Release", exact=True).click()
    expect(asked(page, js).get_by_role("button", name=YES)).to_be_visible()
    return asked(page, js)


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "plain"])
def test_a_double_click_pays_once(
    open_page: Callable[..., Page], sign_in: Callable[..., Page], scene: Situation, milestone: Milestone, js: bool
) -> None:
    page = sign_in(open_page(js=js), scene.people["employer"])
    to_the_second_step(page, milestone, "100", js=js).get_by_role("button", name=YES).dblclick()
    page.wait_for_url("**/receipts/*/")
    assert releases(milestone) == [10_000]


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "plain"])
def test_a_lost_answer_and_another_press_lead_to_the_same_receipt(
    open_page: Callable[..., Page],
    sign_in: Callable[..., Page],
    watch: object,
    scene: Situation,
    milestone: Milestone,
    js: bool,
) -> None:
    """The server has paid, the line breaks before the answer is there, and the person presses once more."""
    watch.expect("net::ERR_")
    watch.expect("htmx:")
    page = sign_in(open_page(js=js), scene.people["employer"])
    step = to_the_second_step(page, milestone, "100", js=js)
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or lost:
            return route.continue_()
        lost.append(route.fetch(max_redirects=0).status)
        return route.abort("connectionreset")

    page.route("**/release/", lose)
    step.get_by_role("button", name=YES).click(no_wait_after=True)
    if js:
        expect(page.get_by_role("alert")).to_contain_text("No answer came")
        step.get_by_role("button", name=YES).click()
    else:  # the browser shows its own page; reloading it sends the form again
        page.wait_for_timeout(300)
        assert releases(milestone) == [10_000]
        page.reload()
    page.wait_for_url("**/receipts/*/")
    assert len(lost) == 1
    assert releases(milestone) == [10_000]
    assert MilestoneEvent.objects.order_by("pk").last().get_absolute_url() in page.url


def test_back_after_the_receipt_leads_to_the_page_as_it_is_now(
    page: Page, sign_in: Callable[..., Page], scene: Situation, milestone: Milestone
) -> None:
    sign_in(page, scene.people["employer"])
    to_the_second_step(page, milestone, "100").get_by_role("button", name=YES).click()
    page.wait_for_url("**/receipts/*/")
    page.go_back()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("main .sum").first).to_have_text("€650.00")
    assert releases(milestone) == [10_000]


def test_pressing_again_after_back_leads_to_the_same_receipt_without_a_script(
    open_page: Callable[..., Page], sign_in: Callable[..., Page], scene: Situation, milestone: Milestone
) -> None:
    page = sign_in(open_page(js=False), scene.people["employer"])
    step = to_the_second_step(page, milestone, "100", js=False)
    token = step.locator("[name=token]").input_value()
    step.get_by_role("button", name=YES).click()
    page.wait_for_url("**/receipts/*/")
    receipt = page.url
    # What a browser sends that kept the page: the very same form.
    answer = page.request.post(
        f"{milestone.get_absolute_url()}release/",
        form={"token": token, "csrfmiddlewaretoken": page.locator("[name=csrfmiddlewaretoken]").first.input_value()},
    )
    assert (answer.status, answer.url) == (200, receipt)
    assert releases(milestone) == [10_000]


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "plain"])
def test_the_second_of_two_windows_is_told_what_is_true_now(
    open_page: Callable[..., Page], sign_in: Callable[..., Page], scene: Situation, milestone: Milestone, js: bool
) -> None:
    """P25"""
    first = sign_in(open_page(js=js), scene.people["employer"])
    second = first.context.new_page()
    one = to_the_second_step(first, milestone, "750", js=js)
    two = to_the_second_step(second, milestone, "600", js=js)
    one.get_by_role("button", name=YES).click()
    first.wait_for_url("**/receipts/*/")
    with second.expect_response(lambda response: response.request.method == "POST") as answer:
        two.get_by_role("button", name=YES).click()
    assert answer.value.status == 409
    told = asked(second, js)
    expect(told.get_by_role("heading", level=1)).to_have_text("Something has changed")
    expect(told.locator(".rows div").filter(has_text="Held now")).to_contain_text("€0.00")
    expect(told.locator(".rows div").filter(has_text="Released so far")).to_contain_text("€1,000.00")
    assert releases(milestone) == [75_000]


def test_a_first_step_that_is_out_of_date_says_what_is_held_now(
    page: Page, sign_in: Callable[..., Page], scene: Situation, milestone: Milestone
) -> None:
    sign_in(page, scene.people["employer"]).goto(milestone.get_absolute_url())
    page.locator("main").get_by_role("link", name="Release", exact=True).click()
    other = page.context.new_page()
    to_the_second_step(other, milestone, "700").get_by_role("button", name=YES).click()
    other.wait_for_url("**/receipts/*/")
    page.get_by_role("dialog").get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Only €50.00 is held.")
    assert releases(milestone) == [70_000]


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "plain"])
@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "Enter"), ("0", "more than zero"), ("-1", ""), ("1e400", ""), ("0.001", ""), ("750.01", "Only €750.00")],
)
def test_a_bad_amount_is_told_at_its_field(
    open_page: Callable[..., Page],
    sign_in: Callable[..., Page],
    scene: Situation,
    milestone: Milestone,
    js: bool,
    typed: str,
    words: str,
) -> None:
    """P21"""
    page = sign_in(open_page(js=js, size=PHONE), scene.people["employer"])
    page.goto(f"{milestone.get_absolute_url()}release/" if not js else milestone.get_absolute_url())
    if js:
        page.locator("main").get_by_role("link", name="Release", exact=True).click()
    asked(page, js).get_by_label("Amount").fill(typed)
    asked(page, js).get_by_role("button", name="Release", exact=True).click()
    field = asked(page, js).locator("[name=amount][aria-invalid=true]")
    expect(field).to_be_visible()
    expect(field).to_have_value(typed)
    told = asked(page, js).locator(f"#{field.get_attribute('aria-describedby').split()[0]}")
    expect(told).to_contain_text(words)
    assert told.inner_text().strip()
    if js:
        expect(field).to_be_focused()
    assert releases(milestone) == []


def test_too_little_money_says_what_is_missing_and_makes_nothing(
    page: Page, sign_in: Callable[..., Page], scene: Situation
) -> None:
    """P16"""
    sign_in(page, scene.people["employer"]).goto(scene.address("/finances/milestones/new/?award={award}"))
    before = Milestone.objects.count()
    PaymentSource.objects.update(state=PaymentSource.State.REMOVED)  # nor is there a card that could pay
    available = Account.wallet(scene.people["employer"].pk, "EUR").balance
    page.get_by_label("Amount").fill(plain_minor(available + 1, "EUR"))
    page.get_by_label("Task").fill("Everything")
    page.get_by_role("button", name="Create Milestone", exact=True).click()
    told = page.locator("main")
    expect(page.get_by_role("dialog")).to_have_count(0)  # what was opened as a page stays one
    expect(told).to_contain_text(f"You have {format_minor(available, 'EUR')} available, so €0.01 is missing.")
    expect(told.get_by_label("Task")).to_have_value("Everything")
    assert Milestone.objects.count() == before


class Keyboard:
    """Somebody without a mouse. Where the focus stands must be seen at every stop."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab_to(self, name: str) -> None:
        """Press Tab until the focus is on what is called *name*."""
        here = "(e => (e.labels?.[0] || e).innerText.trim().split('\\n')[0])(document.activeElement)"
        for _stop in range(80):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(here) == name:
                return self.sees_the_focus()
        raise AssertionError(f"Tab never reaches {name!r}")

    def sees_the_focus(self) -> None:
        outline = "(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)"
        seen = self.page.evaluate(f"{outline}(getComputedStyle(document.activeElement))")
        assert seen, self.page.evaluate("document.activeElement.outerHTML")

    def presses(self, key: str) -> None:
        self.page.keyboard.press(key)

    def types(self, words: str) -> None:
        self.page.keyboard.type(words)

    def focused(self) -> str:
        return self.page.evaluate("document.activeElement.innerText").strip()


def test_the_keyboard_is_enough(page: Page, sign_in: Callable[..., Page], scene: Situation) -> None:
    """P81: holding and releasing, with Tab, Enter, arrows and letters alone."""
    sign_in(page, scene.people["employer"]).goto("/my-work/")
    keyboard = Keyboard(page)
    keyboard.tab_to("Skip to the content")
    page.locator("header .balance").focus()
    keyboard.tab_to("Finances")
    keyboard.presses("Enter")
    page.wait_for_url("**/finances/")

    keyboard.tab_to("Create Milestone Payment")
    keyboard.presses("Enter")
    field = page.get_by_label("Select Project or Freelancer")
    expect(field).to_be_focused()
    keyboard.types("ana")
    expect(page.locator("dialog [role=option]")).to_have_count(1)
    keyboard.presses("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "choice-" + str(_award_of(scene, "ana@example.com")))
    keyboard.presses("Enter")
    expect(page.get_by_label("Amount")).to_be_focused()
    keyboard.types("400")
    keyboard.tab_to("Task")
    keyboard.types("Room calendar")
    keyboard.presses("Enter")
    expect(page.get_by_role("button", name="Confirm Payment")).to_be_visible()
    assert keyboard.focused() == "Cancel"
    keyboard.sees_the_focus()
    keyboard.tab_to("Confirm Payment")
    keyboard.presses("Enter")
    page.wait_for_url("**/receipts/*/")

    keyboard.tab_to("To the milestone")
    keyboard.presses("Enter")
    page.wait_for_url("**/milestones/*/")
    keyboard.tab_to("Release")
    keyboard.presses("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    keyboard.presses("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert keyboard.focused() == "Release", "the focus returns to what opened the dialog"
    keyboard.presses("Enter")
    amount = page.get_by_role("dialog").get_by_label("Amount")
    expect(amount).to_be_focused()
    keyboard.presses("Control+a")
    keyboard.types("150")
    keyboard.presses("Enter")
    expect(page.get_by_role("button", name=YES)).to_be_visible()
    assert keyboard.focused() == "Cancel"
    keyboard.tab_to(YES)
    keyboard.presses("Enter")
    page.wait_for_url("**/receipts/*/")
    assert Milestone.objects.get(task="Room calendar").held == 25_000


def _award_of(scene: Situation, email: str) -> int:
    return Milestone.objects.get(freelancer__email=email, award__project=scene.things["project"]).award_id


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_it_can_be_pressed_at_200_percent(
    open_page: Callable[..., Page], sign_in: Callable[..., Page], scene: Situation, milestone: Milestone, size: dict
) -> None:
    """Zooming in halves the page: everything is still there, and the dialog can be read to its end."""
    half = {"width": size["width"] // 2, "height": size["height"] // 2}
    page = sign_in(open_page(size=half), scene.people["employer"])
    step = to_the_second_step(page, milestone, "100")
    step.get_by_role("button", name=YES).click()
    page.wait_for_url("**/receipts/*/")
    assert releases(milestone) == [10_000]


@pytest.mark.parametrize("step", ["first", "second"])
def test_who_signed_out_elsewhere_gets_the_sign_in_page_and_no_page_in_a_dialog(
    page: Page, sign_in: Callable[..., Page], scene: Situation, milestone: Milestone, step: str
) -> None:
    """P81, P82: the whole page goes to sign-in and would come back to where the dialog was opened."""
    sign_in(page, scene.people["employer"])
    if step == "second":
        dialog = to_the_second_step(page, milestone, "10")
    else:
        page.goto(milestone.get_absolute_url())
    page.context.clear_cookies(name="sessionid")
    if step == "second":
        dialog.get_by_role("button", name=YES).click()
    else:
        page.locator("main").get_by_role("link", name="Release", exact=True).click()
    there = milestone.get_absolute_url().replace("/", "%2F")
    page.wait_for_url(f"**/accounts/login/?next={there}")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert releases(milestone) == []


def test_p12_typing_over_a_choice_takes_it_back(page: Page, sign_in: Callable[..., Page], scene: Situation) -> None:
    """Nobody is paid under the name of another; and Enter chooses only what was marked."""
    sign_in(page, scene.people["employer"]).goto("/finances/")
    page.get_by_role("link", name="Create Milestone Payment").first.click()
    dialog = page.get_by_role("dialog")
    who = dialog.get_by_label("Select Project or Freelancer")
    who.fill("Ana")
    expect(dialog.get_by_role("option")).to_have_count(1)
    dialog.get_by_role("option").click()
    expect(dialog.get_by_label("Task")).to_be_visible()
    who = dialog.get_by_label("Select Project or Freelancer")
    who.press_sequentially("x")
    expect(dialog.get_by_label("Task")).to_have_count(0)
    who.fill("Guest house")
    who.press("Enter")
    expect(dialog.get_by_role("option")).to_have_count(2)
    expect(dialog.get_by_label("Task")).to_have_count(0)
