"""Everybody's open projects: browse and search (P1)."""

from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from projects.forms import SearchForm
from projects.models import Bid, Project, ProjectQuerySet, Standing
from projects.page import budget, skill_links
from projects.standing import Figures, figures, short

PAGE = 30


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    if not form.is_valid():
        return render(request, "projects/list.html", {"form": form, "rows": []}, status=422)
    wanted = form.cleaned_data
    found, newer, older = _page(_matching(wanted, request.user), wanted["before"], wanted["after"])
    page = reverse("project", args=[0])
    given = figures({project.employer for project in found}, Standing.Side.EMPLOYER)
    context = {
        "form": form,
        "rows": [_row(project, request.user, page, given[project.employer_id]) for project in found],
        "searched": any(wanted[name] for name in ("words", "skill", "currency", "budget")),
        "newer": f"?{_with(request, after=found[0].pk)}" if newer else "",
        "older": f"?{_with(request, before=found[-1].pk)}" if older else "",
    }
    return render(request, "projects/list.html", context)


def _matching(wanted: dict[str, Any], user: Any) -> ProjectQuerySet:
    standing = Bid.objects.filter(project=OuterRef("pk")).exclude(state=Bid.State.WITHDRAWN)
    bids = standing.order_by().values("project").annotate(number=Count("pk")).values("number")
    match = Q(state=Project.State.OPEN)
    if wanted["words"]:
        match &= Q(words=SearchQuery(wanted["words"], search_type="websearch", config="english"))
    if wanted["skill"]:
        match &= Q(skills__contains=Project.folded([wanted["skill"]]))
    if wanted["currency"]:
        match &= Q(currency=wanted["currency"])
    if wanted["budget"]:
        match &= Q(budget_to__gte=wanted["budget"])
    return (
        Project.objects.filter(match)
        .select_related("employer")
        .defer("words")
        .annotate(bid_count=Coalesce(Subquery(bids), 0), has_mine=Exists(standing.filter(freelancer=user)))
    )


def _page(projects: ProjectQuerySet, before: int | None, after: int | None) -> tuple[list[Project], bool, bool]:
    """Return one page, newest first, and whether there is a newer and an older one."""
    if after is not None:
        found = list(projects.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        return found[:PAGE][::-1], len(found) > PAGE, bool(found)
    older = projects.filter(pk__lt=before) if before else projects
    found = list(older.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], bool(before and found), len(found) > PAGE


def _row(project: Any, user: Any, page: str, standing: Figures) -> dict[str, Any]:
    """One line of the list. *page* is the address of project 0: reversing 30 addresses would cost more."""
    mine = _("Your project") if project.employer_id == user.pk else _("Your bid stands") if project.has_mine else ""
    bids = ngettext("%(bids)d bid", "%(bids)d bids", project.bid_count) % {"bids": project.bid_count}
    return {
        "url": page.replace("/0/", f"/{project.pk}/"),
        "title": project.title,
        "excerpt": Truncator(" ".join(project.description.split())).chars(220),
        "budget": budget(project),
        "skills": skill_links(project.skills),
        "employer": project.employer,
        "standing": short(standing),
        "mine": mine,
        "posted_at": project.posted_at,
        "bids": bids,
    }


def _with(request: HttpRequest, **place: int) -> str:
    """The search as it is, at another place of the list."""
    query = request.GET.copy()
    for name in ("before", "after"):
        query.pop(name, None)
    query.update({name: str(value) for name, value in place.items()})
    return query.urlencode()
