"""Milestones and awards prepared for templates: everything is formatted here, once, not in a template's loop."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import Member
from config.money import format_minor
from config.templatetags.money import money
from milestones import back_rows, plans, release_rows, request_rows
from milestones.message_links import add_messages
from milestones.models import Funding, Milestone, MilestoneEvent, Sums
from projects import closing, fee_words
from projects.models import Award

TONES = {"held": "accent", "released": "positive", "cancelled": "neutral", "disputed": "negative"}
AWARD_TONES = {
    "awaiting": "caution",
    "accepted": "accent",
    "declined": "neutral",
    "revoked": "neutral",
    "lapsed": "neutral",
    "completed": "positive",
}
# Which page takes each action of milestones/lifecycle.py.
PAGES = {"release": "release", "withdraw": "cancel", "cancel": "cancel"}


IN_A_PANEL = 30  # milestones


def milestone_row(milestone: Milestone, user: Member, detail: str, cancel: str) -> dict[str, Any]:
    """One line of a list. *milestone* comes from ``with_money().with_people()``.

    *detail* is the address pattern of a milestone's page, ending in ``0/``: reversing 30 addresses would cost more
    than the query. *cancel* names which cancelling the list offers ("" for none).
    """
    page = f"{detail.removesuffix('0/')}{milestone.pk}/"
    held, released = milestone.held_now, milestone.released_so_far
    other = milestone.freelancer if user.pk == milestone.employer_id else milestone.employer
    actions = [
        {"name": row.name, "label": str(row.label), "url": f"{page}{PAGES[row.name]}/"}
        for row in milestone.actions_for(user)
        if row.name == "release" or row.name in cancel
    ]
    return {
        "id": milestone.pk,
        "url": page,
        "task": milestone.task,
        "project": milestone.award.project.title,
        "other": str(other),
        "state": milestone.get_state_display(),
        "tone": TONES[milestone.state],
        "advance": milestone.advance,
        "created_at": milestone.created_at,
        "amount": money(milestone.amount, milestone.currency),
        "held": money(held, milestone.currency),
        "released": money(released, milestone.currency),
        "bar": bar(released, held, milestone.amount, milestone.currency),
        "actions": actions,
    }


def milestone_rows(milestones: Iterable[Milestone], user: Member, cancel: str = "") -> list[dict[str, Any]]:
    """Lines for a list, in its order."""
    detail = reverse("milestones:detail", args=[0])
    return [milestone_row(milestone, user, detail, cancel) for milestone in milestones]


def bar(released: int, held: int, whole: int, currency: str, taken_back: int = 0) -> dict[str, Any]:
    """What the stacked bar shows: widths in per mille of *whole*, rounded down, and the sentence that is its label.

    Of what was *released* it shows what was not *taken_back* since.
    """
    kept = released - taken_back
    whole = max(whole, kept + held, 1)
    right = 1000 * kept // whole
    words = _("%(released)s released and %(held)s held of %(whole)s")
    if taken_back:
        words = _("%(released)s released, %(back)s of it returned since, and %(held)s held of %(whole)s")
    sums = {"released": released, "back": taken_back, "held": held, "whole": whole}
    return {
        "released": right,
        "held_from": right,
        "held": 1000 * held // whole,
        "label": words % {name: format_minor(minor, currency) for name, minor in sums.items()},
    }


def award_panel(
    award: Award,
    sums: Sums,
    user: Member,
    milestones: Sequence[Milestone] = (),
    unfunded: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """An award with its money on top, what is *unfunded* and its newest *milestones* below."""
    held, released = sums.held, sums.released
    committed, code = sums.committed, award.currency
    return {
        "award": award,
        "state": award.get_state_display(),
        "tone": AWARD_TONES[award.state],
        "actions": award.actions_for(user),
        "allowed": {row.name for row in award.actions_for(user)},
        "agreed": money(award.amount, code),
        "committed": money(committed, code),
        "left": money(max(award.amount - committed, 0), code),
        "beyond": money(committed - award.amount, code) if committed > award.amount else "",
        "held": money(held, code),
        "held_minor": held,
        "released": money(released, code),
        "taken_back": money(sums.taken_back, code) if sums.taken_back else "",
        "bar": bar(released, held, award.amount, code, sums.taken_back),
        # Before acceptance the employer's "Cancel"; afterwards the freelancer's "Cancel milestone".
        "rows": milestone_rows(milestones, user, "withdraw" if award.state == "awaiting" else "cancel"),
        "unfunded": unfunded,
        "other": award.freelancer if user.pk == award.employer_id else award.employer,
        "money_url": reverse("milestones:award-money", args=[award.pk]),
        "more": _more(award, sums.number, user) if len(milestones) < sums.number else None,
        "fee_words": fees_for(award, user),
    }


def fees_for(award: Award, user: Member) -> str:
    """The reader's own fee for the milestones of *award*, in a sentence; nothing where there is none."""
    if user.pk == award.employer_id:
        return fee_words.to_employer(award.terms.employer, award.currency)
    return fee_words.to_freelancer(award.terms.freelancer, award.currency)


