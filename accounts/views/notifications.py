"""What a member was told: the page, the bell that asks whether there is news, and the way to what it is about."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import notices
from accounts.context import Bell
from accounts.models import Notification
from accounts.notice_groups import GROUPS

PAGE = 25


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """Show a page of notifications older than ``?before=``. Those that are shown count as read from now on."""
    found, group = request.user.notifications.order_by("-id"), request.GET.get("about", "")
    if group in GROUPS:
        found = notices.of_group(found, group)
    before = number(request, "before")
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    shown = rows[:PAGE]
    words = {
        "entries": [entry(row) for row in shown],
        "groups": [(key, GROUPS[key].title) for key in GROUPS],
        "group": group if group in GROUPS else "",
        "older": _page(group, shown[-1].pk) if len(rows) > PAGE else "",
        "newer": _page(group) if before else "",
    }
    if request.method == "GET":  # asking with HEAD shows nobody anything
        notices.mark_read(request.user.notifications.filter(pk__in=[row.pk for row in shown]))
    return render(request, "account/notifications.html", words)


def entry(row: Notification) -> dict[str, Any]:
    """What the page shows of one: which day it was is the reader's."""
    day = timezone.localtime(row.created_at).date()
    words = notices.sentence_or_hint(row)
    return {"row": row, "day": day, "sentence": words, "new": row.read_at is None, "group": notices.group_of(row.kind)}


def number(request: HttpRequest, name: str) -> int:
    """Return what the address says about *name*, 0 where that can't be an id."""
    said = request.GET.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0


def _page(group: str, before: int = 0) -> str:
    return "?" + urlencode({"about": group} | ({"before": str(before)} if before else {}))


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    notices.mark_read(request.user.notifications.all())
    return redirect("notifications")


@require_safe
def notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to what the member's own notification is about, and mark it read, unless the browser only looks ahead."""
    row = get_object_or_404(request.user.notifications, pk=pk)
    ahead = "prefetch" in request.headers.get("Sec-Purpose", "") or "prefetch" in request.headers.get("Purpose", "")
    if request.method == "GET" and not ahead:
        notices.mark_read(request.user.notifications.filter(pk=pk))
    return redirect(row.path)


@never_cache
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """Tell the bell what is new since it showed ``?unread=`` and the newest was ``?seen=``; 204 if nothing is.

    Asked every half minute by every page that somebody looks at: one query, on an index of unread ones.
    """
    now, seen = Bell(request.user), number(request, "seen")
    if now.newest <= seen and str(now.unread) == request.GET.get("unread"):
        return HttpResponse(status=204)
    answer: dict[str, Any] = {"unread": now.unread, "label": now.label, "newest": now.newest}
    if now.newest > seen:
        row = request.user.notifications.get(pk=now.newest)
        answer |= {"words": notices.sentence_or_hint(row), "url": reverse("notification", args=[row.pk])}
    return JsonResponse(answer)
