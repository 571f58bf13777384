"""The groups of staff and what they may do with members. Other floors add permissions of their own to them."""

from typing import Any

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

# Who looks after money looks after what was done. The audit shows where members sign in from, so support reads none.
RIGHTS = {"finance": ["view_auditentry"]}


def make_groups(sender: Any, **kwargs: Any) -> None:
    """Make the groups with their permissions, after every migration of the app *sender*. Idempotent."""
    create_permissions(sender, verbosity=0)  # whichever of the two would come first
    for name, codenames in RIGHTS.items():
        group, _ = Group.objects.get_or_create(name=name)
        wanted = Permission.objects.filter(codename__in=codenames, content_type__app_label="accounts")
        group.permissions.add(*wanted)
