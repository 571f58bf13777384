"""Forms about milestones. Amounts are cleaned to minor units of the milestone's currency."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.fields import AmountField, FilesField, ManyLinesField, OneLineField
from config.money import format_minor, typed_minor
from milestones.models import Milestone
from milestones.models.messages import LONGEST
from projects.models import Award


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


class MessageForm(forms.Form):
    """A message to the other side: words, files, or both. ``key`` makes a double click say it once."""

    text = ManyLinesField(label=gettext_lazy("Message"), required=False, rows=3)
    files = FilesField(label=gettext_lazy("Files"), required=False)  # type: ignore[assignment]  # by name only
    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n")  # as it was counted while it was typed
        if len(text) > LONGEST:
            words = _("This is %(length)d characters long; a message has %(most)d at most.")
            raise forms.ValidationError(words % {"length": len(text), "most": LONGEST})
        return text

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.errors and not said["text"] and not said["files"]:
            self.add_error("text", _("Write something, or choose a file."))
        return said
