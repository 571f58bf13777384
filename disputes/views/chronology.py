"""Everything that happened between the two, on one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from disputes import chronology as chronicle
from disputes.views.fetch import visible_dispute


@require_safe
def chronology(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = visible_dispute(request.user, pk)
    asked = request.GET.get("kind", "")
    kind = asked if asked in chronicle.KINDS else ""
    found = chronicle.of(dispute, request.user, kind)
    context = {
        "dispute": dispute,
        "entries": found.entries,
        "cut": found.cut,
        "most": chronicle.MOST,
        "kind": kind,
        "kinds": list(chronicle.KINDS.items()),
    }
    return render(request, "disputes/chronology.html", context)
