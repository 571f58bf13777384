"""What a payment is for. A floor above registers its purposes; payments know only how to ask.

A purpose says which rows are locked before the payment's (lock order: award, milestone, payment, accounts), what is
done with the money in the transaction that credits the wallet, and which page shows what came of it.
"""

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from finances.payments.models import Payment


class Purpose:
    """Money that simply goes to the wallet: a deposit."""

    name = "deposit"
    label: str | Promise = gettext_lazy("Deposit")

    def lock(self, payment: "Payment") -> None:
        """Lock the rows that come before the payment's. Called first in every transaction that settles one."""

    def received(self, payment: "Payment", *, late: bool) -> None:
        """Do with the money what it came for. The wallet has it; what is raised here undoes that, so raise nothing.

        *late*: the payment had been declined or given up before the money came after all.
        """

    def address(self, payment: "Payment") -> str:
        """Return the page on which a member sees what came of it; "" where the payment's own page says it all."""
        return ""

    def outcome(self, payment: "Payment") -> str:
        """Return what became of the money that arrived, in a sentence."""
        return _("The money is in your available funds.")

    def discard(self, payment: "Payment") -> str:
        """Return the address that takes what came to nothing out of the member's lists; "" where it stands in none."""
        return ""

    def again(self, payment: "Payment") -> str:
        """Return the page on which the same can be tried once more."""
        return reverse("payments:deposit")


_purposes: dict[str, Purpose] = {"deposit": Purpose()}


def register(purpose: Purpose) -> None:
    """Let payments be made for *purpose*. Registering a name again replaces it."""
    _purposes[purpose.name] = purpose


def purpose_of(payment: "Payment") -> Purpose:
    """Return what *payment* is for. KeyError for a name that nobody registered."""
    return _purposes[payment.purpose]
