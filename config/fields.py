"""Form fields for money and for words."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from config.money import BadAmount, parse_amount
from config.words import many_lines, one_line

LONGEST_AMOUNT = 40  # characters that the box takes; what is longer is answered like any other bad number


class TypedAmountField(forms.CharField):
    """An amount as it was typed, where its currency is known only together with other fields."""

    default_error_messages = {"required": gettext_lazy("Enter an amount.")}

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "maxlength": LONGEST_AMOUNT}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)


class AmountField(TypedAmountField):
    """An amount of *currency*, typed as the reader writes numbers; cleaned to whole minor units."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.currency = currency

    def clean(self, value: Any) -> int | None:  # type: ignore[override]
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_amount(text, self.currency)
        except BadAmount as error:
            raise forms.ValidationError(str(error)) from error


class OneLineField(forms.CharField):
    """A name or a title: one line of characters that can be seen."""

    def clean(self, value: Any) -> str:
        return one_line(super().clean(value))


class ManyLinesField(forms.CharField):
    """A text with line breaks, and without characters that only control how it is shown."""

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        return many_lines(super().clean(value))
