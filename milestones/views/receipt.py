"""A lasting receipt of one confirmed step, as a page and as files with the same rows (P26, P27)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Member
from config.money import format_minor
from config.receipts import Receipt, Row, figure, link, when
from config.templatetags.money import money
from milestones import causes
from milestones.legs import fee_legs, kind_of
from milestones.models import TAKE_BACK, AskEvent, Milestone, MilestoneEvent


@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    event = _fetched(request, pk)
    context = {
        "event": event,
        "milestone": event.milestone,
        "title": event.words,
        "sum": money(event.amount, event.milestone.currency),
        "rows": rows(event, request.user),
        "next": what_comes_next(event),
    }
    return render(request, "milestones/receipt.html", context)


@require_safe
def receipt_as_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    event = _fetched(request, pk)
    return Receipt(
        title=event.words,
        reference=_("Receipt %(reference)s") % {"reference": event.reference},
        minor=event.amount,
        currency=event.milestone.currency,
        rows=rows(event, request.user),
        footer=what_comes_next(event),
        name=f"receipt-{event.reference.lower()}",
    ).answer(kind)


def _fetched(request: HttpRequest, pk: int) -> MilestoneEvent:
    mine = Milestone.objects.visible_to(request.user)
    events = MilestoneEvent.objects.filter(milestone__in=mine).select_related(
        "actor", "transfer", "milestone__award__project", "milestone__employer", "milestone__freelancer"
    )
    return get_object_or_404(events, pk=pk)  # type: ignore[no-any-return]


def rows(event: MilestoneEvent, reader: Member) -> list[Row]:
    """The receipt's lines as *reader* may see them: the address only who confirmed from it."""
    milestone, project, transfer = event.milestone, event.milestone.award.project, event.transfer
    held = event.held_after
    by = str(event.actor or settings.SITE_NAME)
    if event.address and event.actor_id == reader.pk:
        by = f"{by} ({event.address})"
    found = [
        Row(
            _("Milestone"),
            f"{milestone.task} ({milestone.reference})",
            format_html("{} ({})", link(milestone.get_absolute_url(), milestone.task), milestone.reference),
        ),
        Row(_("Project"), project.title, link(project.get_absolute_url(), project.title)),
        *_sides(event),
        *_fees(event, milestone.employer_id == reader.pk),
        Row(
            _("Held afterwards"),
            format_minor(held, milestone.currency),
            figure(f"{milestone.get_absolute_url()}#history", held, milestone.currency),
        ),
        when(_("When"), event.at),
        Row(_("Confirmed by"), by),
        Row(_("Transfer"), transfer.reference, link(reverse("transfer", args=[transfer.pk]), transfer.reference)),
    ]
    found += _asked(event)
    if event.cause:
        label = _("Dispute") if event.cause.startswith("D") else _("With both sides' consent")
        found.append(Row(label, event.cause, causes.link_to(event.cause)))
    return [*found, Row(_("Reason"), event.note)] if event.note else found


def _asked(event: MilestoneEvent) -> list[Row]:
    """Who had asked for the step, and why, where somebody had."""
    if event.action not in ("cancel", TAKE_BACK):
        return []
    consent = AskEvent.objects.filter(key=event.key, action="agree").first()
    asked = consent and AskEvent.objects.filter(kind=consent.kind, ask_id=consent.ask_id, action="ask").first()
    return [Row(_("Asked for by"), f"{asked.actor}: “{asked.note}”")] if asked else []


def _sides(event: MilestoneEvent) -> list[Row]:
    """From where, and for whom or to whom."""
    employer, freelancer = event.milestone.employer, event.milestone.freelancer
    if event.action == "create":
        return [
            Row(_("From"), _("%(payer)s's available funds") % {"payer": employer}),
            Row(_("Held for"), str(freelancer)),
        ]
    if event.action == TAKE_BACK:
        payer = _("%(payer)s's available funds") % {"payer": freelancer}
        return [Row(_("From"), payer), Row(_("Returned to"), str(employer))]
    to = (_("Paid to"), freelancer) if event.action == "release" else (_("Returned to"), employer)
    return [Row(_("From"), _("Money on hold")), Row(to[0], str(to[1]))]


def _fees(event: MilestoneEvent, as_employer: bool) -> list[Row]:
    """The fees of the step, each with its transfer where the reader may see it; the employer's is not for others."""
    milestone = event.milestone
    terms = milestone.award.terms
    if event.action == TAKE_BACK and (terms.employer if as_employer else terms.freelancer):
        return [Row(_("Your fee"), _("stays with the site, as it was taken at the release"))]
    found: list[Row] = []
    for leg in fee_legs(event) if event.freelancer_fee or event.employer_fee else []:
        employers = milestone.fee_escrow_id in (leg.debit_account_id, leg.credit_account_id)
        if employers and not as_employer:
            continue
        name = _("Your fee") if employers and event.action == "release" else kind_of(leg, event)
        text, shown = format_minor(leg.amount, milestone.currency), money(leg.amount, milestone.currency)
        if employers == as_employer:
            opened = figure(reverse("transfer", args=[leg.pk]), leg.amount, milestone.currency)
            shown = format_html('{} <span class="ref">{}</span>', opened, leg.reference)
            text = f"{text} {leg.reference}"
        found.append(Row(name, text, shown))
    if event.freelancer_fee:
        name = _("%(name)s received") % {"name": milestone.freelancer.get_short_name()}
        arrived = event.amount - event.freelancer_fee
        history = f"{milestone.get_absolute_url()}#history"
        found.append(Row(name, format_minor(arrived, milestone.currency), figure(history, arrived, milestone.currency)))
    return found


def what_comes_next(event: MilestoneEvent) -> str:
    """The sentence at a receipt's end."""
    if event.action == "create":
        name = event.milestone.freelancer.get_short_name()
        return _(
            "The money is on hold. %(name)s has been told and can see it. Nothing is paid until it is released."
        ) % {"name": name}
    if event.action == "release" and event.held_after and event.cause:
        return _("The dispute gave the rest back to %(name)s.") % {"name": event.milestone.employer.get_short_name()}
    if event.action == "release" and event.held_after:
        return _("The rest stays on hold under the same milestone and can be released later.")
    if event.action == "release":
        return _("All of this milestone has been released.")
    name = event.milestone.employer.get_short_name()
    return _("The money is back in %(name)s's available funds.") % {"name": name}
