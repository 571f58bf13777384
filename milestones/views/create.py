"""Creating a milestone: what for and how much, then where the money comes from (P11, P13, P15–P17)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.money import LARGEST, format_minor
from config.refusals import WrongState
from config.templatetags.money import money
from finances.ledger.models import Account
from finances.ledger.statement import statement_address
from finances.payments import charging
from finances.payments.models import PaymentSource
from milestones.forms import CreateForm
from milestones.models import Funding, Milestone, Sums
from milestones.models.requests import SHOWN_REQUEST
from milestones.views import facts, requested
from projects import fee_words
from projects.models import Award

TEMPLATE = "milestones/create.html"


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, award_id: int) -> HttpResponse:
    awards = Award.objects.visible_to(request.user).select_related("project", "employer", "freelancer")
    award = get_object_or_404(awards, pk=award_id)
    if "token" in request.POST:
        return _create(request, award)
    try:
        award.require("fund", request.user)
        asked = requested.requested(request, award)
    except WrongState as refusal:
        return _stale(request, refusal, award, request.POST.get("request") or request.GET.get("request"))
    initial = requested.as_typed(asked) | _asked_before(request)
    form = CreateForm(award, request.POST if request.method == "POST" else None, initial=initial)
    context = {"award": award, "form": form, **terms(award, request.user), **requested.in_words(asked)}
    if form.is_valid() and taken(award, form.cleaned_data["amount"]) > LARGEST:
        form.add_error("amount", _("With the fee it is more than can be paid at once."))
    if form.is_valid():
        chosen = _choose(request, award, taken(award, form.cleaned_data["amount"]), context)
        if not chosen:
            context |= _say_what_is_missing(form, award, context["available_minor"])
    if not form.is_valid():
        return render(request, TEMPLATE, context, status=422 if form.is_bound else 200)
    return _ask(request, award, form.cleaned_data, context)


def _asked_before(request: HttpRequest) -> dict[str, str]:
    """What an address of the form may bring along: the amount and the task of a payment that came to nothing."""
    return {name: request.GET[name].replace("\x00", "")[:200] for name in ("amount", "task") if name in request.GET}


def _stale(request: HttpRequest, refusal: WrongState, award: Award, number: Any) -> HttpResponse:
    """Answer 409 with what is true now of the award, and of the request *number* that was to be answered, if any."""
    now = [*facts.of_request(award, number), *facts.of_award(award.pk, request.user)]
    return steps.stale(request, refusal, award.project, now)


def _choose(request: HttpRequest, award: Award, whole: int, context: dict[str, Any]) -> bool:
    """Put into *context* what can pay *whole*, and which of it will: the one that was asked for, else the first (P15).

    The available funds come first where they suffice, then the payment sources in their owner's order. False where
    nothing can.
    """
    options: list[PaymentSource | None] = [None] if whole <= context["available_minor"] else []
    options += PaymentSource.objects.visible_to(request.user).usable(award.currency)
    if not options:
        return False
    wanted = request.POST.get("source", "")
    by_name = {_name(option): option for option in options}
    context["source"] = by_name.get(wanted, options[0])
    context["sources"] = [
        {
            "value": name,
            "label": str(option) if option else _("Available funds"),
            "chosen": option == context["source"],
        }
        for name, option in by_name.items()
    ]
    context["fell_back"] = bool(wanted) and wanted not in by_name
    return True


def _name(source: PaymentSource | None) -> str:
    """How a form names what pays."""
    return str(source.pk) if source else "funds"


def taken(award: Award, amount: int) -> int:
    """What a milestone of *amount* takes from its employer's funds: the amount, and the employer's fee on it."""
    return amount + award.terms.employer.on(amount)


def terms(award: Award, user: Any) -> dict[str, Any]:
    """What the form says beside its fields: agreed, already committed, left, and the funds there are (P13)."""
    sums = Milestone.objects.filter(award=award).sums_by_award().get(award.pk, Sums())
    committed = sums.held + sums.released
    wallet = Account.objects.filter(owner=user, kind=Account.Kind.WALLET, currency=award.currency).first()
    available, code = wallet.balance if wallet else 0, award.currency
    return {
        "agreed": money(award.amount, code),
        "committed": money(committed, code),
        "left_minor": award.amount - committed,
        "left": money(max(award.amount - committed, 0), code),
        "money_url": reverse("milestones:award-money", args=[award.pk]),
        "available_minor": available,
        "available": money(available, code),
        "available_url": statement_address(code),
        "fee_words": fee_words.to_employer(award.terms.employer, code),
    }


def _say_what_is_missing(form: CreateForm, award: Award, available: int) -> dict[str, Any]:
    """Put the missing sum at the amount's field, and name the funds that can't be used for it (P16)."""
    code = award.currency
    amount = form.cleaned_data["amount"]
    whole = taken(award, amount)
    words = _("You have %(available)s available, so %(missing)s is missing.")
    if whole > amount:
        words = _("With the fee it is %(whole)s. You have %(available)s available, so %(missing)s is missing.")
    sums = {"whole": whole, "available": available, "missing": whole - available}
    form.add_error("amount", words % {name: format_minor(sum, code) for name, sum in sums.items()})
    others = Account.objects.filter(owner=award.employer, kind="wallet", balance__gt=0).exclude(currency=code)
    unverified = PaymentSource.objects.visible_to(award.employer).filter(state=PaymentSource.State.UNVERIFIED)
    return {
        "missing": True,
        "unverified": unverified.exists(),
        "others": [money(account.balance, account.currency) for account in others],
    }


def _ask(request: HttpRequest, award: Award, wanted: dict[str, Any], context: dict[str, Any]) -> HttpResponse:
    amount, code, terms = wanted["amount"], award.currency, award.terms
    whole, source = taken(award, amount), context["source"]
    context |= {"amount": amount, "task": wanted["task"], "sum": format_minor(amount, code)}
    context |= {"fee": whole - amount, "whole": whole}
    if terms.freelancer:
        context["rate_of_freelancer"] = fee_words.rate(terms.freelancer, code)
    shown = {
        "amount": amount,
        "currency": code,
        "task": wanted["task"],
        "payee": str(award.freelancer),
        "source": str(source) if source else "available funds",
        "source_id": source.pk if source else None,
        "available": context["available_minor"],
        "fee": whole - amount,
        "taken": whole,
        "fees": str(terms),
        **requested.to_sign(context.get("asked")),
    }
    context["token"] = confirmation.sign(request, "create", award.pk, str(award.version), **shown)
    context["afterwards"] = money(context["available_minor"] - whole, code)
    context["beyond"] = money(amount - context["left_minor"], code) if amount > context["left_minor"] else ""
    return render(request, TEMPLATE, context)


def _create(request: HttpRequest, award: Award) -> HttpResponse:
    confirmed = confirmation.read(request, "create", award.pk)
    if confirmed.shown.get("source_id"):  # a dialog of an older release has none
        return _fund(request, award, confirmed)
    try:
        milestone = Milestone.create(
            award,
            task=confirmed.shown["task"],
            amount=confirmed.shown["amount"],
            by=request.user,
            key=confirmed.key,
            seen=steps.seen(request, confirmed),
            **requested.signed(confirmed.shown),
        )
    except WrongState as refusal:
        return _stale(request, refusal, award, confirmed.shown.get(SHOWN_REQUEST))
    return steps.done(request, milestone.events.get(key=confirmed.key))


def _fund(request: HttpRequest, award: Award, confirmed: confirmation.Confirmation) -> HttpResponse:
    """Charge the source that was shown. What comes of it is on the payment's page, or is a milestone at once."""
    source = get_object_or_404(PaymentSource.objects.filter(owner=request.user), pk=confirmed.shown["source_id"])
    try:
        funding = Funding.begin(
            award,
            task=confirmed.shown["task"],
            amount=confirmed.shown["amount"],
            source=source,
            by=request.user,
            key=confirmed.key,
            seen=steps.seen(request, confirmed),
            **requested.signed(confirmed.shown),
        )
    except WrongState as refusal:
        return _stale(request, refusal, award, confirmed.shown.get(SHOWN_REQUEST))
    charging.charge(funding.payment)
    funding.refresh_from_db()
    if funding.milestone is None:
        return steps.done(request, funding)
    return steps.done(request, funding.milestone.events.get(action="create"))
