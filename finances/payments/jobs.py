"""Deferring the jobs of payments, in the transaction that causes them: by name, since the jobs import the verbs."""

import math

from procrastinate.contrib.django import app

from django.utils import timezone

from finances.payments.models import Delivery, Payment, Withdrawal

# Seconds after which an intent is looked up for the first time: by then the web process has its answer, or has died.
FIRST_LOOK = 10


def look_up_later(payment: Payment) -> None:
    """Have *payment* looked up in some seconds, if it is still open then."""
    job = app.configure_task("finances.payments.tasks.look_up_payment", schedule_in={"seconds": FIRST_LOOK})
    job.defer(payment_id=payment.pk)


def send_later(withdrawal: Withdrawal) -> None:
    """Have *withdrawal* sent when its pause is over."""
    pause = max(0, math.ceil((withdrawal.send_at - timezone.now()).total_seconds()))
    job = app.configure_task("finances.payments.tasks.send_withdrawal", schedule_in={"seconds": pause})
    job.defer(withdrawal_id=withdrawal.pk)


def handle_later(delivery: Delivery) -> None:
    """Have what *delivery* is about read again at the provider, at once."""
    app.configure_task("finances.payments.tasks.handle_delivery").defer(delivery_id=delivery.pk)
