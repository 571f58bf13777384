from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """Where the staff do what no single floor below can."""

    name = "support.desk"
    verbose_name = _("Staff's desk")

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from support.desk import groups

        import_module("support.desk.notices")
        post_migrate.connect(groups.make, sender=self, dispatch_uid="desk.groups")
