from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """Registers what the books must say of payments and withdrawals."""

    name = "finances.payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from accounts import todo
        from finances.ledger.verification import register_check
        from finances.payments.todo import steps_at_the_bank
        from finances.payments.verification import differences

        register_check("payments", differences)
        todo.register(steps_at_the_bank)
