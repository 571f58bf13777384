"""Forms about requests for milestones. Amounts are cleaned to minor units of the award's currency."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from config.fields import AmountField, ManyLinesField, OneLineField
from config.money import typed_minor
from milestones.models import MilestoneRequest
from projects.models import Award


class RequestForm(forms.Form):
    """What a freelancer asks for: how much, for what, and whether before the work is done."""

    def __init__(self, award: Award, *args: Any, asked: MilestoneRequest | None = None, **kwargs: Any) -> None:
        if asked:
            kwargs.setdefault("initial", _as_typed(asked, award.currency))
        super().__init__(*args, **kwargs)
        self.fields["amount"] = AmountField(currency=award.currency, label=gettext_lazy("Amount"))
        if not self.is_bound:
            self.fields["amount"].widget.attrs["autofocus"] = True
        self.fields["task"] = OneLineField(
            label=gettext_lazy("Task"), max_length=200, help_text=gettext_lazy("What you will deliver for this sum.")
        )
        self.fields["note"] = ManyLinesField(
            label=gettext_lazy("Note"),
            required=False,
            max_length=2000,
            rows=3,
            help_text=gettext_lazy("Why now, and what the employer should know."),
        )
        self.fields["advance"] = forms.BooleanField(
            label=gettext_lazy("Advance"),
            required=False,
            help_text=gettext_lazy("Tick this if you ask to be paid before the work is done."),
        )


def _as_typed(asked: MilestoneRequest, currency: str) -> dict[str, Any]:
    """What the request says, the way it would be typed."""
    amount = typed_minor(asked.amount, currency)
    return {"amount": amount, "task": asked.task, "note": asked.note, "advance": asked.advance}


class DeclineForm(forms.Form):
    """Why the employer won't make a milestone of it."""

    reason = ManyLinesField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        rows=3,
        help_text=gettext_lazy("The freelancer reads it."),
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
    )
