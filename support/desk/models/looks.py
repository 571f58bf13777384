"""Support sees the site as a member does, for looking only: begun with a reason, ended, and for good on record."""

import datetime
import uuid
from typing import Self

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEntry, Event, Member
from accounts.notices import tell
from config.refusals import KeyConflict, WrongState
from config.seen import Seen

RIGHT = "desk.look_as_member"


class Look(Event):
    """One look, as ``actor``, at the site as ``member`` sees it, from ``at`` until ``until`` at the latest.

    ``reason`` is read by the member. Which pages were looked at stands in the audit.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="looks")
    reason = models.TextField(max_length=2000)
    until = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        verbose_name = gettext_lazy("look as a member")
        verbose_name_plural = gettext_lazy("looks as members")
        permissions = (("look_as_member", gettext_lazy("Can see the site as a member, for looking only")),)

    def __str__(self) -> str:
        return f"{self.member} ({self.actor})"

    @property
    def ended_at(self) -> datetime.datetime | None:
        """When it ended; None while it lasts."""
        end: LookEnd | None = getattr(self, "end", None)
        if end is not None:
            return end.at
        return self.until if self.until <= timezone.now() else None

    @property
    def pages(self) -> int:
        """How many pages were asked for in it."""
        entries = AuditEntry.objects.filter(looking_by=self.actor_id, action=AuditEntry.Action.LOOK)
        return entries.filter(member=self.member_id, changes__look=self.pk).count()

    @classmethod
    def refusal(cls, member: Member, by: Member) -> str:
        """Return why *by* may not look as *member*, in words, or nothing where they may."""
        if not (by.is_active and by.is_staff and by.has_perm(RIGHT)):
            return _("You may not see the site as a member.")
        if member.pk == by.pk:
            return _("You see the site as yourself already.")
        if member.is_staff or member.is_superuser:
            return _("Nobody sees the site as one of the staff.")
        return ""

    @classmethod
    def version(cls, member: Member, by: Member) -> str:
        """Return what changes with each look of *by*: a confirmation holds for the state that it was shown in."""
        newest = cls.objects.filter(member=member, actor=by).first()
        return str(newest.pk if newest else 0)

    @classmethod
    @transaction.atomic
    def begin(cls, member: Member, *, reason: str, by: Member, key: uuid.UUID, seen: Seen) -> Self:
        """Begin a look, which ends any other that *by* has under way, and tell *member*.

        The same *key* again returns the look that it began. PermissionDenied with words for who may not; WrongState
        where the confirmation is stale.
        """
        by = Member.objects.select_for_update(no_key=True).get(pk=by.pk)
        member = Member.objects.get(pk=member.pk)
        if before := cls.objects.filter(key=key).first():
            if (before.member_id, before.actor_id) != (member.pk, by.pk):
                raise KeyConflict(key)
            return before
        if refusal := cls.refusal(member, by):
            raise PermissionDenied(refusal)
        seen.require(cls.version(member, by))
        now = timezone.now()
        for other in cls.objects.filter(actor=by, until__gt=now, end=None):
            other.finish(LookEnd.Why.ANOTHER)
        look = cls.objects.create(
            action="look",
            at=now,
            member=member,
            reason=reason,
            until=now + datetime.timedelta(minutes=settings.LOOK_MINUTES),
            actor=by,
            key=key,
            address=seen.address,
            shown=seen.shown,
        )
        tell(member, "account-look", reverse("looks"), until_at=look.until.isoformat(), reason=reason)
        return look

    def finish(self, why: "LookEnd.Why") -> None:
        """End it now. What has ended stays as it ended."""
        if self.ended_at is None:
            LookEnd.objects.get_or_create(look=self, defaults={"why": why})

    def require_open(self) -> None:
        """Raise WrongState, with words, where it has ended."""
        if self.ended_at is not None:
            raise WrongState(_("This look has ended."))


class LookEnd(models.Model):
    """That a look was ended before its time was over, and by what."""

    class Why(models.TextChoices):
        STOPPED = "stopped", gettext_lazy("stopped")
        SIGNED_OUT = "out", gettext_lazy("signed out")
        NO_RIGHT = "right", gettext_lazy("may not look any more")
        ANOTHER = "another", gettext_lazy("began another look")

    look = models.OneToOneField(Look, on_delete=models.PROTECT, related_name="end")
    at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=8, choices=Why)

    class Meta:
        verbose_name = gettext_lazy("end of a look")
        verbose_name_plural = gettext_lazy("ends of looks")

    def __str__(self) -> str:
        return self.get_why_display()
