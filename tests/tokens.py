"""The confirmation that a first step handed out."""

import re

from django.http import HttpResponse


def token_of(response: HttpResponse) -> str:
    """Return the token in *response*'s form; fails where the page offers no second step."""
    found = re.search(r'name="token" value="([^"]+)"', response.content.decode())
    assert found, f"no confirmation in this page ({response.status_code})"
    return found[1]
