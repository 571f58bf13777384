"""Closing a conversation, and saying how it was."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config import steps
from support.chat.forms import RatingForm
from support.chat.views.conversation import own, page


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it. Nothing is lost: the member can open it again."""
    found = own(request, pk)
    found.close(by=request.user, key=steps.key_for(request))
    return redirect(found)


@require_POST
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the rating; 422 at the field where nothing was chosen."""
    found = own(request, pk)
    found.require("rate", request.user)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return page(request, found, rating=form, status=422)
    found.rate(by=request.user, key=steps.key_for(request, form.cleaned_data), **form.cleaned_data)
    messages.success(request, _("Thank you."))
    return redirect(found)
