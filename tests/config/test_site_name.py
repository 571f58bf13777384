"""Another name, and it is another site (P63)."""

import os
import subprocess
import sys

import pytest

from django.conf import settings as real
from django.core import mail

from accounts import notices
from accounts.models import Notification
from accounts.tasks import mail_notification
from tests.situation import build

PAGES = [
    ("anonymous", "/"),
    ("anonymous", "/accounts/login/"),
    ("anonymous", "/accounts/signup/"),
    ("anonymous", "/no-such-page/"),
    ("employer", "/my-work/"),
    ("employer", "/preferences/"),
    ("employer", "/projects/"),
    ("employer", "/projects/{project}/"),
    ("employer", "/finances/"),
    ("employer", "/finances/transfers/"),
    ("employer", "/finances/milestones/new/"),
    ("employer", "/awards/{award}/milestones/new/"),
    ("employer", "/milestones/{milestone}/"),
    ("employer", "/milestones/{milestone}/release/"),
    ("employer", "/milestones/{offered}/cancel/"),
    ("employer", "/finances/transfers/{deposit}/"),
    ("freelancer", "/projects/{open}/bid/"),
    ("freelancer", "/finances/incoming/"),
]


@pytest.fixture
def guildpay(settings):
    settings.SITE_NAME = "Guildpay"
    settings.DEFAULT_FROM_EMAIL = "Guildpay <post@guild.example>"


def test_p63_every_main_page_has_the_name_and_none_has_another(db, guildpay, client, signed_in):
    situation = build()
    for who, pattern in PAGES:
        browser = client if who == "anonymous" else signed_in(situation.people[who])
        response = browser.get(situation.address(pattern))
        assert response.status_code == (404 if pattern == "/no-such-page/" else 200), pattern
        text = response.text
        assert "Guildpay</title>" in text or "<title>Guildpay" in text, pattern
        assert "Milepost" not in text, pattern


def test_p63_a_mail_too(guildpay, wes):
    notices.tell(wes, "milestone-created", "/milestones/7/", who="Erin", sum="€400.00", task="Photos")
    assert mail_notification(Notification.objects.get().pk) is True
    (message,) = mail.outbox
    assert "Guildpay" in message.body
    assert message.from_email.startswith("Guildpay ")
    assert "Milepost" not in f"{message.subject} {message.body} {message.from_email}"


def test_p63_the_name_is_one_variable_of_the_environment():
    """What the settings make of it when they are read: the sender, the name in authenticator apps."""
    ask = "from django.conf import settings as s; print(s.SITE_NAME, s.DEFAULT_FROM_EMAIL, s.MFA_TOTP_ISSUER, sep='|')"
    said = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=real.BASE_DIR,
        env={**os.environ, "SITE_NAME": "Guildpay", "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    name, sender, issuer = said.strip().split("|")
    assert name == issuer == "Guildpay"
    assert sender.startswith("Guildpay <")
