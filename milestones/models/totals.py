"""Sums that no page has to add up anew, each written in one place and verified by ``verify_ledger``."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.models import Member


class HeldTotal(models.Model):
    """What is held over all of a member's milestones on one side, so that no page has to add a million up.

    Written only by ``escrow.py``, in the transaction that moves the money; ``verify_ledger`` adds it up anew.
    """

    class Side(models.TextChoices):
        OUTGOING = "outgoing", gettext_lazy("Outgoing")
        INCOMING = "incoming", gettext_lazy("Incoming")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="held_totals")
    side = models.CharField(max_length=8, choices=Side)
    currency = models.CharField(max_length=3)
    held = models.BigIntegerField(default=0)
    milestones = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "side", "currency"], name="held_total_once"),
            models.CheckConstraint(condition=Q(held__gte=0, milestones__gte=0), name="held_total_not_below_zero"),
        ]


class MonthTotal(models.Model):
    """What was put on hold, released and returned in one month over all of a member's milestones on one side.

    Written only by ``months.fold``, from the events up to ``FoldedMonths``; ``verify_ledger`` adds it up anew.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    side = models.CharField(max_length=8, choices=HeldTotal.Side)
    currency = models.CharField(max_length=3)
    month = models.DateField()  # its first day, on the site's clock
    held = models.BigIntegerField()
    released = models.BigIntegerField()
    returned = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "currency", "month", "side"], name="month_total_once"),
        ]


class FoldedMonths(models.Model):
    """How far the events are added up in ``MonthTotal``: all up to the id *up_to*, by the clock of *zone*. One row."""

    up_to = models.BigIntegerField()
    zone = models.CharField(max_length=60)
