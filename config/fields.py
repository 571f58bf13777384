"""Form fields for money."""

from typing import Any

from django import forms

from config.money import BadAmount, parse_amount


class AmountField(forms.CharField):
    """An amount of *currency*, typed as the reader writes numbers; cleaned to whole minor units."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        kwargs.setdefault("max_length", 40)
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
