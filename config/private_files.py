"""Addresses of private files that work for one person and for a limited time.

Such an address is useless to whoever it is passed on to, and to the person themselves once its time is up: whoever
may have the file gets a fresh one from the page that names it. The view asks who may have the file all the same.
"""

from typing import Any, Literal

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

SALT = "milepost.private-file"


def address(name: str, pk: int, user: Any) -> str:
    """Return the address of file *pk* at the URL called *name*: good for *user*, for ``FILE_ADDRESS_SECONDS``."""
    mark = signing.TimestampSigner(salt=SALT).sign(_said(name, pk, user)).split(":", 3)[3]
    return f"{reverse(name, args=[pk])}?mark={mark}"


def state(request: HttpRequest, name: str, pk: int) -> Literal["good", "expired", "bad"]:
    """Return whether the address that was asked for is *pk*'s at *name* and this person's, and its time isn't up."""
    signer = signing.TimestampSigner(salt=SALT)
    signed = f"{_said(name, pk, request.user)}:{request.GET.get('mark', '')}"
    try:
        signer.unsign(signed, max_age=settings.FILE_ADDRESS_SECONDS)
    except signing.SignatureExpired:
        return "expired"
    except signing.BadSignature:
        return "bad"
    return "good"


def _said(name: str, pk: int, user: Any) -> str:
    return f"{name.replace(':', '.')}:{pk}:{user.pk}"
