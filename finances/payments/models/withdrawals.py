"""Money that leaves: out of the wallet at once, sent after a pause, and back in the wallet if it can't be sent."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import Event, Member
from config.lifecycle import Action, HasLifecycle
from config.money import LARGEST
from finances.ledger.models import Transfer
from finances.payments import lifecycle
from finances.payments.models.instruments import PayoutDestination


class WithdrawalQuerySet(models.QuerySet["Withdrawal"]):
    def visible_to(self, user: Member) -> "WithdrawalQuerySet":
        """The member's own."""
        return self.filter(owner=user)

    def under_way(self) -> "WithdrawalQuerySet":
        """Those whose money is still in the account of payouts in flight."""
        return self.filter(state__in=Withdrawal.UNDER_WAY)


class Withdrawal(HasLifecycle, models.Model):
    """``amount`` minor units of ``currency``, to be sent to ``destination`` once, under ``key``.

    From the request on the money is in the owner's account of payouts in flight. It leaves it when the provider says
    that it paid, and goes back to the wallet when it was cancelled or could not be sent.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", gettext_lazy("Requested")
        SENDING = "sending", gettext_lazy("Being sent")
        SENT = "sent", gettext_lazy("On its way")
        PAID = "paid", gettext_lazy("Paid out")
        FAILED = "failed", gettext_lazy("Failed, money is back")
        CANCELLED = "cancelled", gettext_lazy("Cancelled")

    UNDER_WAY: ClassVar[tuple[str, ...]] = (State.REQUESTED, State.SENDING, State.SENT)

    owner = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="withdrawals")
    destination = models.ForeignKey(PayoutDestination, on_delete=models.PROTECT, related_name="withdrawals")
    gateway = models.CharField(max_length=20)
    key = models.UUIDField(unique=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=State, default=State.REQUESTED)
    reference = models.CharField(max_length=200, blank=True)  # the provider's
    reason = models.CharField(max_length=40, blank=True)  # a key of reasons.WORDS
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    send_at = models.DateTimeField()  # until then it can be cancelled
    asked_at = models.DateTimeField(null=True)  # when the provider was first about to be called
    arrives_on = models.DateField(null=True)

    objects: ClassVar[Any] = WithdrawalQuerySet.as_manager()
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.WITHDRAWAL

    class Meta:
        verbose_name = gettext_lazy("withdrawal")
        verbose_name_plural = gettext_lazy("withdrawals")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=LARGEST), name="withdrawal_amount_in_bounds")
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="withdrawal_of"),
            models.Index(
                fields=["owner"], condition=Q(state__in=("requested", "sending", "sent")), name="withdrawal_under_way"
            ),
            models.Index(
                fields=["send_at"], condition=Q(state__in=("requested", "sending", "sent")), name="withdrawal_open"
            ),
        ]

    def __str__(self) -> str:
        return self.display_reference

    @property
    def display_reference(self) -> str:
        """What people quote: W and the number."""
        return f"W{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("payments:withdrawal", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether the money is still in flight."""
        return self.state in self.UNDER_WAY

    def record(
        self,
        action: str,
        *,
        transfer: Transfer | None = None,
        by: Member | None = None,
        shown: dict[str, Any] | None = None,
        address: str | None = None,
        note: str = "",
    ) -> "WithdrawalEvent":
        """Write the lasting record of a step (P26)."""
        return WithdrawalEvent.objects.create(  # type: ignore[misc]
            withdrawal=self,
            action=action,
            actor=by,
            shown=shown or {},
            address=address,
            note=note,
            transfer=transfer,
        )


class WithdrawalEvent(Event):
    """What happened to a withdrawal, with the transfer that it made. Append-only."""

    ACTIONS: ClassVar[dict[str, Any]] = {
        "requested": gettext_lazy("Requested"),
        "sending": gettext_lazy("Given to the provider"),
        "sent": gettext_lazy("On its way"),
        "paid": gettext_lazy("Paid out"),
        "failed": gettext_lazy("Failed: the money is back in the available funds"),
        "cancelled": gettext_lazy("Cancelled: the money is back in the available funds"),
    }

    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="events")
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = gettext_lazy("event of a withdrawal")
        verbose_name_plural = gettext_lazy("events of the withdrawal")
        indexes = [models.Index(fields=["withdrawal", "-id"], name="withdrawal_events")]

    def __str__(self) -> str:
        return f"{self.withdrawal}: {self.action}"
