"""Who may do what with payment sources, payments and withdrawals."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from config.lifecycle import Action, table


def _owner(thing: Any, user: Any) -> bool:
    return bool(user is not None and thing.owner_id == user.pk)


def _staff(thing: Any, user: Any) -> bool:
    return bool(user is not None and user.is_staff)


INSTRUMENT = table(
    Action("verify", _("Verify"), _owner, _("Only its owner can verify it."), ("unverified",), "verified"),
    Action("first", _("Use first"), _owner, _("Only its owner can order them."), ("unverified", "verified")),
    Action("rename", _("Rename"), _owner, _("Only its owner can name it."), ("unverified", "verified")),
    Action(
        "remove",
        _("Remove"),
        _owner,
        _("Only its owner can remove it."),
        ("adding", "unverified", "verified", "removed"),
        "removed",
    ),
)

PAYMENT = table(
    Action(
        "step",
        _("Continue at your bank"),
        _owner,
        _("Only who pays can confirm a payment."),
        ("needs_step",),
    ),
    Action(
        "look_up",
        _("Look again"),
        _owner,
        _("Only who pays can look this payment up."),
        ("created", "processing", "needs_step"),
    ),
    Action(
        "give_up",
        _("Give up"),
        _owner,
        _("Only who pays can give this payment up."),
        ("needs_step",),
        "cancelled",
    ),
    Action(
        "refund",
        _("Give back at the provider"),
        _staff,
        _("Only the site's staff can give a payment back."),
        ("review",),
        "refunded",
    ),
)

WITHDRAWAL = table(
    Action(
        "cancel",
        _("Cancel withdrawal"),
        _owner,
        _("Only who asked for a withdrawal can cancel it."),
        ("requested",),
        "cancelled",
    ),
)
