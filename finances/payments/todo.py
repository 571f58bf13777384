"""What waits about payments: a step at the member's bank."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.todo import MOST, Todo
from finances.payments.models import Payment


def steps_at_the_bank(member: Member) -> Iterator[Todo]:
    """Yield the member's payments that their bank asks about. One query."""
    payments = Payment.objects.visible_to(member).filter(state=Payment.State.NEEDS_STEP)
    for payment in payments.order_by("id")[:MOST]:
        yield Todo(
            mine=True,
            words=_("Your bank asks you to confirm a payment"),
            about=payment.words or payment.reference,
            url=payment.get_absolute_url(),
            action=_("Continue"),
            since=payment.created_at,
            minor=payment.amount,
            currency=payment.currency,
        )
