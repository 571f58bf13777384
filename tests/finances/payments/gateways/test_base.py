"""Choosing the provider by a setting."""

import os
import subprocess
import sys
from typing import Any

import pytest

from django.conf import settings as configured

from finances.payments.gateways import Gateway, gateway
from finances.payments.gateways.base import REGISTRY


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_the_setting_names_the_provider(settings: Any, name: str) -> None:
    settings.PAYMENT_GATEWAY, settings.STRIPE_SECRET_KEY = name, "sk_none"
    chosen = gateway()

    assert isinstance(chosen, Gateway)
    assert chosen.name == name
    assert gateway(name) is chosen


def test_another_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        gateway("piggy bank")


def test_what_is_not_used_is_not_loaded() -> None:
    """Stripe's library takes some 20 MB in each process."""
    code = "import django, sys; django.setup(); from finances.payments.gateways import gateway; gateway(); "
    said = subprocess.run(
        [sys.executable, "-c", code + "print([name for name in ('stripe', 'requests') if name in sys.modules])"],
        cwd=configured.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PAYMENT_GATEWAY": "sandbox"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.stdout.strip() == "[]", said.stderr
