"""Payment sources, payout accounts and what happened to money, prepared for templates."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from finances.payments.gateways import gateway
from finances.payments.models import Instrument, PaymentEvent, WithdrawalEvent
from finances.payments.sorts import Sort

TONES = {
    "succeeded": "positive",
    "paid": "positive",
    "declined": "negative",
    "failed": "negative",
    "needs_step": "caution",
    "review": "caution",
    "created": "accent",
    "requested": "accent",
}


def instrument_rows(sort: Sort, owner: Member) -> list[dict[str, Any]]:
    """Lines for the list: those that are saved in their order, then those that are being added."""
    own = sort.model._default_manager.visible_to(owner)
    in_order = [*own.listed(), *own.filter(state=Instrument.State.ADDING).order_by("id")]
    ready = [instrument.pk for instrument in own.ready()]
    return [_instrument_row(sort, instrument, owner, ready) for instrument in in_order]


def _instrument_row(sort: Sort, instrument: Instrument, owner: Member, ready: list[int]) -> dict[str, Any]:
    tone, state, note = _standing(sort, instrument)
    return {
        "name": str(instrument),
        "details": " · ".join(details(instrument)),
        "tone": tone,
        "state": state,
        "note": note,
        "first": sort.first if ready[:1] == [instrument.pk] else "",
        "finish": sort.page("add", instrument.pk) if instrument.state == Instrument.State.ADDING else "",
        "verify": sort.page("verify", instrument.pk) if sort.codes and instrument.allows("verify", owner) else "",
        "rename": sort.page("rename", instrument.pk) if instrument.allows("rename", owner) else "",
        "put_first": sort.page("first", instrument.pk) if instrument.pk in ready[1:] else "",
        "remove": sort.page("remove", instrument.pk),
    }


def _standing(sort: Sort, instrument: Instrument) -> tuple[str, str, str]:
    """The tone and the words of the chip, and what there is to be known about it."""
    label = instrument.get_state_display()
    if instrument.state == Instrument.State.ADDING:
        return "neutral", label, _("You have not finished adding it on the payment provider's page.")
    if instrument.gateway != gateway().name:
        words = _("It was saved at another payment provider than the one in use. Remove it and add it again.")
        return "neutral", _("Not usable"), words
    if instrument.state == Instrument.State.UNVERIFIED:
        return "caution", label, str(sort.unverified)
    if expired(instrument):
        return "caution", _("Expired"), _("Its bank will decline it. Add the new card and remove this one.")
    return "positive", label, ""


def details(instrument: Instrument) -> list[str]:
    """What is known of it beside its name."""
    if instrument.state == Instrument.State.ADDING:  # its name is all that is known, its kind
        at = formats.date_format(timezone.localtime(instrument.created_at), "DATETIME_FORMAT")
        return [*([instrument.currency] if instrument.currency else []), _("begun on %(at)s") % {"at": at}]
    words = [str(instrument.get_kind_display())]  # type: ignore[attr-defined]
    if instrument.name and instrument.brand:
        words.append(instrument.brand)
    if instrument.expires:
        words.append(_("expires %(month)s") % {"month": instrument.expires})
    if instrument.currency:
        words.append(instrument.currency)
    return words


def expired(instrument: Instrument) -> bool:
    """Whether the month in which a card ends is over."""
    month, _slash, year = instrument.expires.partition("/")
    if not (month.isdecimal() and year.isdecimal() and 1 <= int(month) <= 12):
        return False
    today: date = timezone.localdate()
    return (int(year), int(month)) < (today.year, today.month)


def history(events: Iterable[PaymentEvent] | Iterable[WithdrawalEvent]) -> list[dict[str, Any]]:
    """What happened, newest first, each with who did it and the transfer that it made."""
    return [
        {
            "sentence": event.ACTIONS[event.action],
            "tone": TONES.get(event.action, ""),
            "note": event.note,
            "at": event.at,
            "by": str(event.actor) if event.actor else "",
            "address": event.address or "",
            "transfer": event.transfer.reference if event.transfer else "",
            "transfer_url": reverse("transfer", args=[event.transfer_id]) if event.transfer_id else "",
        }
        for event in events
    ]
