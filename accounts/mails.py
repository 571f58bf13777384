"""How a notification, or a digest of them, looks as a mail: text, HTML, and headers that mail programs act on."""

import datetime
import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from accounts import notices, unsubscribing
from accounts.digests import zone_of
from accounts.models import MailChoice, Notification
from accounts.notice_groups import GROUPS

MOST = 50  # notifications that a digest names; it counts the others


def message(told: Sequence[Notification], batch: int) -> EmailMultiAlternatives:
    """Return the mail about *told*, notifications of one member, the newest first. Several make a digest.

    KeyError where one stands alone and has no sentence (any more).
    """
    member, first = told[0].member, next(each for each in told if each.pk == batch)
    group = notices.group_of(first.kind) if len(told) == 1 else MailChoice.EVERYTHING
    stop = unsubscribing.address(member.pk, group)
    with timezone.override(zone_of(member)), translation.override(member.reads):
        name, own = ("notification", _alone(first)) if len(told) == 1 else ("digest", _together(told))
        words = {
            **own,
            "member": member,
            "site_name": settings.SITE_NAME,
            "site_url": settings.SITE_URL,
            "stop": stop,
            "choose": settings.SITE_URL + reverse("preferences-notifications"),
        }
        text = render_to_string(f"account/email/{name}.txt", words)
        html = render_to_string(f"account/email/{name}.html", words)
    mail = EmailMultiAlternatives(own["title"], text, None, [member.email], headers=headers(first, stop))
    mail.attach_alternative(html, "text/html")
    return mail


def _alone(told: Notification) -> dict[str, Any]:
    sentence = notices.sentence(told)
    group = GROUPS[notices.group_of(told.kind)].title
    return {"title": " ".join(sentence.split()), "sentence": sentence, "link": link(told), "group": group}


def _together(told: Sequence[Notification]) -> dict[str, Any]:
    number = len(told)
    words = ngettext("%(number)d new notification", "%(number)d new notifications", number) % {"number": number}
    return {
        "title": f"{settings.SITE_NAME}: {words}",
        "sections": sections(told[:MOST]),
        "more": max(0, number - MOST),
        "all": settings.SITE_URL + reverse("notifications"),
    }


def link(notification: Notification) -> str:
    """Return the whole address that marks it read and leads to its page."""
    return settings.SITE_URL + reverse("notification", args=[notification.pk])


def sections(told: Sequence[Notification]) -> list[dict[str, Any]]:
    """Return the notifications by group, in the groups' order, the newest first."""
    found: dict[str, list[dict[str, Any]]] = {group: [] for group in GROUPS}
    for each in told:
        entry = {"sentence": notices.sentence_or_hint(each), "link": link(each), "at": each.created_at}
        found[notices.group_of(each.kind)].append(entry)
    return [{"title": GROUPS[group].title, "entries": entries} for group, entries in found.items() if entries]


def headers(first: Notification, stop: str) -> dict[str, str]:
    """Return the headers of the mail that begins with that notification.

    The Message-ID is always the same one: a mail that went out twice, because its worker died before it could write
    down that it had, is recognised by mail servers and programs. RFC 8058 wants https for the one click.
    """
    found = {
        "Message-ID": message_id(first.pk, first.created_at),
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop}>",
    }
    if stop.startswith("https://"):
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def message_id(batch: int, created_at: datetime.datetime) -> str:
    """Return it: of this notification in this database, so that a demo made anew doesn't repeat old ones."""
    made = hashlib.sha256(f"{batch} {created_at.astimezone(datetime.UTC).isoformat()}".encode()).hexdigest()[:32]
    return f"<notification-{made}@{urlsplit(settings.SITE_URL).hostname}>"
