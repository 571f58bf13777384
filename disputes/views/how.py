"""How disputes go here, what they cost, how long they take and how they ended: for everybody who is signed in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.money import currency_name
from disputes import how as words
from disputes.terms import Terms


@require_safe
def how(request: HttpRequest) -> HttpResponse:
    rules = {code: Terms.current(code) for code in settings.CURRENCIES}
    first = rules[settings.CURRENCIES[0]]  # the clocks are the same for all
    fees = [
        {
            "currency": currency_name(code),
            "words": words.fee_words(each, code),
            "example": words.fee_example(each, code),
            "second": words.second_words(each, code),
        }
        for code, each in rules.items()
    ]
    context = {
        "steps": words.steps(first),
        "otherwise": words.otherwise(first),
        "evidence": words.evidence_rules(),
        "fees": fees,
        "free": not any(fee["example"] for fee in fees),
        "seconds": any(fee["second"] for fee in fees),
        "ended": words.ended(),
    }
    return render(request, "disputes/how.html", context)
