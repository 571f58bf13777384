"""What arbitrators ask, propose and decide. All append-only."""

import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import Member
from disputes.models.offers import Split


class Question(models.Model):
    """An arbitrator asks one side or both. ``employer_by`` and ``freelancer_by``: until when; None: not asked.

    The latter two are moved by an absence and by nothing else.
    """

    dispute = models.ForeignKey("disputes.Dispute", on_delete=models.PROTECT, related_name="questions")
    number = models.PositiveIntegerField()
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=5000)
    at = models.DateTimeField(default=timezone.now)
    employer_by = models.DateTimeField(null=True)
    freelancer_by = models.DateTimeField(null=True)

    class Meta:
        verbose_name = gettext_lazy("question")
        verbose_name_plural = gettext_lazy("questions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "number"], name="question_numbered"),
            models.CheckConstraint(
                condition=Q(employer_by__isnull=False) | Q(freelancer_by__isnull=False), name="question_asks_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute} {self.reference}"

    @property
    def reference(self) -> str:
        """What people quote: Q and the number."""
        return f"Q{self.number}"

    def until_of(self, role: str) -> datetime.datetime | None:
        """Return until when the side "employer" or "freelancer" can answer; None where it wasn't asked."""
        return {"employer": self.employer_by, "freelancer": self.freelancer_by}.get(role)


class Proposal(Split):
    """What an arbitrator proposes; the last one counts. Once both sides have accepted it, it is settled so."""

    dispute = models.ForeignKey("disputes.Dispute", on_delete=models.PROTECT, related_name="proposals")

    class Meta:
        verbose_name = gettext_lazy("proposal")
        verbose_name_plural = gettext_lazy("proposals")
        indexes = [models.Index(fields=["dispute", "id"], name="proposals_of_dispute")]

    def __str__(self) -> str:
        return f"{self.dispute}: {self.to_freelancer}"


class ProposalAnswer(models.Model):
    """What a side says to a proposal, once."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="answers")
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    accepted = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = gettext_lazy("answer to a proposal")
        verbose_name_plural = gettext_lazy("answers to proposals")
        constraints = [models.UniqueConstraint(fields=["proposal", "by"], name="proposal_answered_once")]

    def __str__(self) -> str:
        return f"{self.proposal}: {self.by}"


class Verdict(Split):
    """An arbitrator's decision: the split, and in ``words`` the reasons. ``cites`` are the evidence items' numbers.

    Where the disputed sum needs a second arbitrator, it moves nothing until one has confirmed it; one that was sent
    back never does. What became of it is told by the dispute's events.
    """

    dispute = models.ForeignKey("disputes.Dispute", on_delete=models.PROTECT, related_name="verdicts")
    cites = ArrayField(models.PositiveIntegerField())

    class Meta:
        verbose_name = gettext_lazy("verdict")
        verbose_name_plural = gettext_lazy("verdicts")
        indexes = [models.Index(fields=["dispute", "id"], name="verdicts_of_dispute")]

    def __str__(self) -> str:
        return f"{self.dispute}: {self.to_freelancer}"
