"""Create Milestone Payment: first whom for, then the same steps as on the project page (P11, P12)."""

import re

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from config.templatetags.money import money
from milestones.forms import CreateForm
from milestones.views.paying import terms
from projects.models import Award, AwardQuerySet

MOST = 12


@require_safe
def create(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("who", "").replace("\x00", "").strip()[:100]
    context: dict[str, object] = {"who": words, **_choices(request, words)}
    if request.GET.get("award"):
        award = _chosen(request)
        context |= {
            "award": award,
            "who": f"{award.project.title} · {award.freelancer}",
            "form": CreateForm(award),
            **terms(award, request.user),
        }
    return render(request, "dashboard/create.html", context)


@require_safe
def choices(request: HttpRequest) -> HttpResponse:
    """What fits the words typed so far, as the list under the field."""
    words = request.GET.get("who", "").replace("\x00", "").strip()[:100]
    return render(request, "dashboard/_choices.html", {"who": words, **_choices(request, words)})


def _mine(request: HttpRequest) -> AwardQuerySet:
    """The awards for which this employer can create milestones."""
    standing = Award.objects.filter(employer=request.user, state__in=Award.STANDING)
    return standing.select_related("project", "employer", "freelancer")  # type: ignore[no-any-return]


def _chosen(request: HttpRequest) -> Award:
    """Return the award that was chosen; 404 for anything that was not offered (P12)."""
    number = request.GET["award"]
    if not re.fullmatch(r"[0-9]{1,18}", number):
        raise Http404
    return get_object_or_404(_mine(request), pk=int(number))  # type: ignore[no-any-return]


def _choices(request: HttpRequest, words: str) -> dict[str, object]:
    """Return the ``choices`` that fit *words*, and whether there are ``more`` than the list shows."""
    found = _mine(request)
    for word in words.replace("·", " ").split():
        found = found.filter(Q(project__title__icontains=word) | Q(freelancer__name__icontains=word))
    address = reverse("finances-create")
    awards = list(found.order_by("state", "-id")[: MOST + 1])  # those in progress first
    choices = [
        {
            "id": award.pk,
            "project": award.project.title,
            "freelancer": award.freelancer,
            "state": award.get_state_display(),
            "agreed": money(award.amount, award.currency),
            "url": f"{address}?award={award.pk}",
        }
        for award in awards[:MOST]
    ]
    return {"choices": choices, "more": len(awards) > MOST}
