"""What "done" means for a milestone: a short checklist, written by the employer before the work begins."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy

from milestones.models.milestones import Milestone

MOST = 12
LONGEST = 200


class Criterion(models.Model):
    """One line of a milestone's checklist; ``position`` counts from 0."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    words = models.CharField(gettext_lazy("criterion"), max_length=LONGEST)

    class Meta:
        verbose_name = gettext_lazy("acceptance criterion")
        verbose_name_plural = gettext_lazy("acceptance criteria")
        ordering: ClassVar[list[str]] = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["milestone", "position"], name="criterion_position", deferrable=models.Deferrable.DEFERRED
            )
        ]

    def __str__(self) -> str:
        return self.words
