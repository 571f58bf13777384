"""What is written in conversations with support."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config.fields import FilesField, ManyLinesField, OneLineField
from support.chat.models import SavedAnswer
from support.chat.models.conversations import STARS
from support.chat.models.messages import LONGEST


class WritingForm(forms.Form):
    """Words, files, or both. ``key`` makes a double click say it once."""

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


class NewForm(WritingForm):
    """A conversation's first message, with what it is about in a few words."""

    title = OneLineField(label=gettext_lazy("What is it about?"), max_length=120)
    field_order = ("title", "text", "files")


class RatingForm(forms.Form):
    """How it was."""

    stars = forms.TypedChoiceField(
        label=gettext_lazy("How did we do?"),
        coerce=int,
        widget=forms.RadioSelect,
        choices=[
            (5, gettext_lazy("Very well")),
            (4, gettext_lazy("Well")),
            (3, gettext_lazy("Fair")),
            (2, gettext_lazy("Badly")),
            (1, gettext_lazy("Very badly")),
        ],
    )
    words = ManyLinesField(
        label=gettext_lazy("What should we know? (optional)"), required=False, rows=2, max_length=1_000
    )
    assert len(STARS) == 5


class AnswerForm(WritingForm):
    """What support says, or notes for itself."""

    saved = forms.ModelChoiceField(SavedAnswer.objects.all(), label=gettext_lazy("Saved answer"), required=False)
    field_order = ("saved", "text", "files")


class HandOverForm(forms.Form):
    """To whom, or to nobody yet."""

    to = forms.ModelChoiceField(
        Member.objects.none(),
        label=gettext_lazy("Hand over to"),
        required=False,
        empty_label=gettext_lazy("Nobody yet"),
    )

    def __init__(self, *args: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues  # type: ignore[attr-defined]
