"""Twice asked: the first step signs what it showed, the second step does exactly that.

A confirmation names the operation, the person and their session, the object and its version, what was shown
(amount, currency, payee, source …) and a fresh key. The key becomes the ledger's key, so a confirmation that
is sent twice finds the first one's result. It is good for ``CONFIRMATION_SECONDS``.
"""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

SALT = "milepost.confirmation"
SHAPE = 1  # of the signed body; another one is not read


class BadConfirmation(Exception):
    """The token was altered, or made for another person, session, operation or object (422)."""


@dataclass(frozen=True)
class Confirmation:
    """What the first step showed. ``expired`` is True where it was shown too long ago to act on."""

    operation: str
    object_id: int
    version: str
    shown: dict[str, Any]
    key: uuid.UUID
    expired: bool = False


def sign(request: HttpRequest, operation: str, object_id: int, version: str, /, **shown: Any) -> str:
    """Return a token for the second step. *shown* holds what the dialog says, in JSON types, amounts in minor units."""
    body = {
        "shape": SHAPE,
        "op": operation,
        "by": request.user.pk,
        "in": _session(request),
        "of": object_id,
        "v": version,
        "shown": shown,
        "key": str(uuid.uuid4()),
    }
    return signing.dumps(body, salt=SALT, compress=True)


def read(request: HttpRequest, operation: str, object_id: int) -> Confirmation:
    """Return the confirmation that this request carries in ``token``.

    Raises BadConfirmation where it was altered, or is another person's, session's, operation's or object's.
    An expired one is returned with ``expired`` set, so that a repeat of a done operation still finds its receipt.
    """
    token = request.POST.get("token", "")
    expired = False
    try:
        body = signing.loads(token, salt=SALT, max_age=settings.CONFIRMATION_SECONDS)
    except signing.SignatureExpired:
        body, expired = signing.loads(token, salt=SALT), True
    except signing.BadSignature as error:
        raise BadConfirmation(_("This confirmation is not valid. Please start again.")) from error
    if body.get("shape") != SHAPE:  # signed by an older release of this code
        raise BadConfirmation(_("This confirmation is not valid. Please start again."))
    expected = (operation, request.user.pk, _session(request), object_id)
    if (body["op"], body["by"], body["in"], body["of"]) != expected:
        raise BadConfirmation(_("This confirmation was made for something else. Please start again."))
    return Confirmation(operation, object_id, body["v"], body["shown"], uuid.UUID(body["key"]), expired)


def _session(request: HttpRequest) -> str:
    """A name for the signed-in session that signing out ends; the session key itself is not given away."""
    key = (request.session.session_key or "").encode()
    return hmac.new(settings.SECRET_KEY.encode(), key, hashlib.sha256).hexdigest()[:24]
