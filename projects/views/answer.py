"""Accept, decline or revoke an award (P4), each in two steps."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.money import format_minor
from config.refusals import WrongState
from config.templatetags.money import money
from projects import fee_words, ports
from projects.models import Award
from projects.page import award_facts
from projects.views.ask import ask

VERBS = {"accept": Award.accept, "decline": Award.decline, "revoke": Award.revoke}


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    parties = Award.objects.visible_to(request.user).select_related("project", "employer", "freelancer")
    award = get_object_or_404(parties, pk=pk)
    award.require_who(action, request.user)
    try:
        if request.method != "POST":
            award.require(action, request.user)
            return _question(request, award, action)
        confirmed = confirmation.read(request, action, award.pk)
        VERBS[action](award, by=request.user, key=confirmed.key, seen=steps.seen(request, confirmed))
    except WrongState as refusal:
        award.refresh_from_db(fields=["state", "version", "answer_by"])
        return steps.stale(request, refusal, award.project, award_facts(award, ports.held_for(award)))
    messages.success(request, _told(award, action, confirmed.shown["held"]))
    # What gave money back ends where every transfer of it is listed; the milestones' floor has that page.
    gave_back = action != "accept" and confirmed.shown["held"]
    return steps.done(request, reverse("milestones:award-money", args=[award.pk]) if gave_back else award.project)


def _question(request: HttpRequest, award: Award, action: str) -> HttpResponse:
    held, fee = ports.held_for(award), award.terms.freelancer
    shown = {"amount": award.amount, "currency": award.currency, "held": held, "fees": str(award.terms)}
    back = ports.set_aside_for(award) if action == "revoke" else 0
    facts = award_facts(award, held)[:-1]
    if action == "accept":
        facts += fee_words.own_facts(fee, award.amount, award.currency)
        shown["fee"] = fee.on(award.amount)
    elif back:
        facts.append((_("Set aside for your fee"), money(back, award.currency)))
        shown["fee_back"] = back
    return ask(
        request,
        **_wording(award, action, held, back),
        facts=facts,
        back=award.project,
        danger=action != "accept",
        token=confirmation.sign(request, action, award.pk, str(award.version), **shown),
    )


def _wording(award: Award, action: str, held: int, fee: int) -> dict[str, Any]:
    """The question's title, words, notice and button. *held* is in minor units, as is the *fee* that comes back."""
    names = {
        "project": award.project.title,
        "employer": award.employer.get_short_name(),
        "freelancer": award.freelancer.get_short_name(),
        "held": format_minor(held, award.currency),
    }
    if action == "accept":
        safe = _("%(held)s is held for you. Once you accept, %(employer)s can't cancel it any more; only you can.")
        bare = _("Nothing is held for you yet. Agree on a first milestone before you start to work.")
        return {
            "title": _("Accept “%(project)s”?") % names,
            "words": [
                _("You take the work on for the agreed amount. %(employer)s is told at once.") % names,
                *([fee_words.in_parts()] if award.terms.freelancer else []),
            ],
            "notice": (safe if held else bare) % names,
            "tone": "positive" if held else "caution",
            "button": _("Accept project"),
        }
    back = _("%(held)s goes back to %(employer)s at once: every milestone held for this award is cancelled.")
    if action == "decline":
        words = _("%(employer)s is told at once. Your bid stands again, and you can revise or withdraw it.")
        return {
            "title": _("Decline “%(project)s”?") % names,
            "words": [words % names],
            "notice": back % names if held else "",
            "button": _("Decline"),
        }
    names["held"] = format_minor(held + fee, award.currency)
    mine = _("%(held)s comes back to your available funds at once: every milestone of this award is cancelled.")
    words = _(
        "%(freelancer)s is told at once and can't accept any more. The bid stands again, so you can award it anew."
    )
    return {
        "title": _("Revoke the award to %(freelancer)s?") % names,
        "words": [words % names],
        "notice": mine % names if held else "",
        "button": _("Revoke award"),
    }


def _told(award: Award, action: str, held: int) -> str:
    """What was done, in a sentence. *held* is what was held until then, in minor units."""
    if action == "accept":
        return _("You accepted the project.")
    done = _("You declined the project.") if action == "decline" else _("The award is revoked.")
    back = _("%(held)s went back to %(employer)s.") % {
        "held": format_minor(held, award.currency),
        "employer": award.employer.get_short_name(),
    }
    return f"{done} {back}" if held else done
