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
from milestones.parts import Part
from projects.models import Award


class MilestonePurpose(Purpose):
    """Holds the money for the tasks that it was paid for."""

    name = PURPOSE
    label = gettext_lazy("Milestone payment")

    def lock(self, payment: Payment) -> None:
        """The award comes first in the order of locks."""
        Award.locked(payment.funding.award_id)

    def received(self, payment: Payment, *, late: bool) -> None:
        """Create the milestones in the transaction that credited the wallet."""
        Funding.objects.select_related("award", "payment__owner").get(payment=payment).arrived(late=late)

    def address(self, payment: Payment) -> str:
        """The milestone's page, once there is one; for several, their project's."""
        made = payment.funding.milestones
        if len(made) > 1:
            return payment.funding.award.project.get_absolute_url()  # type: ignore[no-any-return]
        return made[0].get_absolute_url() if made else ""

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
        """The address that takes the unfunded milestones out of the lists."""
        funding = payment.funding
        return reverse("milestones:discard", args=[funding.pk]) if funding.can_be_discarded else ""

    def again(self, payment: Payment) -> str:
        """The page that asks for the same once more: the dialog for one milestone, or Divide for several."""
        funding = payment.funding
        parts = funding.as_parts()
        if len(parts) > 1:
            return f"{reverse('milestones:divide', args=[funding.award_id])}?again={funding.pk}"
        return f"{reverse('milestones:create', args=[funding.award_id])}?{urlencode(typed(parts[0], payment.currency))}"


def typed(part: Part, currency: str) -> dict[str, str]:
    """Return what the form for one milestone was sent, as its address brings it along."""
    asked = {"amount": typed_minor(part.amount, currency), "task": part.task}
    asked |= {"advance": "on"} if part.advance else {}
    asked |= {"criteria": "\n".join(part.criteria)} if part.criteria else {}
    return asked | ({"request": str(part.request)} if part.request else {})
