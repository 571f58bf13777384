"""A member is suspended and restored: they can't sign in meanwhile, and their money stays where it is."""

import uuid
from typing import Any, Self

from procrastinate.contrib.django import app as jobs

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Event, Member
from accounts.notices import tell
from config.refusals import KeyConflict, WrongState
from config.seen import Seen
from projects.models import Award

RIGHT = "desk.suspend_member"


class Suspension(Event):
    """One suspension or restoring, for good: by whom, when, from where, and the reason that the member was told.

    Nothing of the member's money moves by it, and no deadline stands still: who works with them goes on, releases,
    asks and disputes as before. What they have on record remains theirs.
    """

    class Action(models.TextChoices):
        SUSPEND = "suspend", gettext_lazy("Suspended")
        RESTORE = "restore", gettext_lazy("Restored")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="suspensions")
    reason = models.TextField(max_length=2000)

    class Meta:
        ordering = ("-pk",)
        verbose_name = gettext_lazy("suspension")
        verbose_name_plural = gettext_lazy("suspensions")
        permissions = (
            ("suspend_member", gettext_lazy("Can suspend and restore members")),
            ("view_books", gettext_lazy("Can read the books")),
        )

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.member}"  # type: ignore[attr-defined]

    def get_action_display(self) -> str:
        return str(self.Action(self.action).label)

    @classmethod
    def refusal(cls, action: str, member: Member, by: Member) -> str:
        """Return why *by* may not do this to *member*, in words, or nothing where they may."""
        if not (by.is_active and by.is_staff and by.has_perm(RIGHT)):
            return _("You may not suspend members.")
        if member.pk == by.pk:
            return _("Nobody suspends themselves.")
        if (member.is_staff or member.is_superuser) and not by.is_superuser:
            return _("Staff are suspended by a superuser only.")
        return ""

    @classmethod
    def actions_for(cls, member: Member, by: Member) -> list[str]:
        """Return what *by* may do to *member* now."""
        action = cls.Action.SUSPEND if member.is_active else cls.Action.RESTORE
        return [] if cls.refusal(action, member, by) else [action.value]

    @classmethod
    def require(cls, action: str, member: Member) -> None:
        """Raise WrongState, with words, where *member* is suspended, or not suspended, already."""
        if action == cls.Action.RESTORE and member.is_active:
            raise WrongState(_("This account is not suspended."))
        if action == cls.Action.SUSPEND and not member.is_active:
            raise WrongState(_("This account is suspended already."))

    @classmethod
    def version(cls, member: Member) -> str:
        """Return what changes with each of these steps: a confirmation holds for the state that it was shown in."""
        newest = cls.objects.filter(member=member).first()
        return str(newest.pk if newest else 0)

    @classmethod
    @transaction.atomic
    def record(cls, action: str, member: Member, *, reason: str, by: Member, key: uuid.UUID, seen: Seen) -> Self:
        """Suspend or restore *member*, tell them and those they work with, and return the record.

        The same *key* again returns what it did then. PermissionDenied with words for who may not; WrongState where
        the member is suspended, or not suspended, already.
        """
        locked = Member.objects.select_for_update().get(pk=member.pk)
        if before := cls.objects.filter(key=key).first():
            if (before.member_id, before.action, before.actor_id) != (locked.pk, action, by.pk):
                raise KeyConflict(key)
            return before
        if refusal := cls.refusal(action, locked, by):
            raise PermissionDenied(refusal)
        restores = action == cls.Action.RESTORE
        cls.require(action, locked)
        seen.require(cls.version(locked))
        locked.is_active = member.is_active = restores
        locked.save(update_fields=["is_active"])
        record = cls.objects.create(
            action=action, member=locked, reason=reason, actor=by, key=key, address=seen.address, shown=seen.shown
        )
        _tell(record)
        if not restores:
            jobs.configure_task("support.desk.tasks.end_sessions").defer(member_id=locked.pk)
        return record


def _tell(record: Suspension) -> None:
    """Tell the member, with the reason, and the other side of each award that stands, without it."""
    member = record.member
    tell(member, f"account-{record.action}", reverse("preferences"), reason=record.reason)
    standing = Award.objects.filter(Q(employer=member) | Q(freelancer=member), state__in=Award.STANDING)
    for award in standing.select_related("project", "employer", "freelancer").order_by("pk"):
        other = award.freelancer if award.employer_id == member.pk else award.employer
        words: dict[str, Any] = {"who": member.name, "project": award.project.title}
        tell(other, f"award-party-{record.action}", reverse("milestones:award-money", args=[award.pk]), **words)
