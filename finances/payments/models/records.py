"""What the provider told us by itself, and what came of comparing its books with ours."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy


class Delivery(models.Model):
    """A webhook that was received: each event once, however often it is delivered."""

    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)
    reference = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = gettext_lazy("webhook")
        verbose_name_plural = gettext_lazy("webhooks")
        constraints = [models.UniqueConstraint(fields=["gateway", "event_id"], name="delivery_once")]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(handled_at=None), name="delivery_to_be_handled")
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"


class Reconciliation(models.Model):
    """One comparison of the provider's books with the ledger (P73)."""

    at = models.DateTimeField(default=timezone.now)
    gateway = models.CharField(max_length=20)
    since = models.DateTimeField()
    settled = models.PositiveIntegerField(default=0)  # intents that found their end in this run
    movements = models.PositiveIntegerField(default=0)  # lines of the provider's books that were compared
    balances = models.JSONField(default=list)  # of {"currency", "provider", "ledger", "by_hand"}, minor units
    differences = models.JSONField(default=list)  # sentences; empty when all is well

    class Meta:
        verbose_name = gettext_lazy("reconciliation")
        verbose_name_plural = gettext_lazy("reconciliations")
        get_latest_by = "at"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {len(self.differences)}"
