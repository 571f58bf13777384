"""Money that comes in from a payment source: the intent first, the provider's answer applied once."""

import uuid
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
from finances.payments.models.instruments import PaymentSource


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, user: Member) -> "PaymentQuerySet":
        """The member's own."""
        return self.filter(owner=user)

    def open(self) -> "PaymentQuerySet":
        """Those of which the last word is still to come."""
        return self.filter(state__in=Payment.OPEN)


class Payment(HasLifecycle, models.Model):
    """``amount`` minor units of ``currency``, to be charged to ``source`` once, under ``key``.

    The key is the provider's idempotency key and the ledger's. What it is for is ``purpose``: see ``purposes.py``.
    """

    class State(models.TextChoices):
        CREATED = "created", gettext_lazy("Waiting for an answer")
        PROCESSING = "processing", gettext_lazy("Being processed")
        NEEDS_STEP = "needs_step", gettext_lazy("Needs your confirmation")
        SUCCEEDED = "succeeded", gettext_lazy("Paid")
        DECLINED = "declined", gettext_lazy("Declined")
        CANCELLED = "cancelled", gettext_lazy("Given up")
        REVIEW = "review", gettext_lazy("Under review")
        REFUNDED = "refunded", gettext_lazy("Given back")

    OPEN: ClassVar[tuple[str, ...]] = (State.CREATED, State.PROCESSING, State.NEEDS_STEP)
    UNPAID: ClassVar[tuple[str, ...]] = (State.DECLINED, State.CANCELLED)  # for good, as far as anybody knows

    owner = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="payments")
    source = models.ForeignKey(PaymentSource, on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=20)
    key = models.UUIDField(unique=True)
    purpose = models.CharField(max_length=20)
    words = models.CharField(max_length=200)  # what it is for, as its owner reads it
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=State, default=State.CREATED)
    reference = models.CharField(max_length=200, blank=True)  # the provider's
    step_url = models.CharField(max_length=2000, blank=True)
    reason = models.CharField(max_length=40, blank=True)  # a key of reasons.WORDS
    taken_amount = models.BigIntegerField(null=True)  # what the provider says it took, where that is another sum
    taken_currency = models.CharField(max_length=3, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(null=True)  # when the provider was about to be called
    looked_at = models.DateTimeField(null=True)  # when it was last asked what became of it
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = PaymentQuerySet.as_manager()
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.PAYMENT

    class Meta:
        verbose_name = gettext_lazy("payment")
        verbose_name_plural = gettext_lazy("payments")
        permissions = (("refund_payment", gettext_lazy("Can give back payments that are under review")),)
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=LARGEST), name="payment_amount_in_bounds"),
            # Credited if and only if it succeeded: never half.
            models.CheckConstraint(
                condition=Q(state="succeeded", transfer__isnull=False) | ~Q(state="succeeded") & Q(transfer=None),
                name="payment_credited_if_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="payment_of"),
            # What Finances lists as under way, however many were paid.
            models.Index(
                fields=["owner"],
                condition=Q(state__in=("created", "processing", "needs_step", "review", "declined")),
                name="payment_unsettled",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=("created", "processing", "needs_step")),
                name="payment_open",
            ),
        ]

    def __str__(self) -> str:
        return self.display_reference

    @property
    def display_reference(self) -> str:
        """What people quote: P and the number."""
        return f"P{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("payments:payment", args=[self.pk])

    @property
    def to_refund(self) -> int:
        """What the provider took, in minor units of ``taken_in``."""
        return self.taken_amount or self.amount

    @property
    def taken_in(self) -> str:
        """The currency in which the provider took it."""
        return self.taken_currency or self.currency

    @property
    def is_open(self) -> bool:
        """Whether the last word is still to come."""
        return self.state in self.OPEN

    def record(
        self,
        action: str,
        *,
        by: Member | None = None,
        key: uuid.UUID | None = None,
        shown: dict[str, Any] | None = None,
        address: str | None = None,
        note: str = "",
    ) -> "PaymentEvent":
        """Write the lasting record of a step (P26)."""
        return PaymentEvent.objects.create(  # type: ignore[misc]
            payment=self,
            action=action,
            actor=by,
            key=key,
            shown=shown or {},
            address=address,
            note=note,
            transfer=self.transfer if action == "succeeded" else None,
        )


class PaymentEvent(Event):
    """What happened to a payment. Append-only."""

    ACTIONS: ClassVar[dict[str, Any]] = {
        "created": gettext_lazy("Payment confirmed"),
        "processing": gettext_lazy("The provider is processing it"),
        "needs_step": gettext_lazy("The bank asks for a confirmation"),
        "succeeded": gettext_lazy("Paid"),
        "declined": gettext_lazy("Declined"),
        "cancelled": gettext_lazy("Given up"),
        "review": gettext_lazy("Under review: the provider took another sum"),
        "refund_proposed": gettext_lazy("Giving back proposed"),
        "refund": gettext_lazy("Giving back confirmed"),
        "refunded": gettext_lazy("Given back at the provider"),
    }

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="events")
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = gettext_lazy("event of a payment")
        verbose_name_plural = gettext_lazy("events of the payment")
        indexes = [models.Index(fields=["payment", "-id"], name="payment_events")]

    def __str__(self) -> str:
        return f"{self.payment}: {self.action}"
