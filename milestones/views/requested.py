"""The request that a new milestone answers, as the form that makes it carries it along (P30)."""

import re
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from config.money import format_minor, typed_minor
from milestones.models import MilestoneRequest
from milestones.models.requests import SHOWN_REQUEST, SHOWN_VERSION
from projects.models import Award


def requested(request: HttpRequest, award: Award) -> MilestoneRequest | None:
    """Return what the form (or the link to it) names as ``request``; None where it names nothing.

    404 for anything but a request of this award. WrongState where no milestone can be made of it (any more).
    """
    number = named(request)
    if not number:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", number, re.ASCII):
        raise Http404
    requests: Any = MilestoneRequest.objects.visible_to(request.user)
    asked: MilestoneRequest = get_object_or_404(requests, pk=int(number), award=award)
    asked.award = award
    asked.require("fulfil", request.user)
    return asked


def named(request: HttpRequest) -> str:
    """Return the number of the request that a form, or the link to it, names; "" where it names none."""
    return request.POST.get("request") or request.GET.get("request", "")


def as_typed(asked: MilestoneRequest | None) -> dict[str, str]:
    """Return what the form begins with: what was asked for."""
    if not asked:
        return {}
    typed = {"amount": typed_minor(asked.amount, asked.award.currency), "task": asked.task, "request": str(asked.pk)}
    return typed | ({"advance": "on"} if asked.advance else {})


def in_words(asked: MilestoneRequest | None) -> dict[str, Any]:
    """Return what the dialog says of the request."""
    if not asked:
        return {}
    words = {"asked": asked, "asked_sum": format_minor(asked.amount, asked.award.currency)}
    return {**words, "freelancer_name": asked.award.freelancer.get_short_name()}


def to_sign(asked: MilestoneRequest | None) -> dict[str, Any]:
    """Return what the confirmation carries of it, so that another version of it is refused (P25)."""
    if not asked:
        return {}
    return {SHOWN_REQUEST: asked.pk, SHOWN_VERSION: asked.version}
