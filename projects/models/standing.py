"""What members' work has come to (P3), computed beforehand: ``milestones/standing.py`` writes it, pages read it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import Member


class Standing(models.Model):
    """A member's standing on one side of awards, as of a moment. Nobody has one before anything has happened.

    It is made of money that was released and of reviews that everybody can read, and of nothing else: what is
    deposited or held counts nothing.
    """

    class Side(models.TextChoices):
        EMPLOYER = "employer", gettext_lazy("Employer")
        FREELANCER = "freelancer", gettext_lazy("Freelancer")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="standings", db_index=False)
    side = models.CharField(max_length=10, choices=Side)
    milestones = models.IntegerField()  # of which something was paid, and not all of it given back
    completed = models.IntegerField()  # awards
    reviews = models.IntegerField()
    stars = models.IntegerField()  # their sum
    # The median from a release request to its release, in seconds; null without any, or on the freelancer's side.
    release_seconds = models.BigIntegerField(null=True)
    # Milestones that were disputed, in per mille of those of accepted awards; null without any.
    disputed = models.SmallIntegerField(null=True)
    # How many milestones were last paid in each month: [["2026-11", 3], …], newest first, on the site's clock.
    months = models.JSONField(default=list)
    as_of = models.DateTimeField()

    class Meta:
        verbose_name = gettext_lazy("standing")
        verbose_name_plural = gettext_lazy("standings")
        constraints = [models.UniqueConstraint(fields=["member", "side"], name="standing_once_a_side")]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_side_display()}"


class StandingSum(models.Model):
    """What was paid through milestones in one currency, in its minor units, over how many milestones and awards."""

    standing = models.ForeignKey(Standing, on_delete=models.CASCADE, related_name="sums", db_index=False)
    currency = models.CharField(max_length=3)
    paid = models.BigIntegerField()
    milestones = models.IntegerField()
    awards = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["standing", "currency"], name="standing_sum_once"),
            models.CheckConstraint(
                condition=Q(paid__gt=0, milestones__gt=0, awards__gt=0), name="standing_sum_of_some"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standing}: {self.currency}"


class StandingDue(models.Model):
    """A member whose standing is to be computed anew. A queue: a member may stand in it many times."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    noted_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["StandingDue"]] = models.Manager()

    @classmethod
    def note(cls, *members: int) -> None:
        """Put the members with these ids into the queue, in the transaction of what changed their standing."""
        cls.objects.bulk_create([cls(member_id=member) for member in members])

    def __str__(self) -> str:
        return str(self.member)


class StandingMark(models.Model):
    """Up to which event of a milestone its parties were put into the queue. One row; its lock lets one job run."""

    up_to = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.up_to)
