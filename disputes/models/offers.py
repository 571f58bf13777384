"""What is said about how to split the disputed money, and who is away. All append-only."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import Member


class Split(models.Model):
    """How the disputed milestones would be split: ``to_freelancer`` has a sum for each, in minor units.

    They stand in the order of the dispute's milestones (by number); what is left of each goes to the employer.
    ``words`` are what who says it says to it.
    """

    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    to_freelancer = ArrayField(models.BigIntegerField())
    words = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @property
    def freelancer_total(self) -> int:
        """What the freelancer would get of all milestones together, before fees, in minor units."""
        return sum(self.to_freelancer)


class Offer(Split):
    """What one side offers or asks for; its last one counts, and the other side may accept it."""

    dispute = models.ForeignKey("disputes.Dispute", on_delete=models.PROTECT, related_name="offers")

    class Meta:
        verbose_name = gettext_lazy("offer")
        verbose_name_plural = gettext_lazy("offers")
        indexes = [models.Index(fields=["dispute", "id"], name="offers_of_dispute")]

    def __str__(self) -> str:
        return f"{self.dispute}: {self.to_freelancer}"


class Absence(models.Model):
    """A side is away until ``until``: its clock stands still from ``at`` till then, once in a dispute."""

    dispute = models.ForeignKey("disputes.Dispute", on_delete=models.PROTECT, related_name="absences")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    class Meta:
        verbose_name = gettext_lazy("absence")
        verbose_name_plural = gettext_lazy("absences")
        constraints = [
            models.UniqueConstraint(fields=["dispute", "member"], name="absent_once"),
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="absence_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute}: {self.member}"
