"""Divide: several milestones at once, in sums or in percentages, all of them or none (P14)."""

import re
from collections.abc import Sequence
from typing import Any

from django_htmx.http import reswap, retarget

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.money import percent_words
from config.refusals import WrongState
from config.templatetags.money import money
from milestones import plans
from milestones.dividing import DivideForm, Line, as_typed
from milestones.models import Funding
from milestones.parts import Part
from milestones.views import facts, paying
from projects.models import Award

# What a button of the page asks for instead of going on, and with how many more rows.
AS_TYPED = {"more": 1, "change": 0}


@require_http_methods(["GET", "HEAD", "POST"])
def divide(request: HttpRequest, award_id: int) -> HttpResponse:
    award = paying.award_of(request, award_id)
    if "token" in request.POST:
        return paying.pay(request, award, confirmation.read(request, "divide", award.pk))
    try:
        award.require("fund", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, award.project, facts.of_award(award.pk, request.user))
    context: dict[str, Any] = {"award": award, **paying.terms(award, request.user)}
    if request.method != "POST":
        form = DivideForm(award, context["left_minor"], initial=_begun(request, award))
        return _show(request, form, context | _about(request, form))
    for button, more in AS_TYPED.items():
        if button in request.POST:
            return _show(request, DivideForm.with_more(award, context["left_minor"], request.POST, more), context)
    form = DivideForm(award, context["left_minor"], request.POST)
    valid = form.is_valid()
    if request.htmx.target == "divide-total":  # type: ignore[attr-defined]
        return render(request, "milestones/_divide_total.html", context | _total(form, context["left_minor"]))
    amounts = [line.minor for line in form.cleaned_data["lines"]] if valid else []
    if not (valid and paying.can_be_paid(request, award, amounts, context, form, "")):
        return _show(request, form, context, status=422)
    return _ask(request, award, form, amounts, context)


def _begun(request: HttpRequest, award: Award) -> list[dict[str, Any]]:
    """The rows that the address asks for: what is left of the bid's plan, or those whose payment came to nothing."""
    parts: Sequence[Part] = ()
    if "plan" in request.GET:
        parts = plans.plan_of(award).parts
    elif re.fullmatch(r"[0-9]{1,18}", request.GET.get("again", "")):
        tried = Funding.objects.visible_to(request.user).filter(award=award, pk=int(request.GET["again"])).first()
        parts = tried.as_parts() if tried else ()
    return as_typed(parts, award.currency)


def _about(request: HttpRequest, form: DivideForm) -> dict[str, Any]:
    """What is to be known of a plan: that it comes to another sum than was agreed, say."""
    plan = plans.plan_of(form.award) if "plan" in request.GET else plans.NO_PLAN
    return {"plan": plans.offer(form.award, plan)} if plan.parts else {}


def _show(request: HttpRequest, form: DivideForm, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Show the page; only its form where a script has sent that, also where it was sent to become a dialog."""
    context |= {"form": form, **_total(form, context["left_minor"])}
    form.focus()
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "milestones/divide.html", context, status=status)
    answer = render(request, "milestones/_divide_form.html", context, status=status)
    return reswap(retarget(answer, "#divide"), "outerHTML")


def _total(form: DivideForm, left: int) -> dict[str, Any]:
    """What the rows come to, as far as they can be read."""
    if not form.is_bound:
        form = DivideForm(form.award, left, _as_sent(form))
    form.is_valid()
    lines, code = form.lines(), form.award.currency
    total = sum(line.minor for line in lines)
    whole = paying.taken(form.award, [line.minor for line in lines])
    return {
        "lines": [_line(form.award, line) for line in lines],
        "total": money(total, code),
        "percent": paying.share_of_agreed(form.award, total) if total else "",
        "fee": money(whole - total, code) if whole > total else "",
        "whole": money(whole, code),
        "beyond": money(total - left, code) if total > left else "",
    }


def _as_sent(form: DivideForm) -> dict[str, Any]:
    """The form as a browser would send it: what stands in its fields."""
    rows = [{name: row[name].value() for name in row.fields} for row in form.rows]
    sent = {f"part-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items() if value}
    more = {"part-TOTAL_FORMS": str(len(rows)), "part-INITIAL_FORMS": "0"}
    return {"of": form["of"].value(), "whole": form["whole"].value() or "", **sent, **more}


def _line(award: Award, line: Line) -> dict[str, Any]:
    """One of the milestones, in words and figures."""
    fee = award.terms.employer.on(line.minor)
    return {
        "number": line.place + 1,
        "task": line.task,
        "sum": money(line.minor, award.currency),
        "percent": percent_words(line.percent) if line.percent is not None else "",
        "advance": line.advance,
        "fee": money(fee, award.currency) if fee else "",
    }


def _ask(
    request: HttpRequest, award: Award, form: DivideForm, amounts: list[int], context: dict[str, Any]
) -> HttpResponse:
    lines: list[Line] = form.cleaned_data["lines"]
    shown = paying.question(award, amounts, context)
    parts = [
        {
            "task": line.task,
            "amount": line.minor,
            "percent": str(line.percent) if line.percent is not None else "",
            "advance": line.advance,
            "fee": award.terms.employer.on(line.minor),
        }
        for line in lines
    ]
    of = {"of": form.cleaned_data["of"], "of_amount": form.whole}
    context |= {
        "several": len(lines) > 1,
        "lines": [_line(award, line) for line in lines],
        "of_whole": money(form.whole, award.currency) if any(line.percent for line in lines) else "",
        "advance": any(line.advance for line in lines),
        "typed": paying.typed(request, form.names),
        "token": confirmation.sign(request, "divide", award.pk, str(award.version), **shown, **of, parts=parts),
    }
    return render(request, "milestones/divide_confirm.html", context)
