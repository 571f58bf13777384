"""The links in mails that switch mail off: they name a member and a group, and are good for nothing else.

They work without signing in, for ever, and whatever has become of the member's address: an old mail's link is how
somebody says that they want no more of it.
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import MailChoice
from accounts.notice_groups import GROUPS

_signer = signing.Signer(salt="accounts.unsubscribing")


def token(member_id: int, group: str) -> str:
    """Return what stands for the mail of *group* to that member: of all groups, if it is ``MailChoice.EVERYTHING``."""
    return _signer.sign_object([member_id, group])


def read(token: str) -> tuple[int, str] | None:
    """Return the member's id and the group, None where the token is not one of ours."""
    try:
        member_id, group = _signer.unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    return (member_id, group) if group in GROUPS or group == MailChoice.EVERYTHING else None


def address(member_id: int, group: str) -> str:
    """Return the whole address of the page that switches it off."""
    return settings.SITE_URL + reverse("notifications-unsubscribe", args=[token(member_id, group)])
