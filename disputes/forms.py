"""Forms of the two sides. Sums are cleaned to minor units of the dispute's currency, and may be nothing."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.fields import AmountField, FilesField, ManyLinesField
from config.money import format_minor, typed_minor
from disputes.checking import plain_digest
from disputes.models import Dispute, Said
from disputes.models.evidence import LONGEST_TEXT, MOST_LINKS
from milestones.models import Milestone

NOTHING = re.compile(r"0+([.,]0{0,4})?")
LONGEST_LINK = 500


class ShareField(AmountField):
    """A sum from nothing to *most* minor units of *currency*."""

    default_error_messages = {"required": gettext_lazy("Enter an amount, or 0 for nothing.")}

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def clean(self, value: Any) -> int | None:
        text = str(value or "").strip()
        minor = 0 if NOTHING.fullmatch(text) else super().clean(value)
        if minor is not None and minor > self.most:
            words = _("Only %(held)s is held of it.") % {"held": format_minor(self.most, self.currency)}
            raise forms.ValidationError(words)
        return minor


class LinksField(ManyLinesField):
    """Addresses of web pages, one a line, cleaned to a list."""

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        links = [line.strip() for line in (super().clean(value) or "").splitlines() if line.strip()]
        if len(links) > MOST_LINKS:
            raise forms.ValidationError(_("Give at most %(most)d links.") % {"most": MOST_LINKS})
        valid = URLValidator(schemes=["http", "https"])
        for link in links:
            try:
                valid(link)
                whole = len(link) <= LONGEST_LINK and "@" not in urlsplit(link).netloc
            except forms.ValidationError:
                whole = False
            if not whole:
                raise forms.ValidationError(
                    _("“%(link)s” is no address of a web page that begins with http:// or https://.")
                    % {"link": link[:80]}
                )
        return links


def text_field(**kwargs: Any) -> ManyLinesField:
    """Return the field for a piece of evidence in words."""
    return ManyLinesField(label=gettext_lazy("In words"), max_length=LONGEST_TEXT, required=False, **kwargs)


def links_field() -> LinksField:
    """Return the field for links, as evidence."""
    return LinksField(
        label=gettext_lazy("Links"),
        required=False,
        rows=2,
        max_length=MOST_LINKS * (LONGEST_LINK + 2),
        help_text=gettext_lazy("One a line."),
    )


class EvidenceForm(forms.Form):
    """A piece of evidence: text, links, files; some of it at least."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"] = text_field(rows=5)
        self.fields["links"] = links_field()
        self.fields["files"] = FilesField(label=gettext_lazy("Files"), required=False)

    def clean(self) -> dict[str, Any]:
        """Also refuse nothing at all."""
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Write something, give a link, or choose a file."))
        return cleaned

    @property
    def said(self) -> Said:
        """What was handed in."""
        return Said(**self.cleaned_data)


class AbsenceForm(forms.Form):
    """For how many days a side is away; *most* is how many the dispute's rules allow."""

    def __init__(self, most: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"] = forms.IntegerField(
            label=gettext_lazy("Days"),
            min_value=1,
            max_value=most,
            help_text=_("From now on; at most %(most)d.") % {"most": most},
        )


class DigestForm(forms.Form):
    """A digest that somebody has on paper, and the number of its event."""

    number = forms.IntegerField(label=gettext_lazy("Number of the event"), min_value=1, max_value=10**9)
    digest = forms.CharField(label=gettext_lazy("Its digest"), max_length=200)

    def clean_digest(self) -> str:
        """Return the bare digest."""
        digest = plain_digest(self.cleaned_data["digest"])
        if not digest:
            raise forms.ValidationError(_("A digest has 64 digits, from 0 to 9 and from a to f."))
        return digest


class SharesForm(forms.Form):
    """What the freelancer would get of each milestone of a dispute, and words to it."""

    def __init__(self, dispute: Dispute, label: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = dispute.milestones
        for part in self.parts:
            self.fields[_name(part.milestone_id)] = ShareField(
                currency=dispute.currency, most=part.held, label=label % {"task": part.milestone.task}
            )
        self.fields["words"] = ManyLinesField(
            label=gettext_lazy("What you say to it"), required=False, max_length=2000, rows=3
        )

    @property
    def share_fields(self) -> list[forms.BoundField]:
        """The fields for sums, in the order of the dispute's milestones."""
        return [self[_name(part.milestone_id)] for part in self.parts]

    @property
    def split(self) -> list[int]:
        """What was typed, in the order of the dispute's milestones."""
        return [self.cleaned_data[_name(part.milestone_id)] for part in self.parts]


class OpenForm(forms.Form):
    """Which of *milestones* are disputed, what is offered of each, what is claimed, and the first evidence.

    *label* names the sum from the reader's side, with ``%(task)s``.
    """

    def __init__(self, milestones: Sequence[Milestone], chosen: int, label: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.milestones = milestones
        for each in milestones:
            self.fields[f"choose_{each.pk}"] = forms.BooleanField(
                label=each.task,
                required=False,
                initial=each.pk == chosen,
                help_text=_("%(held)s is held.") % {"held": format_minor(each.held, each.currency)},
            )
            self.fields[_name(each.pk)] = ShareField(
                currency=each.currency, most=each.held, required=False, label=label % {"task": each.task}
            )
        self.fields["claim"] = ManyLinesField(
            label=gettext_lazy("What is wrong"),
            max_length=5000,
            rows=5,
            help_text=gettext_lazy("What was agreed, what is missing or different, and what you want."),
        )
        self.fields["text"] = text_field(rows=3)
        self.fields["links"] = links_field()

    def clean(self) -> dict[str, Any]:
        """Also require a milestone, and a sum for each that was chosen."""
        cleaned = super().clean() or {}
        chosen = [each for each in self.milestones if cleaned.get(f"choose_{each.pk}")]
        if not chosen:
            raise forms.ValidationError(_("Choose at least one milestone."))
        for each in chosen:
            name = _name(each.pk)
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, ShareField.default_error_messages["required"])
        return cleaned

    @property
    def lines(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """For each milestone the fields that choose it and say what is offered of it."""
        return [(self[f"choose_{each.pk}"], self[_name(each.pk)]) for each in self.milestones]

    @property
    def offered(self) -> dict[int, int]:
        """What is offered of each milestone that was chosen, by its number."""
        return {
            each.pk: self.cleaned_data[_name(each.pk)]
            for each in self.milestones
            if self.cleaned_data[f"choose_{each.pk}"]
        }

    @property
    def said(self) -> Said:
        """The first evidence, if any."""
        return Said(self.cleaned_data["text"], self.cleaned_data["links"])


def as_typed(dispute: Dispute, split: Sequence[int]) -> dict[str, str]:
    """Return *split* the way it would be typed into a ``SharesForm``."""
    typed = [typed_minor(minor, dispute.currency) for minor in split]
    return dict(zip((_name(part.milestone_id) for part in dispute.milestones), typed, strict=True))


def _name(milestone: int) -> str:
    return f"share_{milestone}"
