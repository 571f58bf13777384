"""The group *support* and what it may do. Made after every migration; what a site adds to it stays."""

from typing import Any

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

SUPPORT = "support"


def make(sender: Any, **kwargs: Any) -> None:
    """Make the group with the permissions of the desk's own steps. Idempotent."""
    create_permissions(sender, verbosity=0)  # whichever of the two would come first
    group, _ = Group.objects.get_or_create(name=SUPPORT)
    group.permissions.add(
        *Permission.objects.filter(codename__in=("suspend_member", "view_suspension"), content_type__app_label="desk")
    )
