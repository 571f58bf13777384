"""Forms about members."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import MailChoice, Member
from accounts.notice_groups import GROUPS
from config.fields import OneLineField


class SignupForm(forms.Form):
    """What allauth's sign-up asks beside e-mail and password."""

    name = OneLineField(
        label=_("Your name"),
        max_length=80,
        help_text=_("The people you work with see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request: HttpRequest, member: Member) -> None:
        member.name = self.cleaned_data["name"]
        member.language = get_language() or ""  # in which they will be written to
        member.save(update_fields=["name", "language"])


def time_zones() -> list[tuple[str, Any]]:
    """Return the choices of a time zone; the empty one follows the browser."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [("", _("As my browser says")), ("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class PreferencesForm(forms.ModelForm):
    """What members can say about themselves."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=lambda: [("", _("As my browser says")), *settings.LANGUAGES],
        required=False,
        help_text=_("Of the pages and of the e-mails you get."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, required=False)

    class Meta:
        model = Member
        fields = ["name", "language", "time_zone"]
        field_classes = {"name": OneLineField}
        labels = {"name": _("Your name")}
        help_texts = {"name": _("The people you work with see it.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class MailChoiceForm(forms.Form):
    """Which notifications are mailed, and when."""

    everything = forms.BooleanField(label=_("Send me e-mail about what happens"), required=False)
    delivery = forms.ChoiceField(
        label=_("When"),
        choices=MailChoice.Delivery.choices,
        widget=forms.RadioSelect,
        help_text=_("Together: in one mail in the morning of your time zone, without what you have read by then."),
    )

    def __init__(self, *args: Any, choice: MailChoice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"delivery": choice.delivery, "everything": MailChoice.EVERYTHING not in choice.off}
        for key, group in GROUPS.items():
            self.initial[key] = key not in choice.off
            title, words = str(group.title), str(group.words)
            self.fields[key] = forms.BooleanField(label=title, help_text=words, required=False)

    def groups(self) -> list[forms.BoundField]:
        """The switches of the groups, for the template."""
        return [self[key] for key in GROUPS]

    def off(self) -> list[str]:
        """Return what is switched off. The groups keep their switches while everything is off."""
        everything = [] if self.cleaned_data["everything"] else [MailChoice.EVERYTHING]
        return everything + [key for key in GROUPS if not self.cleaned_data[key]]
