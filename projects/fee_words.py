"""Fees in words, for everybody who is about to agree to one (P52)."""

from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.fees import Fee, Terms
from config.money import format_minor, percent_words
from config.templatetags.money import money


def rate(fee: Fee, currency: str) -> str:
    """What a fee is: "8% of what is released"."""
    words = {"percent": percent_words(fee.percent), "least": format_minor(fee.least, currency)}
    if fee.percent and fee.least:
        return _("%(percent)s of what is released, at least %(least)s for each milestone") % words
    if fee.least:
        return _("%(least)s for each milestone that is released") % words
    return _("%(percent)s of what is released") % words


def to_freelancer(fee: Fee, currency: str) -> str:
    """Tell the freelancer of their fee, in one sentence; nothing where there is none."""
    words = {"site": settings.SITE_NAME, "rate": rate(fee, currency)}
    return _("%(site)s keeps a fee from what you are paid: %(rate)s.") % words if fee else ""


def to_employer(fee: Fee, currency: str) -> str:
    """Tell the employer of theirs."""
    words = {"rate": rate(fee, currency)}
    sentence = _(
        "Your fee, on top of the amount: %(rate)s. It is set aside with each milestone, and what isn't used comes back."
    )
    return sentence % words if fee else ""


def for_bid(currency: str, amount: int, fee: Fee) -> str:
    """Tell the freelancer what a bid of *amount* minor units would bring."""
    if not fee:
        return ""
    sums = {"sum": format_minor(amount, currency), "net": format_minor(amount - fee.on(amount), currency)}
    return to_freelancer(fee, currency) + " " + _("Of %(sum)s you would receive %(net)s.") % sums


def award_facts(terms: Terms, amount: int, currency: str, freelancer: str) -> list[tuple[str, Any]]:
    """What *terms* make of the agreed *amount*, for the employer who awards it."""
    facts: list[tuple[str, Any]] = []
    if terms.freelancer:
        facts += [
            (_("Fee of %(name)s") % {"name": freelancer}, _sum(terms.freelancer, amount, currency)),
            (_("%(name)s receives") % {"name": freelancer}, money(amount - terms.freelancer.on(amount), currency)),
        ]
    if terms.employer:
        facts += [
            (_("Your fee"), _sum(terms.employer, amount, currency)),
            (_("You pay in all"), money(amount + terms.employer.on(amount), currency)),
        ]
    return facts or [(_("Fee"), money(0, currency))]


def own_facts(fee: Fee, amount: int, currency: str) -> list[tuple[str, Any]]:
    """What their fee makes of the agreed *amount*, for the freelancer who accepts it."""
    if not fee:
        return [(_("Fee"), money(0, currency))]
    return [
        (_("Your fee"), _sum(fee, amount, currency)),
        (_("You receive"), money(amount - fee.on(amount), currency)),
    ]


def in_parts() -> str:
    """What must be known of the sums in the facts above."""
    return _(
        "Fees are charged only on what is released, milestone by milestone. The sums with fees are those of one single"
        " milestone."
    )


def _sum(fee: Fee, amount: int, currency: str) -> SafeString:
    """The fee on *amount*, and beneath it how it is made."""
    return format_html("{}<small>{}</small>", money(fee.on(amount), currency), rate(fee, currency))
