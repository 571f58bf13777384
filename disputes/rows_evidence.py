"""Evidence prepared for templates."""

from collections.abc import Iterator
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Member
from config.uploads import ZIP
from disputes import files
from disputes.models import Dispute, EvidenceItem

MOST_ARCHIVES = 30  # whose directories one page reads


def of_case(dispute: Dispute, user: Member) -> dict[str, Any]:
    """Return the numbered pieces of evidence, in three queries. *user* is a side, or an arbitrator."""
    budget = iter([True] * MOST_ARCHIVES)
    items = dispute.evidence.select_related("by", "question").prefetch_related("files").order_by("number")
    return {"evidence": [row(item, user, budget) for item in items]}


def row(item: EvidenceItem, user: Member, budget: Iterator[bool]) -> dict[str, Any]:
    """One piece: its reference, who showed it when, its text, links and files, of archives what is in them.

    *budget* ends with the number of archives whose directories one page reads.
    """
    return {
        "reference": item.reference,
        "who": _("You") if item.by_id == user.pk else str(item.by),
        "at": item.at,
        "text": item.text,
        "links": item.links,
        "answers": item.question.reference if item.question else "",
        "files": [
            {
                "name": file.name,
                "size": filesizeformat(file.size),
                "url": reverse("disputes:file-link", args=[file.pk]),
                "sha256": file.sha256,
                "listing": files.listing(file) if file.media_type == ZIP and next(budget, False) else [],
            }
            for file in item.files.all()
        ],
    }
