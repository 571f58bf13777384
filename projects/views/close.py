"""Close a project: it takes no more bids (P1)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import steps
from config.refusals import WrongState
from projects.models import Project
from projects.page import state_now
from projects.views.ask import ask


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    try:
        if request.method == "POST":
            project.close(by=request.user)
            messages.success(request, _("The project is closed. It takes no more bids."))
            return steps.done(request, project)
        project.require("close", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, project, facts=state_now(project))
    return ask(
        request,
        title=_("Close “%(project)s”?") % {"project": project.title},
        facts=[],
        words=[
            _("Nobody can place or revise a bid any more, and the project leaves the list of open projects."),
            _("You can still award the bids that stand. Awards and milestones that were made go on as they are."),
        ],
        notice=_("A closed project can't be opened again."),
        button=_("Close project"),
        back=project,
    )
