from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MilestonesConfig(AppConfig):
    """Plugs the milestones into the floors below, which know nothing of them."""

    name = "milestones"
    verbose_name = _("Milestones")

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from accounts import todo
        from finances.ledger.verification import register_check
        from finances.payments import purposes
        from milestones.models import Milestone
        from milestones.purpose import MilestonePurpose
        from milestones.todo_create import todo as to_fund
        from milestones.verification import differences
        from projects import ports

        ports.plug(Milestone)
        purposes.register(MilestonePurpose())
        register_check("milestones", differences)
        todo.register(to_fund)
