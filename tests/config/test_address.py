"""From which address somebody calls, behind proxies of the operator's own (P26), and which names are answered to."""

import os
import subprocess
import sys

import pytest

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config.middleware import ClientAddressMiddleware


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.7", "10.0.0.1"),  # nobody is trusted: anybody can write that header
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.66, 198.51.100.7", "198.51.100.7"),  # the first was written by the caller
        (2, "203.0.113.66, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "", "10.0.0.1"),
        (1, "not an address", "10.0.0.1"),
    ],
)
def test_p26_it_is_what_the_outermost_trusted_proxy_saw(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}
    ClientAddressMiddleware(lambda request: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == address


@pytest.mark.parametrize(
    ("set_to", "hosts"), [("", "127.0.0.1,localhost,[::1]"), ("a.example,b.example", "a.example,b.example")]
)
def test_only_this_machines_names_are_answered_to_unless_others_are_set(set_to, hosts):
    """In a process of its own: Django adds a host for tests."""
    environment = {name: value for name, value in os.environ.items() if name != "ALLOWED_HOSTS"}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings", **({"ALLOWED_HOSTS": set_to} if set_to else {})}
    said = subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; print(*settings.ALLOWED_HOSTS, sep=',')"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.strip() == hosts
