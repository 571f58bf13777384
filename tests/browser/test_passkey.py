"""A passkey, from adding it to signing in with it, with Chromium's own virtual authenticator."""

import pytest

from django.core.cache import cache

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def authenticator(page) -> None:
    """A device with a fingerprint that always fits."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_and_signs_in(page, authenticator, erin, axe):
    cache.clear()
    page.goto("/accounts/login/?next=/accounts/2fa/webauthn/add/")
    assert page.evaluate("document.activeElement.name") == "login"
    page.keyboard.type("erin@example.com")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/reauthenticate/**")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/webauthn/add/")
    assert axe(page) == []
    page.get_by_label("Name").fill("Laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url(lambda url: "/add/" not in url)
    page.goto("/accounts/2fa/webauthn/")
    assert page.get_by_text("Laptop").first.is_visible()
    assert page.get_by_text("Passkey", exact=True).is_visible()
    assert axe(page) == []

    page.get_by_role("button", name="Account of Erin Vogel").hover()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Account of Erin Vogel").wait_for()


def test_a_refused_passkey_is_told_in_words(page, erin, watch):
    cache.clear()
    page.goto("/accounts/login/")
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    )
    watch.expect("NotAllowedError")  # allauth writes it to the console as well
    page.get_by_role("button", name="Sign in with a passkey").click()
    assert page.get_by_role("alert").inner_text().startswith("That did not work")
