"""Ways in: sign-up, password, code, second step; and what they don't give away."""

import re

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp

from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


def code_in_mail() -> str:
    """The code that the last message brought."""
    found = re.search(r"^([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})$", mail.outbox[-1].body, re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


def who(client: Client) -> str:
    """Whose balance menu stands at the top right; "" for nobody."""
    return str(client.get("/preferences/").context["user"]) if "_auth_user_id" in client.session else ""


def test_sign_up_asks_for_the_code_and_signs_in(client):
    answer = client.post(
        "/accounts/signup/", {"name": "Nora Neu", "email": "nora@example.com", "password1": "a-long-pass-phrase"}
    )
    assert answer.url == "/accounts/confirm-email/"
    assert who(client) == ""
    assert mail.outbox[-1].to == ["nora@example.com"]
    client.post("/accounts/confirm-email/", {"code": code_in_mail()})
    assert who(client) == "Nora Neu"
    assert Member.objects.get(email="nora@example.com").emailaddress_set.get().verified


def test_a_wrong_code_lets_nobody_in(client):
    client.post(
        "/accounts/signup/", {"name": "Nora Neu", "email": "nora@example.com", "password1": "a-long-pass-phrase"}
    )
    client.post("/accounts/confirm-email/", {"code": "AAA-AAA"})
    assert who(client) == ""


@pytest.mark.parametrize("name", ["Erin\u202e", "\u200b", "Erin\nVogel"])
def test_a_name_that_hides_or_turns_something_opens_no_account(client, name):
    """It would stand beside sums, in pages and mails of others."""
    typed = {"name": name, "email": "nora@example.com", "password1": "a-long-pass-phrase"}
    answer = client.post("/accounts/signup/", typed)
    assert "Leave out line breaks and invisible characters." in answer.text
    assert not Member.objects.filter(email="nora@example.com").exists()


def test_mail_carries_the_sites_name(client, settings):
    """P63"""
    settings.SITE_NAME = "Guildpay"
    client.post("/accounts/signup/", {"name": "N", "email": "nora@example.com", "password1": "a-long-pass-phrase"})
    assert mail.outbox[-1].subject == "Your code for Guildpay"
    assert "Guildpay" in mail.outbox[-1].body
    assert "example.com\n" not in mail.outbox[-1].body


def test_the_password_signs_in(client, erin):
    answer = client.post("/accounts/login/", {"login": "erin@example.com", "password": "secret"})
    assert answer.url == "/"
    assert who(client) == "Erin Vogel"


def test_a_wrong_password_is_refused_at_first_with_words_and_then_for_a_while(client, erin):
    for _try in range(5):
        answer = client.post("/accounts/login/", {"login": "erin@example.com", "password": "wrong"})
        assert "not correct" in answer.text
    answer = client.post("/accounts/login/", {"login": "erin@example.com", "password": "secret"})
    assert "Too many failed login attempts" in answer.text
    assert who(client) == ""


def test_signing_in_goes_on_only_within_the_site(client, erin):
    answer = client.post(
        "/accounts/login/?next=https://elsewhere.example/", {"login": "erin@example.com", "password": "secret"}
    )
    assert answer.url == "/"


def test_signing_out_is_a_post(signed_in, erin):
    client = signed_in(erin)
    assert client.get("/accounts/logout/").status_code == 200
    assert who(client) == "Erin Vogel"
    client.post("/accounts/logout/")
    assert who(client) == ""


@pytest.mark.parametrize("email", ["erin@example.com", "nobody@example.com"])
def test_reset_does_not_tell_whether_there_is_an_account(client, erin, email):
    answer = client.post("/accounts/password/reset/", {"email": email}, follow=True)
    assert answer.redirect_chain == [("/accounts/password/reset/done/", 302)]
    assert mail.outbox[-1].to == [email]


@pytest.mark.parametrize("email", ["erin@example.com", "nobody@example.com"])
def test_sign_up_does_not_tell_whether_there_is_an_account(client, erin, email):
    answer = client.post("/accounts/signup/", {"name": "N", "email": email, "password1": "a-long-pass-phrase"})
    assert (answer.status_code, answer.url) == (302, "/accounts/confirm-email/")
    assert client.get(answer.url).status_code == 200


def test_reset_sets_a_new_password(client, erin):
    client.post("/accounts/password/reset/", {"email": "erin@example.com"})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": "new-pass-phrase-1", "password2": "new-pass-phrase-1"})
    erin.refresh_from_db()
    assert erin.check_password("new-pass-phrase-1")
    assert "no longer" not in client.get(link, follow=True).text
    assert client.get(link, follow=True).status_code == 200


def test_a_code_by_mail_signs_in(client, erin):
    client.post("/accounts/login/code/", {"email": "erin@example.com"})
    assert who(client) == ""
    client.post("/accounts/login/code/confirm/", {"code": code_in_mail()})
    assert who(client) == "Erin Vogel"


def test_with_an_authenticator_app_the_password_is_not_enough(client, erin):
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(erin, secret)
    answer = client.post("/accounts/login/", {"login": "erin@example.com", "password": "secret"})
    assert answer.url == "/accounts/2fa/authenticate/"
    assert who(client) == ""
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert who(client) == ""
    code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert who(client) == "Erin Vogel"


def test_a_recovery_code_works_once(erin):
    totp.TOTP.activate(erin, totp.generate_totp_secret())
    code = RecoveryCodes.activate(erin).get_unused_codes()[0]
    for expected in ("Erin Vogel", ""):
        client = Client()
        client.post("/accounts/login/", {"login": "erin@example.com", "password": "secret"})
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert who(client) == expected


def test_the_second_step_is_set_up_only_after_asking_again(signed_in, erin):
    answer = signed_in(erin).get("/accounts/2fa/totp/activate/")
    assert answer.url.startswith("/accounts/reauthenticate/")


ENTRANCES = [
    "/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/login/code/",
    "/accounts/inactive/",
]
ROOMS = [
    "/preferences/",
    "/notifications/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/reauthenticate/",
    "/accounts/logout/",
]


@pytest.mark.parametrize("path", ENTRANCES)
def test_entrances_open_to_everybody_in_our_look(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert 'class="topbar"' in answer.text
    assert "<style" not in answer.text


@pytest.mark.parametrize("path", ROOMS)
def test_rooms_open_to_members_only_in_our_look(client, signed_in, erin, path):
    assert client.get(path).status_code == 302
    answer = signed_in(erin).get(path)
    assert answer.status_code == 200
    assert 'class="topbar"' in answer.text
    assert " style=" not in answer.text


def test_who_asks_for_codes_too_often_is_told_to_wait_in_our_look(client, erin):
    for _try in range(25):
        answer = client.post("/accounts/password/reset/", {"email": "erin@example.com"})
        if answer.status_code != 302:
            break
    assert answer.status_code == 429
    assert "Wait a few minutes, then try again." in answer.text
