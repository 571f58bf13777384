"""Who hears of a correction: the members whose money it moves, and among the staff who proposed or could confirm it."""

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.notices import Word, amount, register, tell
from finances.payments.models.corrections import Correction

GROUP = "finance"

register("correction-came", _("Our staff put something right: %(sum)s came into your available funds. %(reason)s"))
register("correction-went", _("Our staff put something right: %(sum)s was taken from your available funds. %(reason)s"))
register(
    "correction-waiting", _("%(who)s proposes the correction %(reference)s of %(sum)s: it awaits a second person.")
)
register("correction-refused", _("Your correction %(reference)s of %(sum)s was refused. %(note)s"))
register(
    "correction-expired", _("Your correction %(reference)s of %(sum)s has expired: no second person confirmed it.")
)


def _sum(correction: Correction) -> Word:
    return amount(correction.amount, correction.currency)


def of_finance() -> QuerySet[Member]:
    """Return who is in the group finance and can sign in to the admin."""
    return Member.objects.filter(groups=Group.objects.filter(name=GROUP).first(), is_active=True, is_staff=True)


def made(correction: Correction) -> None:
    """Tell the members whose wallets it concerns, with the reason."""
    assert correction.transfer is not None
    path = reverse("transfer", args=[correction.transfer.pk])
    for account, kind in ((correction.debit_account, "went"), (correction.credit_account, "came")):
        if account.owner:
            tell(account.owner, f"correction-{kind}", path, sum=_sum(correction), reason=correction.reason)


def waiting(correction: Correction) -> None:
    """Tell those of the group finance who could be the second person."""
    for member in of_finance().exclude(pk=correction.proposed_by_id):
        if correction.concerns(member):
            continue
        tell(
            member,
            "correction-waiting",
            correction.get_absolute_url(),
            who=correction.proposed_by.name,
            reference=correction.display_reference,
            sum=_sum(correction),
        )


def ended(correction: Correction, kind: str, note: str = "") -> None:
    """Tell who proposed it that it was refused, or that it has expired."""
    words = {"reference": correction.display_reference, "sum": _sum(correction), "note": note}
    tell(correction.proposed_by, f"correction-{kind}", correction.get_absolute_url(), **words)
