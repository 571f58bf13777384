"""Name, time zone, colours."""

import re

import pytest

from django.test import Client

from config.errors import failed

pytestmark = pytest.mark.django_db


def test_preferences_are_saved(signed_in, erin):
    client = signed_in(erin)
    answer = client.post("/preferences/", {"name": "Erin V.", "time_zone": "Europe/Berlin"}, follow=True)
    assert "Your preferences are saved." in answer.text
    erin.refresh_from_db()
    assert (erin.name, erin.time_zone) == ("Erin V.", "Europe/Berlin")


@pytest.mark.parametrize(
    "words",
    [
        {"name": "", "time_zone": ""},
        {"name": "E", "time_zone": "Mars/Olympus"},
        {"name": "Erin\u202e", "time_zone": ""},
        {"name": "\u200b", "time_zone": ""},
        {"name": "Erin\nVogel", "time_zone": ""},
    ],
)
def test_a_bad_preference_is_told_at_its_field(signed_in, erin, words):
    """P82"""
    answer = signed_in(erin).post("/preferences/", words)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "Account of Erin Vogel" in answer.text
    erin.refresh_from_db()
    assert erin.name == "Erin Vogel"


@pytest.mark.parametrize(("choice", "mark"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"')])
def test_the_colours_are_in_the_first_byte(client, choice, mark):
    """No script, no flash: the server writes the choice into the page (P81)."""
    answer = client.post("/theme/", {"theme": choice, "next": "/accounts/login/"})
    assert answer.url == "/accounts/login/"
    assert mark in client.get("/").text
    client.post("/theme/", {"theme": "system"})
    assert "data-theme=" not in client.get("/").text


def test_the_colours_lead_nowhere_else(client):
    assert client.post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"}).url == "/"
    assert client.post("/theme/", {"theme": "dark", "next": "//elsewhere.example/"}).url == "/"
    assert client.post("/theme/", {"theme": '"><script>'}).status_code == 400
    client.cookies["theme"] = '"><script>'
    assert "<script>" not in client.get("/").text


def test_the_balance_stands_on_every_page_with_its_currency(signed_in, erin, fund):
    """P10"""
    page = signed_in(erin).get("/preferences/").text
    assert '<data value="0.00">€0.00</data>' in page
    fund(erin)
    assert '<data value="1000.00">€1,000.00</data>' in signed_in(erin).get("/notifications/").text


def test_a_stale_form_is_refused_with_words(erin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(erin)
    answer = client.post("/preferences/", {"name": "X"})
    assert answer.status_code == 403
    assert "Go back, reload the page and try again." in answer.text


def test_what_is_not_there_is_told_in_our_look(client, signed_in, erin):
    assert "There is nothing here" in signed_in(erin).get("/nix/").text
    assert client.get("/nix/").status_code == 404


def test_for_htmx_a_refusal_is_a_dialog(signed_in, erin):
    answer = signed_in(erin).get("/nix/", headers={"HX-Request": "true", "HX-Target": "list"})
    assert answer.status_code == 404
    assert answer["HX-Retarget"] == "#dialog"
    assert "<html" not in answer.text
    assert 'id="dialog-title"' in answer.text


def test_the_page_for_failures_needs_nothing(rf):
    answer = failed(rf.get("/"))
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text


def test_the_colours_keep_what_was_searched(client, signed_in, erin):
    page = signed_in(erin).get("/projects/?words=web&currency=EUR").text
    assert 'name="next" value="/projects/?words=web&amp;currency=EUR"' in page


def buttons(client) -> dict[str, set[str]]:
    """What the page about e-mail addresses offers for each of them."""
    offered = {}
    for part in client.get("/accounts/email/").text.split("<li>")[1:]:
        address = re.search(r'"secret">([^<]+)<', part)
        if address:
            offered[address[1]] = set(re.findall(r'name="(action_(?!add)\w+)"', part.partition("</li>")[0]))
    return offered


def test_only_what_makes_sense_is_offered_for_an_address(signed_in, erin):
    client = signed_in(erin)
    assert buttons(client) == {"erin@example.com": set()}
    erin.emailaddress_set.create(email="second@example.com", verified=True)
    erin.emailaddress_set.create(email="third@example.com", verified=False)
    assert buttons(client) == {
        "erin@example.com": set(),
        "second@example.com": {"action_primary", "action_remove"},
        "third@example.com": {"action_send", "action_remove"},
    }


def test_security_is_called_so_wherever_it_is_named(signed_in, erin):
    text = signed_in(erin).get("/accounts/2fa/").text
    assert "<title>Security ·" in text
    assert "<h1>Security</h1>" in text
    assert len(re.findall(r'href="/accounts/2fa/"[^>]*><svg.*?</svg>Security</a>', text, re.S)) == 2
