from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Members")
    default = True

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from accounts import auditing, staff_groups

        # All migrations of all apps have run when the first app is told so.
        post_migrate.connect(auditing.install, sender=self, dispatch_uid="accounts.auditing")
        post_migrate.connect(staff_groups.make_groups, sender=self, dispatch_uid="accounts.staff_groups")
        auditing.note_sign_ins()


class StaffAdminConfig(admin.AdminConfig):
    """Django's admin with our door in front of it."""

    default = False  # named in the settings
    default_site = "accounts.staff_site.StaffSite"
