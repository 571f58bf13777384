"""All of the reader's disputes: those under way first, then those that ended."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from disputes import rows
from disputes.models import Dispute

PAGE = 30


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    disputes = Dispute.objects.visible_to(request.user).with_people().with_sums()
    before = request.GET.get("before", "")
    older = int(before) if re.fullmatch(r"[0-9]{1,18}", before, re.ASCII) else None
    under_way = [] if older else list(disputes.under_way().order_by("-id")[:PAGE])
    ended = disputes.exclude(ended_at=None).order_by("-id")
    found = list((ended.filter(pk__lt=older) if older else ended)[: PAGE + 1])
    address = reverse("disputes:list")
    context = {
        "under_way": [rows.line(dispute, request.user) for dispute in under_way],
        "ended": [rows.line(dispute, request.user) for dispute in found[:PAGE]],
        "older": f"{address}?before={found[PAGE - 1].pk}" if len(found) > PAGE else "",
        "newest": address if older else "",
    }
    return render(request, "disputes/list.html", context)
