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
        from milestones import requests_port
        from milestones.models import Milestone, MilestoneRequest
        from milestones.purpose import MilestonePurpose
        from milestones.todo_requests import requests_to_answer
        from milestones.verification import differences
        from projects import ports

        ports.plug(Milestone)
        requests_port.plug(MilestoneRequest.fulfil_number, MilestoneRequest.require_fulfil)
        purposes.register(MilestonePurpose())
        todo.register(requests_to_answer)
        register_check("milestones", differences)
