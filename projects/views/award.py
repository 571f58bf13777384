"""Award a bid (P4): the first step says what will happen, the second awards the offer that was shown."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from config import confirmation, fees, steps
from config.doors import address_if_there
from config.refusals import WrongState
from config.templatetags.money import money
from projects import fee_words
from projects.models import Bid
from projects.page import days
from projects.views.ask import ask


@require_http_methods(["GET", "HEAD", "POST"])
def award(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Bid.objects.visible_to(request.user).select_related("project", "freelancer")
    bid = get_object_or_404(visible, pk=pk)
    bid.require_who("award", request.user)
    try:
        if request.method != "POST":
            bid.require("award", request.user)
            return _question(request, bid)
        confirmed = confirmation.read(request, "award", bid.pk)
        made = bid.award(by=request.user, key=confirmed.key, seen=steps.seen(request, confirmed))
    except WrongState as refusal:
        bid.refresh_from_db(fields=["amount", "days", "state"])
        return steps.stale(request, refusal, bid.project, [*_facts(bid), (_("State"), bid.get_state_display())])
    name = bid.freelancer.get_short_name()
    messages.success(request, _("Awarded. %(name)s is told and can accept or decline.") % {"name": name})
    # What is next is money on hold, on a floor above (P5).
    return steps.done(request, address_if_there("milestones:after-award", made.pk) or bid.project)


def _question(request: HttpRequest, bid: Bid) -> HttpResponse:
    name, hours = bid.freelancer.get_short_name(), settings.AWARD_ANSWER_HOURS
    within = ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
    terms = fees.current(bid.project.currency)
    shown = {
        "amount": bid.amount,
        "currency": bid.project.currency,
        "days": bid.days,
        "freelancer": bid.freelancer_id,
        "fees": str(terms),
        "freelancer_fee": terms.freelancer.on(bid.amount),
        "employer_fee": terms.employer.on(bid.amount),
    }
    return ask(
        request,
        title=_("Award the project to %(name)s?") % {"name": name},
        facts=[*_facts(bid), (_("Time to answer"), within)],
        words=[
            _("%(name)s is told at once and accepts or declines. Until then you can revoke the award.")
            % {"name": name},
            _("Awarding moves no money. Milestones that you create next are held at once, so that work starts sooner."),
            *([fee_words.in_parts()] if any(terms) else []),
        ],
        button=_("Award"),
        back=bid.project,
        token=confirmation.sign(request, "award", bid.pk, bid.seen_version, **shown),
    )


def _facts(bid: Bid) -> list[tuple[str, object]]:
    code, name = bid.project.currency, bid.freelancer.get_short_name()
    return [
        (_("Project"), bid.project.title),
        (_("Freelancer"), str(bid.freelancer)),
        (_("Agreed amount"), money(bid.amount, code)),
        *fee_words.award_facts(fees.current(code), bid.amount, code, name),
        (_("To be done within"), days(bid.days)),
    ]
