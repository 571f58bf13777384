"""Every page that somebody gets by the permission table keeps nobody out, in light and dark, at a desk and on a phone.

The list of pages is that table's: what answers GET with 200 is looked at here, so no page is forgotten.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests import situation
from tests.browser.chromium import DESK, PHONE
from tests.situation import Situation
from tests.test_permissions import PEOPLE, ROWS

pytestmark = pytest.mark.django_db(transaction=True)

# Answers that are no pages of ours, each with its reason.
NOT_OURS = {
    "/admin/": "Django's own pages",
    "/finances/outgoing.csv": "a file",
    "/finances/statements/EUR/{month}.csv": "a file",
    "/finances/statements/EUR/{month}.pdf": "a file",
    "/receipts/{receipt}.pdf": "a file",
    "/receipts/{receipt}.csv": "a file",
    "/members/{wes}/picture/": "a picture",
    "/finances/payments/{payment}.pdf": "a file",
    "/finances/payments/{payment}.csv": "a file",
    "/finances/withdrawals/{withdrawal}.pdf": "a file",
    "/finances/withdrawals/{withdrawal}.csv": "a file",
    "/message-files/{message_file}/": "a file",
    "/support/files/{conversation_file}/": "a file",
    "/disputes/{decided}/case.pdf": "a file",
    "/disputes/{decided}/settlement.pdf": "a file",
    "/disputes/{decided}/settlement.csv": "a file",
    "/release-files/{release_file}/": "a file",
    "/healthz": "what machines ask",
    "/readyz": "what machines ask",
    "/notifications/count/": "what the bell's script asks for",
    "/finances/milestones/new/choices/": "a part of a page; it is looked at where it stands",
}
# What looks the same for others is looked at through one pair of eyes.
EYES = ("anonymous", "employer", "freelancer", "stranger")
# Two pairs of eyes for pages about money and work; one for the rest.
BOTH_SIDES = (
    "/projects/{",
    "/milestones/{",
    "/milestone-requests/{",
    "/finances/incoming/",
    "/my-work/",
    "/receipts/",
    "/awards/{award}/messages/",
    "/disputes/{",
)

DIALOGS = [
    ("employer", "/milestones/{milestone}/", "Release"),
    ("employer", "/milestones/{offered}/", "Cancel"),
    ("employer", "/finances/", "Create Milestone Payment"),
    ("employer", "/projects/{project}/", "Create Milestone"),
    ("employer", "/projects/{open}/", "Award"),
    ("freelancer", "/projects/{project}/", "Request a milestone"),
    ("freelancer", "/milestone-requests/{request}/", "Edit"),
    ("freelancer", "/milestone-requests/{request}/", "Withdraw"),
    ("employer", "/milestone-requests/{request}/", "Create Milestone"),
    ("employer", "/milestone-requests/{request}/", "Decline"),
    ("employer", "/projects/{open}/", "Close project"),
    ("employer", "/projects/{finished_project}/", "Mark complete"),
    ("freelancer", "/projects/{completed_project}/", "Review Erin"),
    ("freelancer", "/my-work/", "Accept project"),
    ("freelancer", "/my-work/", "Decline"),
    ("freelancer", "/milestones/{milestone}/", "Cancel milestone"),
    ("freelancer", "/projects/{open}/", "Withdraw bid"),
    ("freelancer", "/milestones/{milestone}/", "Ask for release"),
    ("freelancer", "/milestones/{drawn}/", "Take the request back"),
    ("employer", "/milestones/{drawn}/", "Ask for more"),
    ("employer", "/milestones/{drawn}/", "Release"),
    ("employer", "/milestones/{milestone}/", "Propose a change"),
    ("employer", "/milestones/{drawn}/", "Take the change back"),
    ("freelancer", "/milestones/{drawn}/", "Agree"),
    ("freelancer", "/milestones/{drawn}/", "Refuse"),
    ("employer", "/milestones/{refused}/", "Ask to cancel"),
    ("employer", "/milestones/{refused}/", "Work it out"),
    ("employer", "/milestones/{asked}/", "Take the request back"),
    ("freelancer", "/milestones/{asked}/", "Return the money"),
    ("freelancer", "/milestones/{asked}/", "Refuse"),
    ("employer", "/finances/sources/", "Add payment source"),
    ("employer", "/finances/payments/{payment}/", "Give up"),
    ("freelancer", "/finances/withdrawals/{withdrawal}/", "Cancel withdrawal"),
]

# Dialogs with something to type that have no second step, since nothing moves.
ONE_STEP = ("Request a milestone", "Edit", "Decline")

# Controls that are smaller than a finger. Links within a sentence may be, and what can't be seen. A small button
# reaches farther than it looks (its ::after).
SMALL = """() => [...document.querySelectorAll(
    "button, a.btn, summary, input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, [role=option],"
    + " .mainnav a, .tabs a, .menu-panel a, a.round, a.brand, a.skip")]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest("[inert]"))
  .filter(e => !document.querySelector("dialog[open]") || e.closest("dialog"))
  .map(e => [e, e.getBoundingClientRect(), parseFloat(getComputedStyle(e, "::after").height) || 0])
  .map(([e, box, reach]) => [e, Math.round(box.width), Math.round(Math.max(box.height, reach))])
  .filter(([e, width, height]) => width && (height < 44 || width < 44))
  .map(([e, width, height]) => `${width}×${height} ${e.outerHTML.slice(0, 110)}`)"""
WIDE = """() => [document.scrollingElement.scrollWidth - innerWidth,
  [...document.querySelectorAll("main *, header *, footer *")]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".table-scroll, .visually-hidden"))
    .slice(0, 3).map(e => e.outerHTML.slice(0, 110))]"""


def pages_of(person: str) -> list[str]:
    """The addresses that the table gives *person* with 200, without those that others look at."""
    pages = []
    for row in ROWS:
        ours = not any(row.address.startswith(start) for start in NOT_OURS)
        if "GET" in row.methods and ours and row.answers[person] == "200":
            first = next(eyes for eyes in EYES if row.answers[eyes] == "200")
            twice = row.address.startswith(BOTH_SIDES) and person in ("employer", "freelancer")
            if person == first or twice:
                pages.append(row.address)
    return list(dict.fromkeys(pages))


@pytest.fixture
def scene(transactional_db: None) -> Situation:
    return situation.build()


def look(page: Page, axe: Callable[..., list[str]], what: str) -> list[str]:
    """Return all that is wrong with the page as it stands, in both sizes and both colours."""
    wrong = []
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        wrong += [f"{what} at {size['width']}: {line}" for line in axe(page)]
        page.emulate_media(color_scheme="dark")
        wrong += [f"{what} at {size['width']}, dark: {line}" for line in axe(page, only=["color-contrast"])]
        wrong += [f"{what} at {size['width']}, small: {line}" for line in page.evaluate(SMALL)]
    beyond, elements = page.evaluate(WIDE)
    if beyond > 0:
        wrong.append(f"{what} scrolls {beyond}px sideways: {elements}")
    return wrong


def test_every_page_is_looked_at() -> None:
    """What the table gives to anybody with 200 is in somebody's list."""
    looked = {address for person in EYES for address in pages_of(person)}
    given = {row.address for row in ROWS if "GET" in row.methods and "200" in [row.answers[p] for p in PEOPLE]}
    missed = {a for a in given - looked if not any(a.startswith(start) for start in NOT_OURS)}
    assert missed == set()
    assert len(looked) > 30


