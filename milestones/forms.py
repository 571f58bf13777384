"""Forms about milestones. Amounts are cleaned to minor units of the milestone's currency."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.fields import AmountField, ManyLinesField, OneLineField
from config.money import format_minor, typed_minor
from config.words import one_line
from milestones.models import Milestone
from milestones.models.criteria import LONGEST, MOST
from projects.models import Award


class CriteriaField(ManyLinesField):
    """A checklist, one criterion a line; cleaned to a tuple of lines, without those that are empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("What done means, one per line"))
        # Lines end in two characters when a browser sends them; what is longer is cut off nowhere, but answered.
        kwargs.setdefault("max_length", MOST * (LONGEST + 2) * 2)
        super().__init__(**{"required": False, "rows": 3, "strip": True, **kwargs})

    def clean(self, value: Any) -> tuple[str, ...]:  # type: ignore[override]
        lines = [" ".join(line.split()) for line in (super().clean(value) or "").splitlines()]
        criteria = tuple(one_line(line) for line in lines if line)
        if len(criteria) > MOST:
            raise forms.ValidationError(_("Write at most %(most)d lines.") % {"most": MOST})
        if any(len(line) > LONGEST for line in criteria):
            raise forms.ValidationError(_("Keep each line under %(most)d characters.") % {"most": LONGEST + 1})
        return criteria


def _focus(form: forms.Form) -> None:
    """Let typing begin with the amount. A form that was sent leaves the focus to what is wrong with it."""
    if not form.is_bound:
        form.fields["amount"].widget.attrs["autofocus"] = True


class CreateForm(forms.Form):
    """Step one of creating a milestone: how much, and for what."""

    def __init__(self, award: Award, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = AmountField(currency=award.currency, label=gettext_lazy("Amount"))
        _focus(self)
        self.fields["task"] = OneLineField(
            label=gettext_lazy("Task"),
            max_length=200,
            help_text=gettext_lazy("What is to be delivered for this sum."),
        )


class ReleaseForm(forms.Form):
    """Step one of releasing: how much of what is held."""

    def __init__(self, milestone: Milestone, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"amount": typed_minor(milestone.held, milestone.currency)})
        super().__init__(*args, **kwargs)
        self.milestone = milestone
        self.fields["amount"] = AmountField(currency=milestone.currency, label=gettext_lazy("Amount"))
        _focus(self)

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount > self.milestone.held:
            held = format_minor(self.milestone.held, self.milestone.currency)
            raise forms.ValidationError(_("Only %(held)s is held.") % {"held": held})
        return amount


class CancelForm(forms.Form):
    """Step one of cancelling: a word to the other side, if wanted."""

    reason = ManyLinesField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=500,
        rows=3,
        help_text=gettext_lazy("Optional. The other side can read it."),
    )
