"""The case: what is in dispute, whose move it is, what was offered, shown and decided."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from disputes import rows
from disputes.views.fetch import visible_dispute


@require_safe
def case(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = visible_dispute(request.user, pk)
    return render(request, "disputes/case.html", rows.case(dispute, request.user))
