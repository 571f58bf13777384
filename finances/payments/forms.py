"""Forms about money from and to the outside. Amounts are cleaned to minor units of the currency chosen beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.fields import OneLineField, TypedAmountField
from config.money import BadAmount, currency_name, format_minor, parse_amount
from finances.payments.models import Instrument


def currency_choices(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Return *codes* with their names, for a select."""
    return [(code, f"{code} · {currency_name(code)}") for code in codes]


class InstrumentField(forms.ModelChoiceField):
    """One of the member's own, as a list of which all can be seen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.RadioSelect, empty_label=None, **kwargs)
        gone = gettext_lazy("This one can't be used (any more). Choose another one.")
        self.error_messages["invalid_choice"] = gone

    def label_from_instance(self, obj: Any) -> str:
        instrument: Instrument = obj
        if not instrument.currency:
            return str(instrument)
        return _("%(name)s · in %(currency)s") % {"name": instrument, "currency": instrument.currency}


class MoneyForm(forms.Form):
    """How much, in which currency, through which of the member's own instruments (the field *name*)."""

    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    amount = TypedAmountField(label=gettext_lazy("Amount"))

    def __init__(
        self, data: Any = None, *, name: str, label: Any, instruments: Any, currencies: Sequence[str], initial: Any
    ) -> None:
        super().__init__(data, initial=initial)
        self.name = name
        self.fields["currency"].choices = currency_choices(currencies)  # type: ignore[attr-defined]
        self.fields[name] = InstrumentField(
            queryset=instruments,
            label=label,
            error_messages={"required": gettext_lazy("Choose one.")},
        )
        if not self.is_bound:
            self.fields["amount"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        currency, instrument = cleaned.get("currency"), cleaned.get(self.name)
        if currency and "amount" in cleaned:
            try:
                cleaned["amount"] = parse_amount(cleaned["amount"], currency)
            except BadAmount as error:
                self.add_error("amount", str(error))
        if currency and instrument and instrument.currency not in ("", currency):
            words = _("This one is in %(its)s. Choose another one, or the currency %(its)s.")
            self.add_error(self.name, words % {"its": instrument.currency})
        return cleaned

    @property
    def instrument(self) -> Any:
        """The bound field of the instrument, for the template."""
        return self[self.name]


class WithdrawForm(MoneyForm):
    """A sum that the wallet has. *available* says how much there is by currency, in minor units."""

    def __init__(self, *args: Any, available: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.available = available

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        currency, amount = cleaned.get("currency"), cleaned.get("amount")
        if currency and isinstance(amount, int) and amount > self.available[currency]:
            there = format_minor(self.available[currency], currency)
            self.add_error("amount", _("You have only %(there)s available.") % {"there": there})
        return cleaned


class NewForm(forms.Form):
    """What to add: a card, or a bank account in one currency."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What do you want to add?"), choices=Instrument.Kind.choices, widget=forms.RadioSelect
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency of the bank account"))

    def __init__(self, data: Any = None, *, only_bank: bool, currencies: Sequence[str], currency: str = "") -> None:
        super().__init__(data, initial={"kind": Instrument.Kind.CARD, "currency": currency})
        self.fields["currency"].choices = currency_choices(currencies)  # type: ignore[attr-defined]
        if only_bank:
            del self.fields["kind"]
        else:
            self.fields["currency"].help_text = _("For bank accounts only: a card can pay in any currency.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.setdefault("kind", Instrument.Kind.BANK if "kind" not in self.fields else "") == "card":
            cleaned["currency"] = ""
        return cleaned


class CodeForm(forms.Form):
    """The code of the small charge."""

    code = OneLineField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter the code.")},
    )


class NameForm(forms.Form):
    """What its owner calls it."""

    name = OneLineField(
        label=gettext_lazy("Name"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Only you see it. Without one, the name of the card or bank stands here."),
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
