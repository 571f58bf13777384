"""What payments that are made for milestones do when the money is here."""

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.money import typed_minor
from finances.payments.models import Payment
from finances.payments.purposes import Purpose
from milestones.models import Funding
from milestones.models.funding import PURPOSE
from projects.models import Award


class MilestonePurpose(Purpose):
    """Holds the money for the task that it was paid for."""

    name = PURPOSE
    label = gettext_lazy("Milestone payment")

    def lock(self, payment: Payment) -> None:
        """The award comes first in the order of locks."""
        Award.locked(payment.funding.award_id)

    def received(self, payment: Payment, *, late: bool) -> None:
        """Create the milestone in the transaction that credited the wallet."""
        Funding.objects.select_related("award", "payment__owner").get(payment=payment).arrived(late=late)

    def address(self, payment: Payment) -> str:
        """The milestone's page, once there is one."""
        milestone = payment.funding.milestone
        return milestone.get_absolute_url() if milestone else ""

    def outcome(self, payment: Payment) -> str:
        """What became of the money."""
        funding = payment.funding
        if funding.milestone:
            return _("The money is on hold for “%(task)s”.") % {"task": funding.task}
        if funding.refused:
            words = _("No milestone was created: %(why)s The money is in your available funds.")
            return words % {"why": funding.refused}
        return ""

    def discard(self, payment: Payment) -> str:
        """The address that takes the unfunded milestone out of the lists."""
        funding = payment.funding
        return reverse("milestones:discard", args=[funding.pk]) if funding.can_be_discarded else ""

    def again(self, payment: Payment) -> str:
        """The dialog that asks for the same milestone once more."""
        funding = payment.funding
        asked = {"amount": typed_minor(funding.amount, payment.currency), "task": funding.task}
        if funding.request is not None:
            asked["request"] = str(funding.request)
        return f"{reverse('milestones:create', args=[funding.award_id])}?{urlencode(asked)}"
