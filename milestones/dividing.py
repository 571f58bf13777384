"""The form that divides money into several milestones, in sums or in percentages of a whole (P14)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.fields import AmountField
from config.money import format_minor, shares, typed_minor
from milestones.forms import PERCENT, SUM, SumOrShareField, checked
from milestones.parts import MOST_PARTS, Part
from projects.forms import TaskRow, WholeRows
from projects.models import Award

AGREED, LEFT, TYPED = "agreed", "left", "typed"
FEW = 3  # rows that an empty page begins with
NAMES = ("task", "amount", "advance")


class Row(TaskRow):
    """One milestone: what for, and how much of what."""

    def __init__(self, *args: Any, currency: str, bare: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        amount = SumOrShareField(currency=currency, bare=bare, label=gettext_lazy("Amount"), required=False)
        self.fields["amount"] = amount
        self.fields["advance"] = forms.BooleanField(label=gettext_lazy("Advance"), required=False)


NOT_WHOLE = gettext_lazy("The page did not arrive whole. Please check it and send it again.")


class Rows(WholeRows):
    """The rows of the page."""

    not_whole = NOT_WHOLE
    default_error_messages = {
        "missing_management_form": NOT_WHOLE,
        "too_many_forms": gettext_lazy("At most %(num)d milestones are made at once."),
    }


RowSet = forms.formset_factory(Row, formset=Rows, extra=FEW, max_num=MOST_PARTS, absolute_max=MOST_PARTS)


class Line(NamedTuple):
    """A row with what it comes to: *percent* where it is one, *minor* units, and the row's place on the page."""

    place: int
    task: str
    minor: int
    percent: Decimal | None
    advance: bool


class DivideForm(forms.Form):
    """Several milestones at once. ``cleaned_data["lines"]`` are those that are to be made.

    What a row says is a sum, or a percentage of the whole that is chosen. Percentages together are rounded once, and
    divided so that no minor unit is lost: parts of 100% are the whole.
    """

    def __init__(self, award: Award, left: int, data: Any = None, *, initial: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(data, initial={"of": SUM})
        self.award, self.left, code = award, max(left, 0), award.currency
        sums = {"agreed": format_minor(award.amount, code), "left": format_minor(self.left, code)}
        choices = [
            (SUM, _("sums in %(currency)s") % {"currency": code}),
            (AGREED, _("percentages of the agreed sum (%(agreed)s)") % sums),
            (LEFT, _("percentages of what is left (%(left)s)") % sums),
            (TYPED, _("percentages of a sum that I type")),
        ]
        self.fields["of"] = forms.ChoiceField(
            label=gettext_lazy("The amounts below are"), choices=choices, widget=forms.RadioSelect
        )
        self.fields["whole"] = AmountField(currency=code, label=gettext_lazy("The sum to divide"), required=False)
        bare = SUM if self.data.get("of", SUM) == SUM else PERCENT
        rows = list(initial)[:MOST_PARTS]
        self.rows = RowSet(data, initial=rows, prefix="part", form_kwargs={"currency": code, "bare": bare})
        self.rows.extra = 0 if rows else FEW

    @classmethod
    def with_more(cls, award: Award, left: int, data: Any, more: int) -> "DivideForm":
        """Return the form as it was typed so far, unchecked, with *more* empty rows at its end."""
        numbers = [n for n in range(MOST_PARTS) if f"part-{n}-task" in data or f"part-{n}-amount" in data]
        rows = [{name: data.get(f"part-{n}-{name}", "") for name in NAMES} for n in numbers]
        form = cls(award, left, initial=rows)
        form.initial = {"of": data.get("of", SUM), "whole": data.get("whole", "")}
        form.rows.extra = max(0, min(more, MOST_PARTS - len(rows)))
        if form.rows.extra:
            form.rows.forms[len(rows)].fields["task"].widget.attrs["autofocus"] = True
        return form

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.rows.is_valid():
            raise forms.ValidationError(_("Something in the milestones is not right yet."))
        if "of" in self.errors or "whole" in self.errors:
            return cleaned
        wanted = [row for row in self.rows if row.cleaned_data.get("amount")]
        if not wanted:
            if self.rows.forms:  # a page of ours has rows; what was made up may have none
                self.rows[0].add_error("task", _("Write down at least one task."))
            raise forms.ValidationError(_("There is nothing to create yet."))
        if self.of_nothing():
            return cleaned
        lines = self.lines()
        for line in lines:
            try:
                checked([line.minor], self.award.currency)
            except forms.ValidationError as error:
                self.rows[line.place].add_error("amount", error)
        if any(row.errors for row in wanted):
            raise forms.ValidationError(_("Something in the milestones is not right yet."))
        return {**cleaned, "lines": lines}

    def of_nothing(self) -> bool:
        """Whether the whole that percentages are of is not there; says so at its field."""
        of = self.cleaned_data.get("of")
        if of == LEFT and not self.left:
            self.add_error("of", _("Nothing is left of the agreed sum. Choose something else."))
        if of == TYPED and not self.cleaned_data.get("whole"):
            self.add_error("whole", _("Type the sum that the percentages are of."))
        return bool(self.errors)

    @property
    def whole(self) -> int:
        """What percentages are of, in minor units; 0 where nothing (valid) is chosen."""
        return {
            SUM: self.award.amount,
            AGREED: self.award.amount,
            LEFT: self.left,
            TYPED: self.cleaned_data.get("whole") or 0,
        }.get(self.cleaned_data.get("of", ""), 0)

    def lines(self) -> list[Line]:
        """Return what each row that has an amount comes to, as far as it can be read."""
        found = [(place, getattr(row, "cleaned_data", {})) for place, row in enumerate(self.rows)]
        amounts = {place: row["amount"] for place, row in found if row.get("amount")}
        percents = {place: amount for place, amount in amounts.items() if isinstance(amount, Decimal)}
        if percents:
            parts = shares(self.whole, list(percents.values()))
            amounts |= dict(zip(percents, parts, strict=True))
        return [
            Line(place, row.get("task", ""), amounts[place], percents.get(place), row.get("advance", False))
            for place, row in found
            if place in amounts
        ]

    def focus(self) -> None:
        """Let the first field that is wrong have the focus where the form is shown again."""
        for form in (self, *self.rows):
            for field in form:
                if field.errors:
                    field.field.widget.attrs["autofocus"] = True
                    return

    @property
    def names(self) -> list[str]:
        """The names of all that the page sends, for a form that sends it again."""
        return [*self.fields, *(f"part-{name}" for name in ("TOTAL_FORMS", "INITIAL_FORMS")), *self._in_rows()]

    def _in_rows(self) -> Iterable[str]:
        return (f"{row.prefix}-{name}" for row in self.rows for name in NAMES)


def as_typed(parts: Iterable[Part], currency: str) -> list[dict[str, Any]]:
    """Return *parts* as the page's rows have them."""
    return [
        {"task": part.task, "amount": typed_minor(part.amount, currency), "advance": part.advance} for part in parts
    ]
