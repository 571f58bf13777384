"""Evidence files: who may have one, and what is in an archive without opening what is in it."""

import zipfile
from typing import Any

from django.template.defaultfilters import filesizeformat

from accounts.models import Member
from config.uploads import ZIP
from disputes.models import Dispute, EvidenceFile

MOST_LISTED = 200  # entries of an archive


def may_see(file: EvidenceFile, user: Member) -> bool:
    """Return whether *user* is a side of the dispute, its arbitrator, or may confirm the verdict that waits (P44)."""
    dispute = file.item.dispute
    if user.pk in (dispute.employer_id, dispute.freelancer_id):
        return True
    return may_read(dispute, user)


def may_read(dispute: Dispute, user: Member) -> bool:
    """Return whether *user* is the dispute's arbitrator, or may be the second one of a verdict that waits."""
    rows = dispute.lifecycle
    if user.pk == dispute.arbitrator_id:
        return rows["decide"].who(dispute, user)
    return dispute.verdict_waits and rows["confirm"].who(dispute, user)


def file_of(pk: int) -> EvidenceFile:
    """Return the file with its dispute's sides. EvidenceFile.DoesNotExist where there is none."""
    related = ("item__dispute__award",)
    return EvidenceFile.objects.select_related(*related).get(pk=pk)  # type: ignore[no-any-return]


def listing(file: EvidenceFile) -> list[dict[str, Any]]:
    """Return the names and sizes in an archive's directory, ``MOST_LISTED`` at most; nothing of any other file.

    Nothing in it is unpacked. An archive that can't be read any more has no list.
    """
    if file.media_type != ZIP:
        return []
    try:
        with file.file.open("rb") as content, zipfile.ZipFile(content) as archive:
            entries = archive.infolist()[:MOST_LISTED]
    except (OSError, zipfile.BadZipFile, ValueError):
        return []
    return [{"name": entry.filename[-200:], "size": filesizeformat(entry.file_size)} for entry in entries]
