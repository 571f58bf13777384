"""Mark an award complete (P7): the first step says what was paid and that there is no way back."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.refusals import WrongState
from config.templatetags.money import money
from projects import ports
from projects.models import Award
from projects.page import award_facts
from projects.views.ask import ask


@require_http_methods(["GET", "HEAD", "POST"])
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    parties = Award.objects.visible_to(request.user).select_related("project", "employer", "freelancer")
    award = get_object_or_404(parties, pk=pk)
    award.require_who("complete", request.user)
    try:
        if request.method != "POST":
            award.require("complete", request.user)
            award.require_nothing_open()
            return _question(request, award)
        confirmed = confirmation.read(request, "complete", award.pk)
        award.complete(by=request.user, key=confirmed.key, seen=steps.seen(request, confirmed))
    except WrongState as refusal:
        award.refresh_from_db(fields=["state", "version"])
        return steps.stale(request, refusal, award.project, award_facts(award, ports.held_for(award)))
    name = award.freelancer.get_short_name()
    messages.success(request, _("Completed. You and %(name)s can review each other now.") % {"name": name})
    return steps.done(request, award.project)


def _question(request: HttpRequest, award: Award) -> HttpResponse:
    paid, days, name = ports.paid_for(award), settings.REVIEW_DAYS, award.freelancer.get_short_name()
    within = ngettext("within %(days)d day", "within %(days)d days", days) % {"days": days}
    shown = {"amount": award.amount, "currency": award.currency, "paid": paid, "held": 0, "review_days": days}
    return ask(
        request,
        title=_("Mark the work with %(name)s complete?") % {"name": name},
        facts=[
            (_("Project"), award.project.title),
            (_("Agreed amount"), money(award.amount, award.currency)),
            (_("Paid through milestones"), money(paid, award.currency)),
        ],
        words=[
            _("%(name)s is told at once. Both of you can then review each other, %(within)s.")
            % {"name": name, "within": within},
        ],
        notice=_("This is for good: no more milestones can be created for this award, and requests that wait end."),
        button=_("Mark complete"),
        back=award.project,
        token=confirmation.sign(request, "complete", award.pk, str(award.version), **shown),
    )
