"""The milestones that a dispute is about."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from config.money import LARGEST
from milestones.models import Milestone


class DisputedMilestone(models.Model):
    """A milestone that is disputed: what was ``held`` of it when that began, and in the end went to the freelancer.

    In minor units. ``open`` until the dispute ends: a milestone is in one dispute at a time.
    """

    dispute = models.ForeignKey("disputes.Dispute", on_delete=models.PROTECT, related_name="parts")
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="disputed")
    held = models.BigIntegerField()
    open = models.BooleanField(default=True)
    to_freelancer = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = gettext_lazy("disputed milestone")
        verbose_name_plural = gettext_lazy("disputed milestones")
        constraints = [
            models.UniqueConstraint(fields=["dispute", "milestone"], name="disputed_once_in_a_dispute"),
            models.UniqueConstraint(fields=["milestone"], condition=Q(open=True), name="disputed_once_at_a_time"),
            models.CheckConstraint(condition=Q(held__gt=0, held__lte=LARGEST), name="disputed_in_bounds"),
            models.CheckConstraint(
                condition=Q(to_freelancer__isnull=True)
                | Q(open=False, to_freelancer__gte=0, to_freelancer__lte=F("held")),
                name="disputed_split_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute}: {self.milestone}"
