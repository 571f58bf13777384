"""What making milestones costs, what can pay it, and paying it as it was confirmed (P13, P15–P17)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from config import steps
from config.confirmation import Confirmation
from config.money import LARGEST, format_minor, percent_of, percent_words
from config.refusals import WrongState
from config.templatetags.money import money
from finances.ledger.models import Account
from finances.ledger.statement import statement_address
from finances.payments import charging
from finances.payments.models import PaymentSource
from milestones.models import Funding, Milestone, Sums
from milestones.models.funding import in_words
from milestones.parts import Part
from milestones.views import facts
from projects import fee_words
from projects.models import Award


def award_of(request: HttpRequest, pk: int) -> Award:
    """Return the award with the people that its pages name; 404 for anybody but its parties."""
    awards = Award.objects.visible_to(request.user).select_related("project", "employer", "freelancer")
    return get_object_or_404(awards, pk=pk)  # type: ignore[no-any-return]


def terms(award: Award, user: Any) -> dict[str, Any]:
    """What a form says beside its fields: agreed, already committed, left, and the funds there are (P13)."""
    sums = Milestone.objects.filter(award=award).sums_by_award().get(award.pk, Sums())
    committed = sums.committed
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


def taken(award: Award, amounts: Sequence[int]) -> int:
    """What milestones of *amounts* take from their employer's funds: the amounts, and the employer's fee on each."""
    return sum(amount + award.terms.employer.on(amount) for amount in amounts)


def can_be_paid(
    request: HttpRequest, award: Award, amounts: Sequence[int], context: dict[str, Any], form: forms.Form, field: str
) -> bool:
    """Put into *context* what can pay *amounts*, and which of it will: the one that was asked for, else the first.

    The available funds come first where they suffice, then the payment sources in their owner's order (P15). Where
    nothing can, say what is missing at the *form*'s *field* ("": on top of it), and how to add it (P16).
    """
    whole = taken(award, amounts)
    if whole > LARGEST:
        form.add_error(field or None, _("With the fee it is more than can be paid at once."))
        return False
    options: list[PaymentSource | None] = [None] if whole <= context["available_minor"] else []
    options += PaymentSource.objects.visible_to(request.user).usable(award.currency)
    if not options:
        context |= _say_what_is_missing(award, sum(amounts), whole, context["available_minor"], form, field)
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


def _say_what_is_missing(
    award: Award, amount: int, whole: int, available: int, form: forms.Form, field: str
) -> dict[str, Any]:
    code = award.currency
    words = _("You have %(available)s available, so %(missing)s is missing.")
    if whole > amount:
        words = _("With the fee it is %(whole)s. You have %(available)s available, so %(missing)s is missing.")
    sums = {"whole": whole, "available": available, "missing": whole - available}
    form.add_error(field or None, words % {name: format_minor(sum, code) for name, sum in sums.items()})
    others = Account.objects.filter(owner=award.employer, kind="wallet", balance__gt=0).exclude(currency=code)
    unverified = PaymentSource.objects.visible_to(award.employer).filter(state=PaymentSource.State.UNVERIFIED)
    return {
        "missing": True,
        "unverified": unverified.exists(),
        "others": [money(account.balance, account.currency) for account in others],
    }


def question(award: Award, amounts: Sequence[int], context: dict[str, Any]) -> dict[str, Any]:
    """Put into *context* what the dialog says of the money, and return what of it is signed."""
    code, whole, amount = award.currency, taken(award, amounts), sum(amounts)
    source, available, left = context["source"], context["available_minor"], context["left_minor"]
    context |= {"amount": amount, "sum": format_minor(amount, code), "fee": whole - amount, "whole": whole}
    context["percent"] = share_of_agreed(award, amount)
    context["afterwards"] = money(available - whole, code)
    context["beyond"] = money(amount - left, code) if amount > left else ""
    if award.terms.freelancer:
        context["rate_of_freelancer"] = fee_words.rate(award.terms.freelancer, code)
    return {
        "amount": amount,
        "currency": code,
        "payee": str(award.freelancer),
        "source": str(source) if source else "available funds",
        "source_id": source.pk if source else None,
        "available": available,
        "fee": whole - amount,
        "taken": whole,
        "fees": str(award.terms),
    }


def share_of_agreed(award: Award, amount: int) -> str:
    """How many per cent of what was agreed *amount* minor units are, in words."""
    percent, exact = percent_of(amount, award.amount)
    words = _("%(percent)s of the agreed sum") if exact else _("about %(percent)s of the agreed sum")
    return words % {"percent": percent_words(percent)}


def typed(request: HttpRequest, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the fields *names* as they were sent: what a second form of the same step sends again."""
    return [(name, request.POST[name]) for name in names if name in request.POST]


def parts_of(shown: dict[str, Any]) -> list[Part]:
    """Return the milestones that a dialog showed. One of an older release says less of them."""
    lines = shown.get("parts") or [shown]
    return [
        Part(
            line["task"],
            line["amount"],
            line.get("advance", False),
            tuple(line.get("criteria", ())),
            line.get("request"),
        )
        for line in lines
    ]


def pay(request: HttpRequest, award: Award, confirmed: Confirmation) -> HttpResponse:
    """Do what was confirmed: step two. All of the milestones are made, or none."""
    parts, user = parts_of(confirmed.shown), request.user
    how: dict[str, Any] = {"by": user, "key": confirmed.key, "seen": steps.seen(request, confirmed)}
    try:
        if confirmed.shown.get("source_id"):  # a dialog of an older release has none
            return _charge(request, award, parts, confirmed.shown["source_id"], how)
        made = Milestone.create_many(award, parts, **how)
    except WrongState as refusal:
        return stale(request, refusal, award, next((str(part.request) for part in parts if part.request), ""))
    return _made(request, award, made)


def stale(request: HttpRequest, refusal: WrongState, award: Award, asked: str) -> HttpResponse:
    """Answer 409 with what is true now of the award, and of the request numbered *asked* that was to be answered."""
    now = [*facts.of_request(award, asked), *facts.of_award(award.pk, request.user)]
    return steps.stale(request, refusal, award.project, now)


def _charge(request: HttpRequest, award: Award, parts: list[Part], source_id: int, how: dict[str, Any]) -> HttpResponse:
    """Charge the source that was shown. What comes of it is on the payment's page, or is held at once."""
    source = get_object_or_404(PaymentSource.objects.filter(owner=request.user), pk=source_id)
    funding = Funding.begin_many(award, parts, source=source, **how)
    charging.charge(funding.payment)
    made = funding.milestones
    return _made(request, award, made) if made else steps.done(request, funding)


def _made(request: HttpRequest, award: Award, made: list[Milestone]) -> HttpResponse:
    """Go to the receipt; where several were made, to the list of all that was transferred, each with its receipt."""
    if len(made) == 1:
        return steps.done(request, made[0].events.get(action="create"))
    words = _("%(milestones)s: %(sum)s is on hold for %(name)s.") % {
        "milestones": in_words([milestone.task for milestone in made]),
        "sum": format_minor(sum(milestone.amount for milestone in made), award.currency),
        "name": award.freelancer.get_short_name(),
    }
    messages.success(request, words)
    return steps.done(request, reverse("milestones:award-money", args=[award.pk]))
