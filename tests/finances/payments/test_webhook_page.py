"""Where the provider tells what happened: signed, short, by the provider in use, and never a 500."""

import pytest

from django.db import OperationalError
from django.test import Client

from finances.payments import webhooks
from finances.payments.models import Delivery

pytestmark = pytest.mark.django_db

URL = "/finances/payments/webhooks/sandbox/"


def tell(client, body: bytes, url: str = URL, **headers):
    return client.post(url, body, content_type="text/plain", **headers)


def test_what_is_signed_is_stored_once(client, provider):
    for _again in range(3):
        assert tell(client, b"signed e1 charge charge-1").status_code == 200
    assert (Delivery.objects.get().event_id, Delivery.objects.get().times) == ("e1", 3)


def test_it_needs_no_sign_in_and_no_token_of_ours(provider):
    assert tell(Client(enforce_csrf_checks=True), b"signed e1 charge charge-1").status_code == 200


@pytest.mark.parametrize("body", [b"", b"forged e1 charge charge-1", b"\xff\xfe", b"signed"])
def test_what_is_not_signed_is_refused(client, provider, body):
    assert tell(client, body).status_code == 400
    assert not Delivery.objects.exists()


def test_another_provider_than_the_one_in_use_is_unknown(client, provider, settings):
    for name in ("stripe", "nobody"):
        answer = tell(client, b"signed e1 charge charge-1", f"/finances/payments/webhooks/{name}/")
        assert answer.status_code == 404
    settings.PAYMENT_GATEWAY = "stripe"
    assert tell(client, b"signed e1 charge charge-1").status_code == 404
    assert not Delivery.objects.exists()


def test_what_is_too_long_is_not_even_read(client, provider, monkeypatch):
    monkeypatch.setattr(provider, "webhook", lambda body, headers: pytest.fail("it was read"))
    assert tell(client, b"x" * (256 * 1024 + 1)).status_code == 413


def test_as_long_as_it_may_be_it_is_read(client, provider):
    assert tell(client, b"x" * (256 * 1024)).status_code == 400


def test_the_headers_reach_the_provider(client, provider, monkeypatch):
    seen = {}
    real = provider.webhook
    monkeypatch.setattr(provider, "webhook", lambda body, headers: seen.update(headers) or real(body, headers))
    tell(client, b"signed e1 charge charge-1", headers={"Milepost-Signature": "t=1"})
    assert seen["Milepost-Signature"] == "t=1"


def test_while_the_database_is_away_it_is_asked_to_tell_again(client, provider, monkeypatch):
    def receive(*args: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(webhooks, "receive", receive)
    assert tell(client, b"signed e1 charge charge-1").status_code == 503


def test_it_is_told_by_post_only(client, provider):
    assert client.get(URL).status_code == 405
