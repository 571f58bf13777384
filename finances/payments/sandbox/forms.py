"""What is chosen on the sandbox's pages. No number is typed here, so nobody can type a real one."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from finances.payments.sandbox.instruments import Instrument
from finances.payments.sandbox.models import SandboxInstrument, SandboxSetup


class SetupForm(forms.Form):
    """Which of the test cards or accounts to add."""

    number = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose one of them."),
            "invalid_choice": gettext_lazy("Only test cards and test accounts can be added here."),
        },
    )

    def __init__(self, setup: SandboxSetup, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["number"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.number, _label(each)) for each in setup.choices]
        if setup.kind == SandboxInstrument.Kind.CARD:
            field.label = gettext_lazy("Test card")
        else:
            field.label = gettext_lazy("Test account")
        field.initial = setup.choices[0].number
        self.known = {each.number: each for each in setup.choices}

    @property
    def chosen(self) -> Instrument:
        return self.known[self.cleaned_data["number"]]


def _label(instrument: Instrument) -> str:
    return format_html(
        '<span><strong class="nowrap">{}</strong> {}<br><span class="soft">{}</span></span>',
        instrument.number,
        instrument.name,
        instrument.words,
    )


class StepForm(forms.Form):
    """The person's answer to their bank."""

    answer = forms.ChoiceField(choices=[("confirm", ""), ("refuse", "")])
