from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """Registers what the books must say of payments and withdrawals."""

    name = "finances.payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from accounts import todo
        from accounts.staff_site import register_story
        from config import subjects
        from config.money import format_minor
        from finances.ledger.verification import register_check
        from finances.payments.correcting import tools
        from finances.payments.models import Payment, Withdrawal
        from finances.payments.todo import steps_at_the_bank
        from finances.payments.verification import corrections, differences

        import_module("finances.payments.notices_corrections")
        register_check("payments", differences)
        register_check("corrections", corrections)
        register_story(tools)
        todo.register(steps_at_the_bank)
        for name, model in (("payment", Payment), ("withdrawal", Withdrawal)):
            subjects.register(
                name,
                subjects.Kind(
                    model.objects.visible_to,
                    lambda intent: f"{intent.display_reference} · {format_minor(intent.amount, intent.currency)}",
                    lambda intent: intent.get_absolute_url(),
                ),
            )
