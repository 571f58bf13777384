"""Two people at two pages: what one writes appears at the other's without reloading; without scripts it works too."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from milestones.models import Message
from tests import situation
from tests.browser.chromium import PHONE
from tests.situation import Situation, hold

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/awards/{award}/messages/"


@pytest.fixture
def scene(transactional_db: None) -> Situation:
    return situation.build()


def test_what_one_writes_appears_at_the_other_without_reloading(
    open_page: Callable[..., Page], sign_in: Callable[..., Page], axe: Callable[..., list[str]], scene: Situation
) -> None:
    erin, wes = (sign_in(open_page(), scene.people[name]) for name in ("employer", "freelancer"))
    for page in (erin, wes):
        page.goto(scene.address(ADDRESS))
    erin.get_by_label("Message to Wes").fill("Half written")
    box = wes.get_by_label("Message to Erin")
    box.press_sequentially("Can you pay me by PayPal?")
    expect(wes.locator("#writing-hint")).to_contain_text("very risky")
    wes.get_by_role("button", name="Send").click()
    expect(wes.locator("#stream")).to_contain_text("Can you pay me by PayPal?")
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    expect(wes.locator("#writing-hint")).to_be_empty()

    news = erin.locator("#stream > li").last
    expect(news).to_contain_text("Can you pay me by PayPal?", timeout=8_000)
    expect(news).to_be_in_viewport()
    expect(news).to_contain_text("very risky")
    expect(erin.get_by_label("Message to Wes")).to_have_value("Half written")  # nobody’s typing is taken away
    news.get_by_role("link", name="Create Milestone").click()
    expect(erin.locator("dialog[open] #dialog-title")).to_contain_text("Milestone for Wes Adeyemi")
    erin.keyboard.press("Escape")

    # The answer, and money, at his page; everything once.
    erin.get_by_label("Message to Wes").fill("Rather by a milestone")
    erin.get_by_label("Message to Wes").press("Control+Enter")
    expect(erin.locator("#stream")).to_contain_text("Rather by a milestone")
    hold(Message.objects.first().award, "Second gallery", 5_000)
    expect(wes.locator("#stream")).to_contain_text("Erin Vogel put €50.00 on hold · Second gallery", timeout=8_000)
    expect(erin.locator("#stream")).to_contain_text("Erin Vogel put €50.00 on hold · Second gallery", timeout=8_000)
    for page in (erin, wes):
        words = page.locator("#stream").inner_text()
        for said in ("Can you pay me by PayPal?", "Rather by a milestone", "Second gallery"):
            assert words.count(said) == 1, said
        assert axe(page) == []


def test_a_refused_message_stays_where_it_was_typed(
    open_page: Callable[..., Page], sign_in: Callable[..., Page], scene: Situation
) -> None:
    page = sign_in(open_page(size=PHONE), scene.people["freelancer"])
    page.goto(scene.address(ADDRESS))
    page.get_by_label("Message to Erin").fill("See the file")
    page.get_by_label("Files").set_input_files({"name": "a.exe", "mimeType": "image/png", "buffer": b"MZ\0"})
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#writing")).to_contain_text("“a.exe” can't be sent")
    expect(page.get_by_label("Message to Erin")).to_have_value("See the file")
    page.get_by_label("Files").set_input_files({"name": "a.txt", "mimeType": "image/png", "buffer": b"Blue"})
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#stream > li").last).to_contain_text("a.txt")
    expect(page.locator("#stream > li").last).to_be_in_viewport()


def test_without_scripts_a_message_and_its_file_arrive(
    open_page: Callable[..., Page], sign_in: Callable[..., Page], scene: Situation
) -> None:
    """P81"""
    wes = sign_in(open_page(js=False, size=PHONE), scene.people["freelancer"])
    wes.goto(scene.address(ADDRESS))
    expect(wes.locator("#stream > li").last).to_be_in_viewport()  # it stands at its newest entry
    wes.get_by_label("Message to Erin").fill("Two shades of blue")
    files = [{"name": f"{name}.txt", "mimeType": "text/html", "buffer": name.encode()} for name in ("dark", "light")]
    wes.get_by_label("Files").set_input_files(files)
    wes.get_by_role("button", name="Send").click()
    expect(wes.locator("#stream > li").last).to_contain_text("Two shades of blue")
    expect(wes.get_by_role("button", name="Send")).to_be_in_viewport()

    erin = sign_in(open_page(js=False), scene.people["employer"])
    erin.goto(scene.address(ADDRESS))
    with erin.expect_download() as loading:
        erin.get_by_role("link", name="light.txt").click()
    assert loading.value.suggested_filename == "light.txt"
    assert Path(loading.value.path()).read_bytes() == b"light"


def test_earlier_entries_are_brought_without_moving_what_is_read(
    open_page: Callable[..., Page], sign_in: Callable[..., Page], scene: Situation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Message, "_require_pause", lambda by: None)
    award, wes = Message.objects.first().award, scene.people["freelancer"]
    for number in range(40):
        Message.send(award, by=wes, text=f"Number {number}.", key=situation.uuid.uuid4())
    page = sign_in(open_page(), wes)
    page.goto(scene.address(ADDRESS))
    page.get_by_role("link", name="Earlier").scroll_into_view_if_needed()
    first = page.locator("#stream > li").first
    before = first.bounding_box()
    page.get_by_role("link", name="Earlier").click()
    expect(page.get_by_text("Erin Vogel awarded the project")).to_be_attached()
    after = first.bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 60  # the link's own height goes
    expect(page.locator(".chat-message")).to_have_count(42)
