"""What the libraries bring into the admin, within the house's rules: read, and change nothing (P70)."""

from importlib import import_module

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from unfold.admin import ModelAdmin

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from config.read_only import ReadOnlyAdmin

for module in ("allauth.account.admin", "allauth.mfa.admin"):
    import_module(module)  # they come later in INSTALLED_APPS and would register theirs over ours
for model in (EmailAddress, Authenticator, Group):
    admin.site.unregister(model)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """What a group may do is given by superusers alone: who could change their own would help themselves."""

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    has_add_permission = has_change_permission = has_delete_permission = has_module_permission = has_view_permission


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """Addresses are their owners': who could change one would sign in as them."""

    ordering = ("-id",)
    list_display = ("email", "user", "primary", "verified")
    list_select_related = ("user",)
    search_fields = ("email", "user__name")


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Which second steps members have, and never their secrets."""

    ordering = ("-id",)
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    fields = ("user", "type", "created_at", "last_used_at")
