from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Members")
    default = True


class StaffAdminConfig(admin.AdminConfig):
    """Django's admin with our door in front of it."""

    default = False  # named in the settings
    default_site = "accounts.staff_site.StaffSite"
