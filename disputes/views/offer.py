"""An offer or a counter-offer: nothing moves by it, so it is asked once (P41)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import steps
from config.refusals import WrongState
from disputes import rows
from disputes.forms import SharesForm
from disputes.views import facts
from disputes.views.fetch import visible_dispute


@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = visible_dispute(request.user, pk)
    label = _("You offer to pay for “%(task)s”") if _pays(dispute, request) else _("You want for “%(task)s”")
    form = SharesForm(dispute, str(label), request.POST or None)
    try:
        if form.is_valid():
            about: dict[str, Any] = {"to_freelancer": form.split, "words": form.cleaned_data["words"]}
            dispute.offer(by=request.user, key=steps.key_for(request, about), seen=steps.once(request), **about)
            return steps.done(request, dispute)
        dispute.require("offer", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, dispute, facts.of_dispute(pk))
    other = dispute.latest_offer(dispute.other(request.user.pk).pk)
    context = {
        "dispute": dispute,
        "form": form,
        "key": steps.key_of(request),
        "theirs": rows.offer_row(dispute, other, request.user) if other else None,
        "held": rows.parts(dispute),
        "is_employer": _pays(dispute, request),
    }
    return render(request, "disputes/offer.html", context, status=422 if form.is_bound else 200)


def _pays(dispute: Any, request: HttpRequest) -> bool:
    return bool(dispute.employer_id == request.user.pk)
