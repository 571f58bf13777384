from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MilestonesConfig(AppConfig):
    """Plugs the milestones into the floors below, which know nothing of them."""

    name = "milestones"
    verbose_name = _("Milestones")

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from accounts import todo
        from accounts.staff_site import register_story
        from finances.ledger.verification import register_check
        from finances.payments import purposes
        from milestones import requests_port, todo_back, todo_consent, todo_release
        from milestones import subjects as own_subjects
        from milestones.models import Funding, Milestone, MilestoneRequest
        from milestones.purpose import MilestonePurpose
        from milestones.todo import declined_payments, first_milestones
        from milestones.todo_messages import unread_messages
        from milestones.todo_requests import requests_to_answer
        from milestones.verification import differences
        from projects import ports

        ports.plug(Milestone)
        ports.register_matter(Funding.open_matters)
        purposes.register(MilestonePurpose())
        todo.register(unread_messages)
        requests_port.plug(MilestoneRequest.fulfil_number, MilestoneRequest.require_fulfil)
        todo.register(requests_to_answer)
        register_check("milestones", differences)
        todo.register(first_milestones)
        todo.register(declined_payments)
        todo.register(todo_release.requests_for_release)
        todo.register(todo_release.changes_of_criteria)
        todo.register(todo_back.todo)
        todo.register(todo_consent.todo)
        register_story(lambda request, thing: import_module("milestones.admin_consents").tools(request, thing))
        own_subjects.register()
