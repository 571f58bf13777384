"""Opening a dispute: step one says what is in it and what comes of it, step two opens it (P40)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.money import format_minor
from config.refusals import WrongState
from config.templatetags.money import money
from disputes import how
from disputes.forms import OpenForm
from disputes.models import Dispute, Said
from disputes.terms import Terms
from milestones.models import Milestone
from milestones.views import facts
from milestones.views.fetch import visible_milestone

OPEN = "dispute-open"


@require_http_methods(["GET", "HEAD", "POST"])
def open_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    if "token" in request.POST:
        return _open(request, pk)
    milestone = visible_milestone(request.user, pk)
    if milestone.state == Milestone.State.DISPUTED:  # where somebody looks for it
        return redirect(Dispute.objects.get(parts__milestone=milestone, parts__open=True))
    if words := Dispute.why_not_open(milestone, request.user):
        return steps.stale(request, WrongState(words), milestone, facts.of_milestone(pk))
    others = Milestone.objects.visible_to(request.user).with_people().with_money()
    held = list(others.filter(award=milestone.award_id, state=Milestone.State.HELD).order_by("id"))
    form = OpenForm(held, pk, _label(milestone, request.user), request.POST or None)
    context: dict[str, Any] = {"milestone": milestone, "form": form, "code": milestone.currency}
    if form.is_valid():
        context["token"] = _signed(request, milestone, held, form)
        context.update(_summary(request, milestone, held, form))
        return render(request, "disputes/open_confirm.html", context)
    context["how"] = how.facts(milestone.currency, sum(each.held for each in held))
    return render(request, "disputes/open.html", context, status=422 if form.is_bound else 200)


def _label(milestone: Milestone, user: Any) -> str:
    """What the sum is called from the reader's side."""
    if user.pk == milestone.employer_id:
        return str(_("You offer to pay for “%(task)s”"))
    return str(_("You want for “%(task)s”"))


def _signed(request: HttpRequest, milestone: Milestone, held: list[Milestone], form: OpenForm) -> str:
    chosen = [each for each in held if each.pk in form.offered]
    shown = {
        "currency": milestone.currency,
        "offered": {str(number): minor for number, minor in form.offered.items()},
        "claim": form.cleaned_data["claim"],
        "text": form.cleaned_data["text"],
        "links": form.cleaned_data["links"],
    }
    return confirmation.sign(request, OPEN, milestone.pk, Dispute.version_to_open(chosen), **shown)


def _summary(request: HttpRequest, milestone: Milestone, held: list[Milestone], form: OpenForm) -> dict[str, Any]:
    """What step two says: each sum, the clock that begins, and what arbitration would cost."""
    chosen = [each for each in held if each.pk in form.offered]
    disputed, offered = sum(each.held for each in chosen), sum(form.offered.values())
    rules, code = Terms.current(milestone.currency), milestone.currency
    return {
        "chosen": [
            {"task": each.task, "held": money(each.held, code), "offered": money(form.offered[each.pk], code)}
            for each in chosen
        ],
        "disputed": format_minor(disputed, code),
        "offered": money(offered, code),
        "rest": money(disputed - offered, code),
        "is_employer": request.user.pk == milestone.employer_id,
        "other": milestone.freelancer if request.user.pk == milestone.employer_id else milestone.employer,
        "answer": how.facts(code)["answer"],
        "fee": money(rules.fee(disputed), code) if rules.fee(disputed) else "",
    }


def _open(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = visible_milestone(request.user, pk)
    confirmed = confirmation.read(request, OPEN, pk)
    shown = confirmed.shown
    try:
        dispute = Dispute.open(
            milestone.award,
            {int(number): minor for number, minor in shown["offered"].items()},
            claim=shown["claim"],
            said=Said(shown["text"], shown["links"]),
            by=request.user,
            key=confirmed.key,
            seen=steps.seen(request, confirmed),
        )
    except WrongState as refusal:
        return steps.stale(request, refusal, milestone, facts.of_milestone(pk))
    messages.success(request, _("The dispute is open. Files can be added as evidence below."))
    return steps.done(request, dispute)
