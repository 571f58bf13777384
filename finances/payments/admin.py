"""Staff read payments and withdrawals here, and can give back what is under review (P70, P73)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.money import format_minor
from config.read_only import ReadOnlyAdmin, ReadOnlyInline
from finances.payments import reasons
from finances.payments.models import (
    Correction,
    CorrectionEvent,
    Delivery,
    Payment,
    PaymentEvent,
    PaymentSource,
    PayoutDestination,
    Reconciliation,
    Withdrawal,
    WithdrawalEvent,
)
from finances.payments.views import corrections, refunds


class EventsOfPayment(ReadOnlyInline):
    model = PaymentEvent
    fields = ("at", "actor", "label", "transfer", "address", "note", "shown", "key")
    readonly_fields = ("at", "label")
    ordering = ("id",)
    related = ("actor", "transfer")

    @admin.display(description=gettext_lazy("action"))
    def label(self, event: PaymentEvent) -> str:
        return str(PaymentEvent.ACTIONS[event.action])


class EventsOfWithdrawal(ReadOnlyInline):
    model = WithdrawalEvent
    fields = ("at", "actor", "label", "transfer", "address", "note", "shown")
    readonly_fields = ("at", "label")
    ordering = ("id",)
    related = ("actor", "transfer")

    @admin.display(description=gettext_lazy("action"))
    def label(self, event: WithdrawalEvent) -> str:
        return str(WithdrawalEvent.ACTIONS[event.action])


@admin.register(PaymentSource, PayoutDestination)
class InstrumentAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "called", "kind", "currency", "state", "gateway")
    list_filter = ("state", "kind")
    list_select_related = ("owner",)
    ordering = ("-id",)
    search_fields = ("owner__email", "reference")
    search_help_text = gettext_lazy("Number, the owner's e-mail, or the provider's reference")
    fields = (
        "owner", "name", "kind", "brand", "last4", "expires", "currency", "state", "place", "gateway", "reference",
        "customer", "created_at",
    )  # fmt: skip

    @admin.display(description=gettext_lazy("called"))
    def called(self, instrument: PaymentSource) -> str:
        return str(instrument)


class IntentAdmin(ReadOnlyAdmin):
    """What payments and withdrawals have in common."""

    list_filter = ("state", "gateway")
    ordering = ("-id",)
    search_fields = ("owner__email", "reference")
    search_help_text = gettext_lazy("Our reference, the owner's e-mail, or the provider's reference")

    @admin.display(description=gettext_lazy("number"), ordering="id")
    def our_reference(self, intent: Payment | Withdrawal) -> str:
        return intent.display_reference

    @admin.display(description=gettext_lazy("amount"))
    def sum(self, intent: Payment | Withdrawal) -> str:
        return format_minor(intent.amount, intent.currency)

    @admin.display(description=gettext_lazy("why"))
    def why(self, intent: Payment | Withdrawal) -> str:
        return reasons.words(intent.reason)


@admin.register(Payment)
class PaymentAdmin(IntentAdmin):
    letter = "P"
    list_display = ("our_reference", "owner", "source", "sum", "words", "state", "created_at")
    list_select_related = ("owner", "source")
    fields = (
        "our_reference", "owner", "source", "sum", "purpose", "words", "state", "why", "taken", "transfer", "gateway",
        "reference", "key", "created_at", "asked_at", "looked_at",
    )  # fmt: skip
    readonly_fields = ("our_reference", "sum", "why", "taken")
    inlines = (EventsOfPayment,)

    @admin.display(description=gettext_lazy("what the provider took"))
    def taken(self, payment: Payment) -> str:
        return format_minor(payment.taken_amount, payment.taken_currency) if payment.taken_amount else "–"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.refund_view)
        return [path("<int:pk>/refund/", view, name="payments_payment_refund"), *super().get_urls()]

    def refund_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return refunds.refund(request, self, pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        payment = self.get_object(request, object_id)
        tools = [
            {"label": row.label, "url": reverse("admin:payments_payment_refund", args=[object_id])}
            for row in (payment.actions_for(request.user) if payment else [])
            if row.name == "refund"
        ]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": tools})


@admin.register(Withdrawal)
class WithdrawalAdmin(IntentAdmin):
    letter = "W"
    list_display = ("our_reference", "owner", "destination", "sum", "state", "send_at", "arrives_on")
    list_select_related = ("owner", "destination")
    fields = (
        "our_reference", "owner", "destination", "sum", "state", "why", "gateway", "reference", "key", "created_at",
        "send_at", "asked_at", "arrives_on",
    )  # fmt: skip
    readonly_fields = ("our_reference", "sum", "why")
    inlines = (EventsOfWithdrawal,)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("id", "gateway", "event_id", "kind", "reference", "received_at", "handled_at", "times")
    list_filter = ("gateway", "kind", ("handled_at", admin.EmptyFieldListFilter))
    ordering = ("-id",)
    search_fields = ("event_id", "reference")


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "gateway", "settled", "movements", "number")
    ordering = ("-id",)
    fields = ("at", "gateway", "since", "settled", "movements", "books", "told")
    readonly_fields = ("books", "told")

    @admin.display(description=gettext_lazy("differences"))
    def number(self, result: Reconciliation) -> int:
        return len(result.differences)

    @admin.display(description=gettext_lazy("balances"))
    def books(self, result: Reconciliation) -> str | SafeString:
        words = _("%(code)s: the provider holds %(theirs)s, by the ledger it is %(ours)s")
        return "\n".join(
            words
            % {
                "code": row["currency"],
                "theirs": format_minor(row["provider"], row["currency"]),
                "ours": format_minor(row["ledger"], row["currency"]),
            }
            for row in result.balances
        )

    @admin.display(description=gettext_lazy("differences"))
    def told(self, result: Reconciliation) -> str:
        return "\n".join(result.differences) or _("none")


class EventsOfCorrection(ReadOnlyInline):
    model = CorrectionEvent
    fields = ("at", "actor", "label", "note", "address", "shown")
    readonly_fields = ("at", "label")
    ordering = ("id",)
    related = ("actor",)

    @admin.display(description=gettext_lazy("action"))
    def label(self, event: CorrectionEvent) -> str:
        return str(CorrectionEvent.ACTIONS[event.action])


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    """Corrections and their steps (``views.corrections``): no row is added or changed by a form of the admin."""

    letter = "C"
    list_display = ("our_reference", "payer", "payee", "sum", "state", "proposed_by", "created_at")
    list_filter = ("state",)
    list_select_related = ("debit_account__owner", "credit_account__owner", "proposed_by")
    ordering = ("-id",)
    search_fields = ("debit_account__owner__email", "credit_account__owner__email", "reason")
    search_help_text = gettext_lazy("Reference (C12), a member's e-mail, or words of the reason")
    fields = (
        "our_reference", "state", "payer", "debit_account", "payee", "credit_account", "sum", "reason", "note",
        "corrects", "transfer", "proposed_by", "confirmed_by", "limit", "created_at", "expires_at", "key",
    )  # fmt: skip
    readonly_fields = ("our_reference", "payer", "payee", "sum", "limit")
    inlines = (EventsOfCorrection,)
    change_list_template = "admin/payments/correction/list.html"

    @admin.display(description=gettext_lazy("number"), ordering="id")
    def our_reference(self, correction: Correction) -> str:
        return correction.display_reference

    @admin.display(description=gettext_lazy("taken from"))
    def payer(self, correction: Correction) -> str:
        return corrections.place(correction.debit_account)

    @admin.display(description=gettext_lazy("given to"))
    def payee(self, correction: Correction) -> str:
        return corrections.place(correction.credit_account)

    @admin.display(description=gettext_lazy("amount"))
    def sum(self, correction: Correction) -> str:
        return format_minor(correction.amount, correction.currency)

    @admin.display(description=gettext_lazy("one person alone up to"))
    def limit(self, correction: Correction) -> str:
        return format_minor(correction.alone_limit, correction.currency)

    def get_urls(self) -> list[URLPattern]:
        propose, step = (self.admin_site.admin_view(view) for view in (self.propose_view, self.step_view))
        return [
            path("propose/", propose, name="payments_correction_propose"),
            path("<int:pk>/step/<slug:action>/", step, name="payments_correction_step"),
            *super().get_urls(),
        ]

    def propose_view(self, request: HttpRequest) -> HttpResponse:
        return corrections.propose(request, self)

    def step_view(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        return corrections.step(request, self, pk, action)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = request.user.has_perm("payments.propose_correction")
        return super().changelist_view(request, {**(extra_context or {}), "may_propose": may})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        correction = self.get_object(request, object_id)
        tools = [
            {"label": row.label, "url": reverse("admin:payments_correction_step", args=[object_id, row.name])}
            for row in (correction.actions_for(request.user) if correction else [])
        ]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": tools})
