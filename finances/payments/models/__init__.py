"""What comes in from outside, what goes out, and through what."""

from finances.payments.models.corrections import Correction, CorrectionEvent
from finances.payments.models.instruments import Instrument, PaymentSource, PayoutDestination
from finances.payments.models.payments import Payment, PaymentEvent
from finances.payments.models.records import Delivery, Reconciliation
from finances.payments.models.withdrawals import Withdrawal, WithdrawalEvent

__all__ = [
    "Correction",
    "CorrectionEvent",
    "Delivery",
    "Instrument",
    "Payment",
    "PaymentEvent",
    "PaymentSource",
    "PayoutDestination",
    "Reconciliation",
    "Withdrawal",
    "WithdrawalEvent",
]
