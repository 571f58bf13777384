"""Whether the record of a case is unbroken, and whether it is still what somebody has on paper."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from disputes import case_paper, checking
from disputes.forms import DigestForm
from disputes.views.fetch import visible_dispute

MOST_BYTES = 50_000_000  # of files that one page looks through; the command looks through all


@require_safe
def check(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = visible_dispute(request.user, pk)
    number, digest = case_paper.last_digest(dispute)
    form = DigestForm(request.GET if "digest" in request.GET else None)
    same = None
    if form.is_valid():
        same = checking.on_paper(dispute, form.cleaned_data["number"], form.cleaned_data["digest"])
    context = {
        "dispute": dispute,
        "differences": checking.differences_of(dispute, most_bytes=MOST_BYTES),
        "number": number,
        "digest": case_paper.grouped(digest),
        "form": form,
        "same": same,
        "megabytes": min(MOST_BYTES // 1_000_000, settings.MAX_FILE_MB * 1000),
    }
    return render(request, "disputes/check.html", context, status=422 if form.is_bound and same is None else 200)
