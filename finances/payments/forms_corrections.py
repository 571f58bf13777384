"""Forms of the staff who correct the books."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config.fields import ManyLinesField, TypedAmountField
from config.money import BadAmount, parse_amount, typed_minor
from finances.ledger.models import Account, Transfer
from finances.payments.forms import currency_choices

FEES = gettext_lazy("The e-mail address of a member; nothing for the site's fees.")


class CorrectionForm(forms.Form):
    """From where to where, how much and why; cleaned to accounts, minor units and the transfer that was wrong."""

    payer = forms.EmailField(label=gettext_lazy("Taken from"), required=False, help_text=FEES)
    payee = forms.EmailField(label=gettext_lazy("Given to"), required=False, help_text=FEES)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    amount = TypedAmountField(label=gettext_lazy("Amount"))
    corrects = forms.CharField(
        label=gettext_lazy("Transfer that was wrong"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Its reference, like T12, where there is one. No more than its amount is corrected."),
    )
    reason = ManyLinesField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        rows=4,
        help_text=gettext_lazy("The members whose money it is read it."),
    )
    note = ManyLinesField(label=gettext_lazy("Note for the staff"), max_length=2000, rows=3, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = currency_choices(settings.CURRENCIES)  # type: ignore[attr-defined]

    def clean_payer(self) -> Member | None:
        return self._member("payer")

    def clean_payee(self) -> Member | None:
        return self._member("payee")

    def _member(self, name: str) -> Member | None:
        email = self.cleaned_data[name]
        if not email:
            return None
        member = Member.objects.filter(email__iexact=email).first()
        if member is None:
            raise forms.ValidationError(_("No member has this address."))
        return member

    def clean_corrects(self) -> Transfer | None:
        words = self.cleaned_data["corrects"].strip()
        if not words:
            return None
        number = re.fullmatch(r"[Tt]?([0-9]{1,18})", words, re.ASCII)
        transfer = Transfer.objects.filter(pk=int(number[1])).first() if number else None
        if transfer is None:
            raise forms.ValidationError(_("There is no such transfer."))
        return transfer

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "currency" in cleaned and "amount" in cleaned:
            try:
                cleaned["amount"] = parse_amount(cleaned["amount"], cleaned["currency"])
            except BadAmount as error:
                self.add_error("amount", str(error))
        if "payer" in cleaned and "payee" in cleaned and cleaned["payer"] == cleaned["payee"]:
            self.add_error("payee", _("Money moves between two: name another one."))
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        """What the step needs, in JSON types: a member is a number, the fees are None."""
        said = {name: self.cleaned_data[name] for name in ("currency", "amount", "reason", "note")}
        for name in ("payer", "payee", "corrects"):
            said[name] = self.cleaned_data[name].pk if self.cleaned_data[name] else None
        return said


class NoteForm(forms.Form):
    """Why a proposal ends."""

    note = ManyLinesField(label=gettext_lazy("Reason"), max_length=2000, rows=3)

    @property
    def said(self) -> dict[str, Any]:
        return {"note": self.cleaned_data["note"]}


class ConfirmForm(forms.Form):
    """Nothing to say."""

    @property
    def said(self) -> dict[str, Any]:
        return {}


def account_of(member_id: int | None, currency: str) -> Account:
    """Return the wallet of the member, or the account of the site's fees where there is none."""
    if member_id is None:
        return Account.platform(Account.Kind.FEES, currency)
    return Account.wallet(member_id, currency)


def begun(transfer: Transfer | None) -> dict[str, Any]:
    """Return what the form begins with to take back what *transfer* brought."""
    if transfer is None:
        return {}
    sides = (("payer", transfer.credit_account), ("payee", transfer.debit_account))
    return {
        **{name: account.owner.email for name, account in sides if account.owner},
        "currency": transfer.currency,
        "amount": typed_minor(transfer.amount, transfer.currency),
        "corrects": transfer.reference,
    }
