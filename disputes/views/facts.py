"""What is true now, for the page that says that something changed (P25)."""

from django.utils.translation import gettext as _

from config.templatetags.money import money
from disputes.models import Dispute


def of_dispute(pk: int) -> list[tuple[str, object]]:
    """Return the dispute's facts, read anew."""
    now = Dispute.objects.with_people().get(pk=pk)
    facts: list[tuple[str, object]] = [
        (_("Dispute"), now.reference),
        (_("State"), now.get_state_display()),
        (_("In dispute"), money(now.disputed, now.currency)),
    ]
    if now.outcome:
        facts.append((_("How it ended"), now.get_outcome_display()))
    return facts
