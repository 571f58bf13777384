"""What a member was told, newest first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import notices

PAGE = 25


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """Show a page of notifications older than ``?before=``. Those that are shown count as read from now on."""
    found = request.user.notifications.order_by("-id")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE + 1])
    shown = rows[:PAGE]
    entries = [{"row": row, "sentence": notices.sentence(row), "new": row.read_at is None} for row in shown]
    if request.method == "GET":  # asking with HEAD shows nobody anything
        request.user.notifications.filter(pk__in=[row.pk for row in shown], read_at=None).update(read_at=timezone.now())
    older = f"?before={shown[-1].pk}" if len(rows) > PAGE else ""
    return render(request, "account/notifications.html", {"entries": entries, "older": older, "newer": before and "?"})


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    request.user.notifications.filter(read_at=None).update(read_at=timezone.now())
    return redirect("notifications")
