"""Who may do what with payment sources, payments and withdrawals."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from config.lifecycle import Action, table


def _owner(thing: Any, user: Any) -> bool:
    return bool(user is not None and thing.owner_id == user.pk)


def _refunder(payment: Any, user: Any) -> bool:
    return _right(user, "payments.refund_payment") and not _owner(payment, user)


def _right(user: Any, right: str) -> bool:
    return bool(user is not None and user.is_active and user.is_staff and user.has_perm(right))


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
        _refunder,
        _("Only the group finance gives a payment back, and nobody their own."),
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


def _proposer(correction: Any, user: Any) -> bool:
    return _right(user, "payments.propose_correction") and not correction.concerns(user)


def _second(correction: Any, user: Any) -> bool:
    fits = _right(user, "payments.confirm_correction") and not correction.concerns(user)
    return fits and correction.proposed_by_id != user.pk


def _own_proposal(correction: Any, user: Any) -> bool:
    return _right(user, "payments.propose_correction") and correction.proposed_by_id == user.pk


CORRECTION = table(
    Action(
        "propose",
        _("Propose a correction"),
        _proposer,
        _("Only the group finance corrects, and nobody where their own money is concerned."),
        ("new",),
        "proposed",
    ),
    Action(
        "confirm",
        _("Confirm"),
        _second,
        _("Only a second person of the group finance can confirm it, whose own money is not concerned."),
        ("proposed",),
        "made",
        when=lambda correction: not correction.is_late,
        when_words=_("It has waited too long. Propose it anew."),
    ),
    Action(
        "refuse",
        _("Refuse"),
        _second,
        _("Only a second person of the group finance can refuse it, whose own money is not concerned."),
        ("proposed",),
        "refused",
    ),
    Action(
        "withdraw",
        _("Withdraw"),
        _own_proposal,
        _("Only who proposed it can withdraw it."),
        ("proposed",),
        "withdrawn",
    ),
)
