"""Forms of arbitrators."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config.fields import ManyLinesField
from disputes import arbitrators
from disputes.forms import SharesForm
from disputes.models import Dispute
from disputes.models.arbitrating import SIDES


class TakeForm(forms.Form):
    """Nothing to say."""

    def __init__(self, dispute: Dispute, by: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    @property
    def said(self) -> dict[str, Any]:
        """What the step needs."""
        return {}


class HandOverForm(TakeForm):
    """To whom, and why."""

    def __init__(self, dispute: Dispute, by: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(dispute, by, *args, **kwargs)
        self.others = {str(member.pk): member for member in arbitrators.free_for(dispute) if member.pk != by.pk}
        names = [(number, member.name) for number, member in self.others.items()]
        self.fields["to"] = forms.ChoiceField(
            label=gettext_lazy("To"), required=False, choices=[("", _("Back to the queue")), *names]
        )
        self.fields["reason"] = ManyLinesField(label=gettext_lazy("Reason"), max_length=2000, rows=3)

    @property
    def said(self) -> dict[str, Any]:
        return {"to": self.others.get(self.cleaned_data["to"]), "reason": self.cleaned_data["reason"]}


class AskForm(TakeForm):
    """Whom, and what."""

    def __init__(self, dispute: Dispute, by: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(dispute, by, *args, **kwargs)
        names = zip(SIDES, (dispute.award.employer.name, dispute.award.freelancer.name), strict=True)
        self.fields["of"] = forms.MultipleChoiceField(
            label=gettext_lazy("Who is asked"), choices=list(names), widget=forms.CheckboxSelectMultiple
        )
        self.fields["text"] = ManyLinesField(label=gettext_lazy("Question"), max_length=5000, rows=4)

    @property
    def said(self) -> dict[str, Any]:
        return {"of": self.cleaned_data["of"], "text": self.cleaned_data["text"]}


class ReasonForm(TakeForm):
    """Why."""

    def __init__(self, dispute: Dispute, by: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(dispute, by, *args, **kwargs)
        self.fields["reason"] = ManyLinesField(label=gettext_lazy("Reason"), max_length=2000, rows=3)

    @property
    def said(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class ProposeForm(SharesForm):
    """What the freelancer would get of each milestone, and why."""

    def __init__(self, dispute: Dispute, by: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(dispute, str(_("For the freelancer, of “%(task)s”")), *args, **kwargs)
        self.fields["words"] = ManyLinesField(label=gettext_lazy("Reasons"), max_length=10_000, rows=8)

    @property
    def said(self) -> dict[str, Any]:
        """What the step needs."""
        return {"to_freelancer": self.split, "words": self.cleaned_data["words"]}


class DecideForm(ProposeForm):
    """The same, and the evidence that the reasons cite."""

    def __init__(self, dispute: Dispute, by: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(dispute, by, *args, **kwargs)
        items = [(str(item.number), f"{item.reference} · {item.by}") for item in dispute.evidence.select_related("by")]
        self.fields["cites"] = forms.TypedMultipleChoiceField(
            label=gettext_lazy("Evidence that the reasons cite"),
            choices=items,
            coerce=int,
            required=bool(items),
            widget=forms.CheckboxSelectMultiple,
        )

    @property
    def said(self) -> dict[str, Any]:
        return {**super().said, "cites": sorted(self.cleaned_data["cites"])}
