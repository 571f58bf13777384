"""Forms about milestones. Amounts are cleaned to minor units of the milestone's currency."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.fields import AmountField, FilesField, ManyLinesField, OneLineField, TypedAmountField
from config.money import (
    LARGEST,
    BadAmount,
    BadPercent,
    format_minor,
    parse_amount,
    parse_percent,
    shares,
    typed_minor,
)
from config.words import one_line
from milestones.models import Milestone, ReleaseRequest
from milestones.models.criteria import LONGEST, MOST
from milestones.models.messages import LONGEST as LONGEST_MESSAGE
from projects.models import Award

# What a number without a sign is.
SUM, PERCENT = "sum", "percent"


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


class SumOrShareField(TypedAmountField):
    """A sum of *currency*, or a percentage: with its sign, or without where *bare* numbers are percentages.

    Cleaned to whole minor units (int) or to the percentage (Decimal).
    """

    def __init__(self, *, currency: str, bare: str = SUM, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.currency, self.bare = currency, bare

    def clean(self, value: Any) -> int | Decimal | None:  # type: ignore[override]
        text = super().clean(value).strip()
        if not text:
            return None
        try:
            if self.bare == PERCENT or text.endswith("%"):
                return parse_percent(text)
            return parse_amount(text, self.currency)
        except (BadAmount, BadPercent) as error:
            raise forms.ValidationError(str(error)) from error


def _focus(form: forms.Form) -> None:
    """Let typing begin with the amount. A form that was sent leaves the focus to what is wrong with it."""
    if not form.is_bound:
        form.fields["amount"].widget.attrs["autofocus"] = True


class CreateForm(forms.Form):
    """Step one of creating a milestone: how much (a sum, or a percentage of what was agreed), and for what.

    ``cleaned_data["amount"]`` is in minor units either way.
    """

    advance = forms.BooleanField(
        label=gettext_lazy("Advance"), required=False, help_text=gettext_lazy("Paid on trust, before the work is done.")
    )
    criteria = CriteriaField()
    # The request that this milestone answers, if it does.
    request = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, award: Award, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.award = award
        self.fields["unit"] = forms.ChoiceField(
            label=gettext_lazy("Counted in"),
            required=False,
            choices=[(SUM, award.currency), (PERCENT, gettext_lazy("% of the agreed sum"))],
        )
        bare = PERCENT if self.data.get("unit") == PERCENT else SUM
        self.fields["amount"] = SumOrShareField(currency=award.currency, bare=bare, label=gettext_lazy("Amount"))
        _focus(self)
        self.fields["task"] = OneLineField(
            label=gettext_lazy("Task"),
            max_length=200,
            help_text=gettext_lazy("What is to be delivered for this sum."),
        )
        self.order_fields(["amount", "unit", "task", "criteria", "advance", "request"])

    def clean_amount(self) -> int:
        amount: int | Decimal = self.cleaned_data["amount"]
        if isinstance(amount, Decimal):
            (amount,) = checked(shares(self.award.amount, [amount]), self.award.currency)
        return amount


def checked(minors: list[int], currency: str) -> list[int]:
    """Return *minors*, which percentages came to. ValidationError where one is nothing, or more than can be paid."""
    if 0 in minors:
        least = format_minor(1, currency)
        raise forms.ValidationError(_("That percentage comes to less than %(least)s.") % {"least": least})
    if any(minor > LARGEST for minor in minors):
        raise forms.ValidationError(_("That is more than one payment can hold."))
    return minors


class ReleaseForm(forms.Form):
    """Step one of releasing: how much of what is held; filled in with what was *asked* for, else with all of it."""

    def __init__(self, milestone: Milestone, asked: ReleaseRequest | None, *args: Any, **kwargs: Any) -> None:
        filled_in = asked.sum if asked else milestone.held
        kwargs.setdefault("initial", {"amount": typed_minor(filled_in, milestone.currency)})
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


class ReasonForm(forms.Form):
    """A request, or an answer to one, that the other side is to understand."""

    reason = ManyLinesField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        rows=4,
        help_text=gettext_lazy("The other side can read it."),
    )


class ReturnForm(ReasonForm):
    """How much of what was released is asked back, and why. *returnable* minor units can be, at most."""

    field_order = ("amount", "reason")

    def __init__(self, milestone: Milestone, returnable: int, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"amount": typed_minor(returnable, milestone.currency)})
        super().__init__(*args, **kwargs)
        self.milestone, self.returnable = milestone, returnable
        self.fields["amount"] = AmountField(currency=milestone.currency, label=gettext_lazy("Amount"))
        self.order_fields(self.field_order)
        _focus(self)

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount > self.returnable:
            most = format_minor(self.returnable, self.milestone.currency)
            raise forms.ValidationError(_("Only %(most)s can be asked back.") % {"most": most})
        return amount


class AskReleaseForm(forms.Form):
    """What the freelancer asks to be released of what is held, with a note, the checklist and files of the work."""

    def __init__(self, milestone: Milestone, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"amount": typed_minor(milestone.held, milestone.currency)})
        super().__init__(*args, **kwargs)
        self.milestone = milestone
        self.fields["amount"] = AmountField(currency=milestone.currency, label=gettext_lazy("Amount"))
        if lines := [(line.pk, line.words) for line in milestone.criteria.all()]:
            self.fields["done"] = forms.TypedMultipleChoiceField(
                label=gettext_lazy("What is done"),
                choices=lines,
                coerce=int,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=gettext_lazy("Tick what is done. What you leave out is shown as not done yet."),
            )
        self.fields["note"] = ManyLinesField(
            label=gettext_lazy("Note"),
            required=False,
            max_length=2000,
            rows=4,
            help_text=gettext_lazy("What you have done, and where it is to be seen."),
        )
        self.fields["files"] = FilesField(label=gettext_lazy("Files of the work"), required=False)
        _focus(self)

    def clean_amount(self) -> int | None:
        """None where all that is held is asked for."""
        amount: int = self.cleaned_data["amount"]
        held = self.milestone.held
        if amount > held:
            words = {"held": format_minor(held, self.milestone.currency)}
            raise forms.ValidationError(_("Only %(held)s is held.") % words)
        return amount if amount < held else None


class CriteriaForm(forms.Form):
    """The whole checklist anew; with a note where the other side has to agree."""

    def __init__(self, milestone: Milestone, own: bool, *args: Any, **kwargs: Any) -> None:
        self.before = tuple(line.words for line in milestone.criteria.all())
        kwargs.setdefault("initial", {"criteria": "\n".join(self.before)})
        super().__init__(*args, **kwargs)
        self.fields["criteria"] = CriteriaField(rows=8)
        self.fields["criteria"].widget.attrs["autofocus"] = True
        if not own:
            self.fields["note"] = ManyLinesField(
                label=gettext_lazy("Why"),
                required=False,
                max_length=2000,
                rows=3,
                help_text=gettext_lazy("The other side can read it."),
            )

    def clean_criteria(self) -> tuple[str, ...]:
        lines: tuple[str, ...] = self.cleaned_data["criteria"]
        if lines == self.before:
            raise forms.ValidationError(_("It reads like this already. Change a line first."))
        return lines


class MessageForm(forms.Form):
    """A message to the other side: words, files, or both. ``key`` makes a double click say it once."""

    text = ManyLinesField(label=gettext_lazy("Message"), required=False, rows=3)
    files = FilesField(label=gettext_lazy("Files"), required=False)  # type: ignore[assignment]  # by name only
    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n")  # as it was counted while it was typed
        if len(text) > LONGEST_MESSAGE:
            words = _("This is %(length)d characters long; a message has %(most)d at most.")
            raise forms.ValidationError(words % {"length": len(text), "most": LONGEST_MESSAGE})
        return text

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.errors and not said["text"] and not said["files"]:
            self.add_error("text", _("Write something, or choose a file."))
        return said
