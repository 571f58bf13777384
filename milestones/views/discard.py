"""Taking an unfunded milestone out of the lists. It moves nothing: its payment came to nothing (P17)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from milestones.models import Funding


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    fundings = Funding.objects.visible_to(request.user).select_related("award", "payment")
    funding = get_object_or_404(fundings, pk=pk)
    funding.discard(by=request.user)
    messages.success(request, _("“%(task)s” was discarded.") % {"task": funding.task})
    return redirect("finances")
