"""Staff read accounts and transfers here, and change nothing (P70)."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from config.money import format_minor
from config.read_only import ReadOnlyAdmin
from finances.ledger.models import Account, Transfer


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "owner", "currency", "sum", "sequence")
    list_filter = ("kind",)
    list_select_related = ("owner",)
    ordering = ("-id",)
    search_fields = ("owner__email",)
    search_help_text = _("Number, or the owner's e-mail")
    fields = ("id", "kind", "owner", "currency", "sum", "sequence")
    readonly_fields = ("id", "sum")

    @admin.display(description=_("balance"))
    def sum(self, account: Account) -> str:
        return format_minor(account.balance, account.currency)


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    letter = "T"
    list_display = ("reference", "kind", "debit_account", "credit_account", "sum", "created_at")
    list_filter = ("kind",)
    list_select_related = ("debit_account", "credit_account")
    ordering = ("-id",)
    # An e-mail finds what passed through the member's own accounts.
    search_fields = ("debit_account__owner__email", "credit_account__owner__email")
    search_help_text = _("Reference (T12), account number, or a member's e-mail")
    number_fields = ("pk", "debit_account_id", "credit_account_id")
    fields = (
        "reference", "kind", "debit_account", "credit_account", "sum", "created_at", "key", "leg",
        "debit_sequence", "debit_balance", "credit_sequence", "credit_balance",
    )  # fmt: skip
    readonly_fields = ("reference", "sum")

    @admin.display(description=_("reference"), ordering="id")
    def reference(self, transfer: Transfer) -> str:
        return transfer.reference

    @admin.display(description=_("amount"))
    def sum(self, transfer: Transfer) -> str:
        return format_minor(transfer.amount, transfer.currency)
