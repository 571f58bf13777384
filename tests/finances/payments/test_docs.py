"""What README and docs/operations.md say of payments is so (issue 3, points 4 and 6)."""

import re

import pytest
from procrastinate.contrib.django import app

from django.conf import settings
from django.urls import reverse

from finances.payments.gateways.stripe_reading import notice
from finances.payments.sandbox import BANKS, CARDS, PAYOUT_ACCOUNTS

README = (settings.BASE_DIR / "README.md").read_text()
OPERATIONS = (settings.BASE_DIR / "docs" / "operations.md").read_text()
TRYING = README.split("\n## Trying payments\n")[1].split("\n## ")[0]
PROVIDERS = OPERATIONS.split("\n## Payment providers\n")[1].split("\n## ")[0]


def listed(heading: str) -> list[tuple[str, ...]]:
    """The rows of README's table that begins with *heading*."""
    table = TRYING.split(f"| {heading} |")[1].split("\n\n")[0]
    return re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \|$", table, re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "on_offer"),
    [("card", CARDS), ("bank account to pay from", BANKS), ("payout account", PAYOUT_ACCOUNTS)],
)
def test_the_readme_lists_exactly_the_test_cards_and_accounts_that_there_are(heading, on_offer):
    assert listed(heading) == [(each.number, str(each.name), str(each.words)) for each in on_offer]
    assert TRYING.count("\n| `") == len(CARDS) + len(BANKS) + len(PAYOUT_ACCOUNTS)


@pytest.mark.parametrize("text", [TRYING, PROVIDERS], ids=["README", "operations"])
def test_the_address_and_the_keys_for_stripe_are_named(text):
    assert reverse("payments:webhook", args=["stripe"]) in text
    for name in ("PAYMENT_GATEWAY=stripe", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"):
        assert name in text
        assert hasattr(settings, name.split("=")[0])


def test_every_event_that_stripe_is_to_send_is_one_that_is_read():
    events = re.findall(r"`((?:payment_intent|checkout\.session|transfer|account)\.[a-z_]+)`", PROVIDERS)
    assert len(events) == 7
    for event in events:
        thing = {"object": event.rpartition(".")[0], "id": "x", "mode": "setup"}
        assert notice({"id": "e", "type": event, "data": {"object": thing}}).kind != "other", event


def test_every_job_about_money_is_explained():
    names = {name.rpartition(".")[2] for name, task in app.tasks.items() if task.queue == "payments"}
    assert names == set(re.findall(r"^\| `(\w+)` \|", PROVIDERS, re.MULTILINE))


def test_every_setting_of_payments_is_in_the_list_for_operators():
    text = (settings.BASE_DIR / "docs" / "configuration.md").read_text()
    for name in ("PAYMENT_GATEWAY", "PAYMENT_TIMEOUT", "WITHDRAWAL_PAUSE", "STRIPE_SECRET_KEY", "STRIPE_API_BASE"):
        assert f"| `{name}` |" in text
    assert f"| `WITHDRAWAL_PAUSE` | `{settings.WITHDRAWAL_PAUSE}` |" in text
