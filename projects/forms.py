"""Forms about projects and bids. Amounts are cleaned to minor units of the project's currency."""

import re
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import pictures
from accounts.models import Profile
from config import fees, uploads
from config.fields import AmountField, ManyLinesField, OneLineField, TypedAmountField
from config.money import BadAmount, currency_name, format_minor, parse_amount, typed_minor
from projects import fee_words
from projects.models import Bid, Project
from projects.models.reviews import LONGEST

LARGEST_ID = 2**63 - 1
LARGEST_PLAN = 20
MOST_SKILLS = 10
LONGEST_SKILL = 40


class SkillsField(OneLineField):
    """Skills with commas between them; cleaned to a list, each once, in lower case."""

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        skills = Project.folded((super().clean(value) or "").split(","))
        if len(skills) > MOST_SKILLS:
            raise forms.ValidationError(_("Name at most %(most)d skills.") % {"most": MOST_SKILLS})
        if any(len(skill) > LONGEST_SKILL for skill in skills):
            raise forms.ValidationError(_("Keep each skill under %(most)d characters.") % {"most": LONGEST_SKILL + 1})
        return skills


class ProjectForm(forms.Form):
    """What an employer says about the work. The currency is asked once and stays: bids are made in it."""

    title = OneLineField(
        label=gettext_lazy("Title"), max_length=120, help_text=gettext_lazy("What is to be done, in a few words.")
    )
    description = ManyLinesField(
        label=gettext_lazy("Description"),
        max_length=10_000,
        rows=8,
        help_text=gettext_lazy("What you need, what is there already, and how you will know that it is done."),
    )
    skills = SkillsField(
        label=gettext_lazy("Skills"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("At most ten, with commas between them."),
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), help_text=gettext_lazy("Bids and payments are made in it. It can't be changed.")
    )
    budget_from = TypedAmountField(label=gettext_lazy("Budget from"))
    budget_to = TypedAmountField(label=gettext_lazy("Budget to"))

    def __init__(self, *args: Any, project: Project | None = None, **kwargs: Any) -> None:
        if project:
            kwargs.setdefault("initial", _as_typed(project))
        super().__init__(*args, **kwargs)
        self.project = project
        if project:
            del self.fields["currency"]
        else:
            choices = [(code, f"{code} · {currency_name(code)}") for code in settings.CURRENCIES]
            self.fields["currency"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        currency = self.project.currency if self.project else cleaned.get("currency")
        if currency:
            self._parse("budget_from", currency)
            self._parse("budget_to", currency)
        low, high = cleaned.get("budget_from"), cleaned.get("budget_to")
        if currency and low and high and low > high:
            self.add_error("budget_to", _("This must not be less than the budget's lower end."))
        return cleaned

    def _parse(self, name: str, currency: str) -> None:
        if name in self.cleaned_data:
            try:
                self.cleaned_data[name] = parse_amount(self.cleaned_data[name], currency)
            except BadAmount as error:
                self.add_error(name, str(error))


def _as_typed(project: Project) -> dict[str, str]:
    return {
        "title": project.title,
        "description": project.description,
        "skills": ", ".join(project.skills),
        "budget_from": typed_minor(project.budget_from, project.currency),
        "budget_to": typed_minor(project.budget_to, project.currency),
    }


class SearchForm(forms.Form):
    """What one looks for among open projects, and the place in the list (``before`` or ``after`` a project's id)."""

    words = forms.CharField(
        label=gettext_lazy("Words"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    skill = forms.CharField(label=gettext_lazy("Skill"), required=False, max_length=LONGEST_SKILL)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), required=False)
    budget = TypedAmountField(label=gettext_lazy("Budget of at least"), required=False)
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)
    after = forms.IntegerField(required=False, min_value=0, max_value=LARGEST_ID, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", gettext_lazy("Any currency")), *((code, code) for code in settings.CURRENCIES)]
        self.fields["currency"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        budget, currency = cleaned.get("budget"), cleaned.get("currency")
        if budget and not currency:
            if "currency" not in self.errors:
                self.add_error("currency", _("Choose the currency of the budget."))
        elif budget and currency:
            try:
                cleaned["budget"] = parse_amount(budget, currency)
            except BadAmount as error:
                self.add_error("budget", str(error))
        return cleaned


class TaskRow(forms.Form):
    """A task and what it is paid: both, or neither. A subclass adds the field ``amount``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"] = OneLineField(label=gettext_lazy("Task"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        task, amount = cleaned.get("task"), cleaned.get("amount")
        if task and not amount and "amount" not in self.errors:
            self.add_error("amount", _("Say how much this task is."))
        if amount and not task and "task" not in self.errors:
            self.add_error("task", _("Say what this sum is for."))
        return cleaned


class WholeRows(forms.BaseFormSet):
    """Rows of tasks. What no page of ours sends is refused whole, with *not_whole*: nothing is dropped in silence."""

    not_whole: ClassVar[Any]  # a sentence, lazily translated

    def clean(self) -> None:
        stated: int = self.management_form.cleaned_data["TOTAL_FORMS"] or 0
        sent = re.compile(rf"{re.escape(str(self.prefix))}-([0-9]{{1,9}})-(?:task|amount)", re.ASCII)
        numbers = [int(found[1]) for name in self.data if (found := sent.fullmatch(name)) and self.data[name].strip()]
        if stated < 0 or any(number >= stated for number in numbers):
            raise forms.ValidationError(self.not_whole)


class PlanRow(TaskRow):
    """One milestone that the freelancer proposes."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = AmountField(currency=currency, label=gettext_lazy("Amount"), required=False)


NOT_WHOLE = gettext_lazy("The plan did not arrive whole. Please check it and send it again.")


class Plan(WholeRows):
    """The rows of a plan."""

    not_whole = NOT_WHOLE
    default_error_messages = {
        "missing_management_form": NOT_WHOLE,
        "too_many_forms": gettext_lazy("A plan has at most %(num)d milestones."),
    }


PlanFormSet = forms.formset_factory(PlanRow, formset=Plan, extra=3, max_num=LARGEST_PLAN, absolute_max=LARGEST_PLAN)


class BidForm(forms.Form):
    """A freelancer's offer, with ``plan``: a formset of the milestones that they propose."""

    days = forms.IntegerField(
        label=gettext_lazy("Days"), min_value=1, max_value=3650, help_text=gettext_lazy("How long you need for it.")
    )
    proposal = ManyLinesField(
        label=gettext_lazy("Proposal"),
        max_length=5_000,
        rows=6,
        help_text=gettext_lazy("How you would go about it, and why it should be you. Only the employer reads it."),
    )

    field_order = ("amount", "days", "proposal")

    def __init__(self, project: Project, data: Any = None, *, bid: Bid | None = None, add_rows: bool = False) -> None:
        currency = project.currency
        typed, rows = _typed_bid(data) if add_rows else _bid_as_typed(bid)
        super().__init__(None if add_rows else data, initial=typed)
        self.currency = currency
        fee, example = fees.current(currency).freelancer, bid.amount if bid else project.budget_to
        words = escape(fee_words.for_bid(currency, example, fee))  # help texts are marked up
        self.fields["amount"] = AmountField(currency=currency, label=gettext_lazy("Amount"), help_text=words)
        self.order_fields(self.field_order)
        self.plan = PlanFormSet(
            None if add_rows else data, initial=rows, prefix="plan", form_kwargs={"currency": currency}
        )
        self.plan.extra = max(1, 3 - len(rows)) if not add_rows else 3
        if add_rows and len(rows) < self.plan.total_form_count():
            self.plan.forms[len(rows)].fields["task"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.plan.is_valid():
            raise forms.ValidationError(_("Something in the plan of milestones is not right yet."))
        cleaned["plan"] = [row for row in self.plan.cleaned_data if row.get("task")]
        total = sum(row["amount"] for row in cleaned["plan"])
        if cleaned.get("amount") and total > cleaned["amount"]:
            words = _("The plan adds up to %(total)s, which is more than your bid.")
            raise forms.ValidationError(words % {"total": format_minor(total, self.currency)})
        return cleaned


def _bid_as_typed(bid: Bid | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the bid says, the way it would be typed."""
    if bid is None:
        return {}, []
    currency = bid.project.currency
    rows = [{"task": row["task"], "amount": typed_minor(row["amount"], currency)} for row in bid.plan]
    return {"amount": typed_minor(bid.amount, currency), "days": bid.days, "proposal": bid.proposal}, rows


def _typed_bid(data: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What was typed so far, unchecked, to be shown again with more rows for the plan."""
    names = ("task", "amount")
    rows = [{name: data.get(f"plan-{n}-{name}", "") for name in names} for n in range(LARGEST_PLAN)]
    return {name: data.get(name, "") for name in BidForm.field_order}, [row for row in rows if any(row.values())]


class PictureField(forms.FileField):
    """A picture, cleaned to the small square that is kept of it; None where none was chosen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ",".join(uploads.GIVE_WAY)}))
        super().__init__(required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> uploads.Checked | None:  # type: ignore[override]
        return pictures.square(uploads.check(data)) if data else None


class ProfileForm(forms.Form):
    """What a member says about themselves."""

    text = ManyLinesField(
        label=gettext_lazy("About you"),
        required=False,
        max_length=2000,
        rows=7,
        help_text=gettext_lazy("What you do, and what people can count on. Everybody who is signed in can read it."),
    )
    skills = SkillsField(
        label=gettext_lazy("Skills"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("At most ten, with commas between them."),
    )
    picture = PictureField(
        label=gettext_lazy("Picture"), help_text=gettext_lazy("JPEG, PNG, GIF or WebP. The middle of it is shown.")
    )
    remove = forms.BooleanField(label=gettext_lazy("Show no picture"), required=False)

    def __init__(self, data: Any = None, files: Any = None, *, profile: Profile) -> None:
        super().__init__(data, files, initial={"text": profile.text, "skills": ", ".join(profile.skills)})
        if not profile.has_picture:
            self.fields["remove"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("picture") and cleaned.get("remove"):
            self.add_error("remove", _("You chose a picture. Take one or the other."))
        return cleaned


STARS = [
    ("5", gettext_lazy("5 · excellent")),
    ("4", gettext_lazy("4 · good")),
    ("3", gettext_lazy("3 · all right")),
    ("2", gettext_lazy("2 · poor")),
    ("1", gettext_lazy("1 · bad")),
]


class ReviewForm(forms.Form):
    """What one side says of the other. ``key`` is made with the form, so that a double click writes one review."""

    stars = forms.TypedChoiceField(
        label=gettext_lazy("How was it?"),
        choices=STARS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one to five stars.")},
    )
    text = ManyLinesField(
        label=gettext_lazy("Your words"),
        required=False,
        max_length=LONGEST,
        rows=5,
        help_text=gettext_lazy("What was good and what was not. Everybody who is signed in will be able to read it."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": gettext_lazy("Please send it again.")})
