"""The case as a PDF, for either side (issue 5)."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.papers import case_pdf, pdf_response
from disputes import case_paper
from disputes.views.fetch import visible_dispute


@require_safe
def case_as_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = visible_dispute(request.user, pk)
    number, digest = case_paper.last_digest(dispute)
    footer = _(
        "The record of this case has %(number)d events. The digest of the last one is %(digest)s. Each digest is made"
        " of the one before it and of what happened, so whoever keeps this paper can tell whether anything was changed."
    )
    pdf = case_pdf(
        title=_("Dispute %(reference)s") % {"reference": dispute.reference},
        reference=dispute.reference,
        rows=case_paper.rows(dispute),
        sections=case_paper.sections(dispute, request.user),
        footer=footer % {"number": number, "digest": case_paper.grouped(digest)},
    )
    return pdf_response(pdf, f"dispute-{dispute.reference.lower()}.pdf")
