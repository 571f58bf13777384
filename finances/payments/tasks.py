"""Jobs about money from and to the outside."""

import logging

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from django.utils import timezone

from finances.payments import charging, reconciliation, webhooks, withdrawing
from finances.payments.gateways import Unreachable
from finances.payments.models import Correction, Payment, Withdrawal

logger = logging.getLogger(__name__)

# 15, 30, 60 … seconds, eight times: about an hour. Whatever is still open then the periodic job goes on with.
PATIENT = RetryStrategy(max_attempts=8, exponential_wait=2, wait=15, retry_exceptions=[Unreachable])


@app.task(queue="payments", retry=PATIENT)
def look_up_payment(payment_id: int) -> str:
    """Find out what became of a payment that may have had no answer. Returns its state."""
    payment = Payment.objects.select_related("source").get(pk=payment_id)
    return str((charging.look_up(payment) if payment.is_open else payment).state)


@app.task(queue="payments", retry=PATIENT)
def send_withdrawal(withdrawal_id: int) -> str:
    """Send a withdrawal whose pause is over. Returns its state."""
    return str(withdrawing.send(Withdrawal.objects.get(pk=withdrawal_id)).state)


@app.task(queue="payments", retry=PATIENT)
def handle_delivery(delivery_id: int) -> bool:
    """Read again at the provider what a webhook was about. Returns whether it was about something of ours."""
    return webhooks.handle(delivery_id)


@app.periodic(cron="* * * * *")
@app.task(queue="payments", queueing_lock="settle-open-intents", pass_context=False)
def settle_open_intents(timestamp: int = 0) -> int:
    """Look up every minute what has no final answer yet, send what is due; return how much found its end."""
    return reconciliation.settle_open()


@app.periodic(cron="23 * * * *")
@app.task(queue="payments", queueing_lock="compare-with-provider", pass_context=False, retry=PATIENT)
def compare_with_provider(timestamp: int = 0) -> int:
    """Compare the provider's books with the ledger every hour; return how many differences there are."""
    result = reconciliation.compare_and_record()
    for difference in result.differences:
        logger.error("The provider's books disagree with the ledger: %s", difference)
    return len(result.differences)


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="expire-corrections", pass_context=False)
def expire_corrections(timestamp: int = 0) -> int:
    """End the corrections that no second person confirmed in time; return how many."""
    late = Correction.objects.filter(state=Correction.State.PROPOSED, expires_at__lte=timezone.now())
    return sum(correction.expire() for correction in late)
