"""From which address somebody calls, behind proxies of the operator's own (P26)."""

import pytest

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
