"""What a side shows for what it says: text, links and files, numbered in a dispute. Append-only."""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import Attachment, Member
from config.uploads import Checked
from disputes import chain

MOST_LINKS = 10
LONGEST_TEXT = 10_000


class Said(NamedTuple):
    """A piece of evidence as it is handed in: ``text``, ``links`` (http or https) and ``files``."""

    text: str = ""
    links: Sequence[str] = ()
    files: Sequence[Checked] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.links or self.files)


class EvidenceItem(models.Model):
    """A piece of evidence, E and its ``number`` in the dispute. With ``question`` it is the answer to an arbitrator."""

    dispute = models.ForeignKey("disputes.Dispute", on_delete=models.PROTECT, related_name="evidence")
    number = models.PositiveIntegerField()
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    question = models.ForeignKey("disputes.Question", on_delete=models.PROTECT, null=True, related_name="answers")
    text = models.TextField(blank=True, max_length=LONGEST_TEXT)
    links = ArrayField(models.URLField(max_length=500), default=list, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = gettext_lazy("evidence item")
        verbose_name_plural = gettext_lazy("evidence items")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["dispute", "number"], name="evidence_numbered")]

    def __str__(self) -> str:
        return f"{self.dispute} {self.reference}"

    @classmethod
    def hand_in(
        cls, dispute: Any, said: Said, *, by: Member, kept: list[Attachment], question: Any = None
    ) -> "EvidenceItem":
        """Write the item and its files, which *kept* collects. The dispute's row is locked."""
        number = (dispute.evidence.aggregate(last=models.Max("number"))["last"] or 0) + 1
        item = cls.objects.create(
            dispute=dispute, number=number, by=by, question=question, text=said.text, links=list(said.links)
        )
        for file in said.files:
            kept.append(EvidenceFile.keep(file, item=item))
        return item

    def digests(self) -> dict[str, Any]:
        """Return what the event about it vouches for: digests of its text and files, and its links."""
        files = sorted(self.files.all(), key=lambda file: file.pk)
        told = [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in files]
        return {"text": chain.of_text(self.text), "links": self.links, "files": told}

    @property
    def reference(self) -> str:
        """What a verdict cites: E and the number."""
        return f"E{self.number}"


class EvidenceFile(Attachment):
    """A file of a piece of evidence. ``sha256`` is the digest of its bytes as they are kept."""

    item = models.ForeignKey(EvidenceItem, on_delete=models.PROTECT, related_name="files")
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = gettext_lazy("file of evidence")
        verbose_name_plural = gettext_lazy("files of evidence")

    def get_absolute_url(self) -> str:
        return reverse("disputes:file", args=[self.pk])

    @classmethod
    def keep(cls, checked: Checked, **fields: Any) -> "EvidenceFile":
        """Write the file to the disk, with its digest in the row that knows it."""
        return super().keep(checked, sha256=hashlib.sha256(checked.content).hexdigest(), **fields)