def unfunded_row(funding: Funding) -> dict[str, Any]:
    """A milestone that waits for its money, as a line of a list. *funding* comes with its payment."""
    payment = funding.payment
    return {
        "task": funding.task,
        "sum": money(funding.amount, payment.currency),
        "state": payment.get_state_display(),
        "tone": "negative" if payment.state == payment.State.DECLINED else "caution",
        "url": payment.get_absolute_url(),
    }


def _more(award: Award, number: int, user: Member) -> dict[str, str]:
    """Where the milestones stand for which a panel has no room."""
    tab = [] if user.pk == award.employer_id else ["incoming"]
    words = urlencode({"currency": award.currency, "q": award.project.title})
    return {
        "words": _("All %(number)d milestones") % {"number": number},
        "url": f"{reverse('finances-tab' if tab else 'finances', args=tab)}?{words}",
    }


def award_panels(awards: Sequence[Award], user: Member, *, listed: bool = True) -> list[dict[str, Any]]:
    """Panels for *awards*; with *listed*, each has its newest milestones, IN_A_PANEL at most."""
    ours = Milestone.objects.filter(award__in=[award.pk for award in awards])
    sums = ours.sums_by_award()
    newest: dict[int, list[Milestone]] = {award.pk: [] for award in awards}
    waiting: dict[int, list[dict[str, Any]]] = {award.pk: [] for award in awards}
    if any(award.employer_id == user.pk for award in awards):
        for funding in Funding.objects.visible_to(user).unfunded().filter(award__in=list(waiting)):
            waiting[funding.award_id].append(unfunded_row(funding))
    if listed:
        for milestone in ours.newest_of_each_award(IN_A_PANEL).for_list().order_by("-id"):
            newest[milestone.award_id].append(milestone)
    panels = [
        award_panel(award, sums.get(award.pk, Sums()), user, newest[award.pk], waiting[award.pk]) for award in awards
    ]
    back_rows.add_to_panels(panels, user)
    release_rows.add_to_panels(panels, user)
    add_messages(panels, user)
    closing.add(panels, user)
    making = plans.offers(awards, user) if listed else {}
    for panel in panels:
        panel["making"] = making.get(panel["award"].pk)
    return request_rows.into(panels, user) if listed else panels


def timeline(events: Iterable[MilestoneEvent], currency: str, as_employer: bool) -> list[dict[str, Any]]:
    """Who did what when, in sentences, newest first, each with its sum, its fees and its reference."""
    sentences = {
        "create": _("%(who)s put %(sum)s on hold"),
        "release": _("%(who)s released %(sum)s"),
        "withdraw": _("%(who)s cancelled: %(sum)s went back"),
        "cancel": _("%(who)s cancelled: %(sum)s went back"),
        "return": _("The award ended: %(sum)s went back"),
        "take-back": _("%(who)s agreed and returned %(sum)s of what was released"),
    }
    by_dispute = {
        "release": _("The dispute %(cause)s released %(sum)s"),
        "return": _("The dispute %(cause)s gave %(sum)s back"),
    }
    by_consent = _("%(who)s gave %(sum)s back, with both sides' consent (%(cause)s)")

    def sentence(event: MilestoneEvent) -> str:
        if event.cause.startswith("G"):
            return by_consent
        return by_dispute[event.action] if event.cause else sentences[event.action]

    return [
        {
            "sentence": sentence(event)
            % {
                "who": event.actor or _("The site"),
                "sum": format_minor(event.amount, currency),
                "cause": event.cause,
            },
            "at": event.at,
            "note": event.note,
            "held_after": money(event.held_after, currency),
            "fees": _fees_of(event, currency, as_employer),
            "reference": event.reference,
            "transfer": f"T{event.transfer_id}",
            "transfer_url": reverse("transfer", args=[event.transfer_id]),
            "url": event.get_absolute_url(),
        }
        for event in events
    ]


def _fees_of(event: MilestoneEvent, currency: str, as_employer: bool) -> list[str]:
    """What the step came to in fees, as far as it concerns the reader."""
    own = {"create": _("set aside for your fee: %(sum)s"), "release": _("your fee: %(sum)s")}
    words = []
    if event.freelancer_fee:
        words.append(_("fee: %(sum)s") % {"sum": format_minor(event.freelancer_fee, currency)})
    if event.employer_fee and as_employer:
        sentence = own.get(event.action, _("back from your fee: %(sum)s"))
        words.append(sentence % {"sum": format_minor(event.employer_fee, currency)})
    return words
