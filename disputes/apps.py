from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DisputesConfig(AppConfig):
    """Plugs the disputes into the floors below, which know nothing of them."""

    name = "disputes"
    verbose_name = _("Disputes")

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from accounts import todo
        from config import subjects
        from disputes import arbitrators, standing
        from disputes.models import Dispute
        from disputes.todo import disputes_under_way
        from disputes.verification import differences
        from finances.ledger.verification import register_check
        from milestones.standing import register_shares
        from projects import ports

        post_migrate.connect(arbitrators.make_group, sender=self, dispatch_uid="disputes.arbitrators")
        ports.register_matter(Dispute.open_matters)
        register_check("disputes", differences)
        register_shares(standing.shares)
        todo.register(disputes_under_way)
        subjects.register(
            "dispute",
            subjects.Kind(
                lambda member: Dispute.objects.visible_to(member).select_related("award__project"),
                lambda dispute: f"{dispute.reference} · {dispute.award.project.title}",
                lambda dispute: dispute.get_absolute_url(),
            ),
        )
