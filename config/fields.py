"""Form fields for money, for words and for files."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import uploads
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


class FilesInput(forms.FileInput):
    """A box for several files at once."""

    allow_multiple_selected = True


def _limits() -> str:
    return _("Up to %(count)d files of at most %(megabytes)d MB: pictures, PDF, plain text, ZIP archives.") % {
        "count": settings.MAX_FILES,
        "megabytes": settings.MAX_FILE_MB,
    }


class FilesField(forms.FileField):
    """Several files, cleaned to a list of ``uploads.Checked``; an empty list where none was chosen.

    Its form needs ``enctype="multipart/form-data"``, and with htmx ``hx-encoding="multipart/form-data"`` as well.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", FilesInput(attrs={"accept": uploads.ACCEPT}))
        kwargs.setdefault("help_text", lazy(_limits, str)())
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[uploads.Checked]:  # type: ignore[override]
        files = list(data) if isinstance(data, Iterable) and not hasattr(data, "read") else [data]
        files = [file for file in files if file not in self.empty_values]
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(files) > settings.MAX_FILES:
            raise uploads.too_many()
        checked, errors = [], []
        for file in files:
            try:
                checked.append(uploads.check(file))
            except forms.ValidationError as error:
                errors.append(error)
        if errors:
            raise forms.ValidationError(errors)
        return checked
