"""Who may arbitrate: members of the group, and anybody else who was given its permission."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from accounts.models import Member

if TYPE_CHECKING:
    from disputes.models import Dispute

GROUP = "arbitrators"
CODENAME = "arbitrate"


def everyone() -> QuerySet[Member]:
    """Return all who have the permission, by name. Superusers have none by that alone: they are told of nothing."""
    permission = {"codename": CODENAME, "content_type__app_label": "disputes"}
    permissions = Permission.objects.filter(**permission)
    given = Q(user_permissions__in=permissions) | Q(groups__permissions__in=permissions)
    return Member.objects.filter(given, is_active=True, is_staff=True).distinct().order_by("name", "pk")


def is_one(user: Any) -> bool:
    """Return whether *user* may arbitrate. A superuser may do so only when given the permission like anybody else."""
    if not (user.is_active and user.has_perm("disputes.arbitrate")):
        return False
    return not user.is_superuser or everyone().filter(pk=user.pk).exists()


def free_for(dispute: "Dispute") -> list[Member]:
    """Return those of them who have no dealings with either side of *dispute*."""
    return [member for member in everyone() if not dispute.has_dealings(member)]


def make_group(sender: Any, **kwargs: Any) -> None:
    """Make the group with its permissions, after every migration of the app *sender*. Idempotent."""
    create_permissions(sender, verbosity=0)  # whichever of the two would come first
    group, _ = Group.objects.get_or_create(name=GROUP)
    wanted = Q(codename=CODENAME) | Q(codename__startswith="view_")
    group.permissions.add(*Permission.objects.filter(wanted, content_type__app_label="disputes"))
