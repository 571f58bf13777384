"""My work: what waits for me, what runs, on both sides."""

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import todo
from accounts.todo import Todo
from config.templatetags.money import money
from milestones.rows import award_panels
from projects.models import Award, Bid, Project

PAGE = 30


@require_safe
def work(request: HttpRequest) -> HttpResponse:
    mine = Award.objects.visible_to(request.user).select_related("project", "employer", "freelancer")
    to_answer = list(mine.filter(freelancer=request.user, state=Award.State.AWAITING).order_by("answer_by")[:PAGE])
    working, older_work = _page(request, "work", mine.filter(freelancer=request.user, state=Award.State.ACCEPTED))
    hiring, older_hiring = _page(request, "hiring", mine.filter(employer=request.user, state__in=Award.STANDING))
    completed, older_completed = _page(request, "completed", mine.filter(state=Award.State.COMPLETED))
    placed = Bid.objects.filter(freelancer=request.user, state=Bid.State.PLACED).select_related("project")
    bids, older_bids = _page(request, "bids", placed)
    projects, older_projects = _page(request, "projects", Project.objects.filter(employer=request.user))
    waiting = todo.all_of(request.user)
    context = {
        "my_move": _todo_rows(entry for entry in waiting if entry.mine),
        "their_move": _todo_rows(entry for entry in waiting if not entry.mine),
        "to_answer": award_panels(to_answer, request.user),
        "working": award_panels(working, request.user, listed=False),
        "older_work": older_work,
        "hiring": award_panels(hiring, request.user, listed=False),
        "older_hiring": older_hiring,
        "completed": award_panels(completed, request.user, listed=False),
        "older_completed": older_completed,
        "bids": bids,
        "older_bids": older_bids,
        "projects": projects,
        "older_projects": older_projects,
        "newest": request.path if request.GET else "",
    }
    return render(request, "milestones/work.html", context)


def _todo_rows(entries: Iterable[Todo]) -> list[dict[str, Any]]:
    """What waits, for the template."""
    return [
        {
            "words": entry.words,
            "about": entry.about,
            "url": entry.url,
            "action": entry.action,
            "sum": money(entry.minor, entry.currency) if entry.currency else "",
            "since": entry.since,
            "until": entry.until,
            "dialog": entry.dialog,
        }
        for entry in entries
    ]


def _page(request: HttpRequest, name: str, rows: "QuerySet[Any]") -> tuple[list[Any], str]:
    """Return one page of *rows*, newest first, and the address of the next one, which asks for it by *name*."""
    before = request.GET.get(name, "")
    if re.fullmatch(r"[0-9]{1,18}", before):
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], f"?{name}={found[PAGE - 1].pk}" if len(found) > PAGE else ""
