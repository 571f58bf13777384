"""A side says that it is away: its clock stands still meanwhile. Asked once, since nothing moves."""

import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import steps
from config.refusals import WrongState
from disputes.forms import AbsenceForm
from disputes.models.absences import clocks_against
from disputes.views import facts
from disputes.views.fetch import visible_dispute

DAY = 86_400


@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = visible_dispute(request.user, pk)
    form = AbsenceForm(max(dispute.rules.absence // DAY, 1), request.POST or None)
    try:
        if form.is_valid():
            now = timezone.now()
            until = min(now + datetime.timedelta(days=form.cleaned_data["days"]), dispute.rules.after("absence", now))
            key = steps.key_for(request, form.cleaned_data)
            dispute.absence(until, by=request.user, key=key, seen=steps.once(request))
            messages.success(request, _("The clock stands still while you are away."))
            return steps.done(request, dispute)
        dispute.require("absence", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, dispute, facts.of_dispute(pk))
    context = {
        "dispute": dispute,
        "form": form,
        "key": steps.key_of(request),
        "clocks": clocks_against(dispute, request.user),
    }
    return render(request, "disputes/absence.html", context, status=422 if form.is_bound else 200)
