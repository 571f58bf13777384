"""Place, revise or withdraw one's bid on a project (P2)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import steps
from config.refusals import WrongState
from config.templatetags.money import money
from projects.forms import BidForm
from projects.models import Bid, Project, Standing
from projects.page import budget, days, state_now
from projects.standing import figures
from projects.views.ask import ask


@require_http_methods(["GET", "HEAD", "POST"])
def bid(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user).select_related("employer"), pk=pk)
    mine = Bid.objects.filter(project=project, freelancer=request.user).select_related("project").first()
    standing = mine if mine and mine.state == Bid.State.PLACED else None
    more = "more" in request.POST
    form = BidForm(project, request.POST if request.method == "POST" else None, bid=mine, add_rows=more)
    try:
        project.require("bid", request.user)
        if mine:
            mine.require("revise", request.user)
        if form.is_bound and form.is_valid():
            return _send(request, project, standing, form)
    except WrongState as refusal:
        return steps.stale(request, refusal, project, facts=state_now(project, mine))
    context = {
        "form": form,
        "project": project,
        "budget": budget(project),
        "stands": standing is not None,
        "employer_standing": figures([project.employer], Standing.Side.EMPLOYER)[project.employer_id],
    }
    return render(request, "projects/bid.html", context, status=422 if form.is_bound else 200)


def _send(request: HttpRequest, project: Project, standing: Bid | None, form: BidForm) -> HttpResponse:
    if standing:
        standing.revise(by=request.user, **form.cleaned_data)
        messages.success(request, _("Your bid is revised."))
    else:
        Bid.place(project, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your bid is placed."))
    return redirect(project)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    own = Bid.objects.filter(freelancer=request.user).select_related("project")
    mine = get_object_or_404(own, project=pk)
    try:
        if request.method == "POST":
            mine.withdraw(by=request.user)
            messages.success(request, _("Your bid is withdrawn."))
            return steps.done(request, mine.project)
        mine.require("withdraw", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, mine.project, facts=state_now(mine.project, mine))
    return ask(
        request,
        title=_("Withdraw your bid?"),
        facts=[
            (_("Project"), mine.project.title),
            (_("Your bid"), money(mine.amount, mine.project.currency)),
            (_("To be done within"), days(mine.days)),
        ],
        words=[_("The employer won't see it any more. While the project is open you can place it again.")],
        button=_("Withdraw bid"),
        back=mine.project,
    )