@pytest.mark.parametrize("person", EYES)
def test_a_page_keeps_nobody_out(
    open_page: Callable[..., Page],
    sign_in: Callable[..., Page],
    axe: Callable[..., list[str]],
    scene: Situation,
    person: str,
) -> None:
    """P81"""
    page, wrong = open_page(), []
    if person in scene.people:
        sign_in(page, scene.people[person])
    for address in pages_of(person):
        answer: Any = page.goto(scene.address(address))
        assert answer.status == 200, address
        wrong += look(page, axe, f"{person} {address}")
    assert not wrong, "\n".join(wrong)


def test_what_asks_for_the_password_first_keeps_nobody_out(
    page: Page, sign_in: Callable[..., Page], axe: Callable[..., list[str]], scene: Situation
) -> None:
    sign_in(page, scene.people["freelancer"]).goto("/finances/withdraw/")
    wrong = look(page, axe, "the password again")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/finances/withdraw/")
    wrong += look(page, axe, "withdraw")
    page.get_by_label("Amount").fill("5")
    page.locator("main").get_by_role("button", name="Withdraw").click()
    page.get_by_role("button", name="Confirm Withdrawal").wait_for()
    wrong += look(page, axe, "withdraw, second step")
    for address in ("new/", "{adding_destination}/add/", "{destination}/remove/"):
        answer: Any = page.goto(scene.address(f"/finances/payout-accounts/{address}"))
        assert answer.status == 200, address
        wrong += look(page, axe, address)
    assert not wrong, "\n".join(wrong)


def test_a_dialog_keeps_nobody_out(
    open_page: Callable[..., Page], sign_in: Callable[..., Page], axe: Callable[..., list[str]], scene: Situation
) -> None:
    pages = {name: sign_in(open_page(), scene.people[name]) for name in ("employer", "freelancer")}
    wrong = []
    for person, address, label in DIALOGS:
        page = pages[person]
        page.set_viewport_size(DESK)
        page.goto(scene.address(address))
        page.locator("main").get_by_role("link", name=label, exact=True).first.click()
        page.locator("dialog[open] #dialog-title").wait_for()
        wrong += look(page, axe, f"{label} on {address}")
        # The second step, where there is one: a form with a key of its own is asked once.
        if page.locator("dialog [name=key]").count():
            continue
        amount = page.locator("dialog [name=amount]")
        if amount.count():
            amount.fill("5")
            task = page.locator("dialog [name=task]")
            if task.count():
                task.fill("Map")
        if label not in ONE_STEP and (amount.count() or page.locator("dialog [name=reason]").count()):
            page.locator("dialog .actions button").click()
            page.locator("dialog [name=token]").wait_for(state="attached")
            wrong += look(page, axe, f"{label} on {address}, second step")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("address", "status"), [("/nowhere/", 404), ("/milestones/{offered}/release/", 409), ("/projects/{open}/bid/", 403)]
)
def test_a_page_that_says_no_keeps_nobody_out(
    page: Page, sign_in: Callable[..., Page], axe: Callable[..., list[str]], scene: Situation, address: str, status: int
) -> None:
    """P82"""
    answer: Any = sign_in(page, scene.people["employer"]).goto(scene.address(address))
    assert answer.status == status
    wrong = look(page, axe, address)
    assert not wrong, "\n".join(wrong)
