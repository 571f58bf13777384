"""The groups *support* and *finance*, and what they may do. Made after every migration; what a site adds stays."""

from typing import Any

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

# Of the desk's own steps. The third group, arbitrators, is made where disputes are.
RIGHTS = {
    "support": ("suspend_member", "view_suspension"),
    "finance": ("view_books",),
}


def make(sender: Any, **kwargs: Any) -> None:
    """Make the groups with the permissions of the desk. Idempotent."""
    create_permissions(sender, verbosity=0)  # whichever of the two would come first
    for name, rights in RIGHTS.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*Permission.objects.filter(codename__in=rights, content_type__app_label="desk"))
