"""What readers of the help say of it: whether an article helped, and what they looked for in vain."""

import datetime
import uuid
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Count, F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Member


class Vote(models.Model):
    """Whether an article helped a reader: a member, or a visitor whom a cookie names. One each; it can be changed."""

    slug = models.CharField(_("article"), max_length=60)
    language = models.CharField(_("language"), max_length=10)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("member"))
    visitor = models.UUIDField(null=True)
    helpful = models.BooleanField(_("helped"))
    words = models.TextField(_("sentence"), max_length=500, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("vote on an article")
        verbose_name_plural = _("votes on articles")
        constraints = [
            models.UniqueConstraint(fields=["slug", "member"], name="vote_once_a_member"),
            models.UniqueConstraint(fields=["slug", "visitor"], name="vote_once_a_visitor"),
            models.CheckConstraint(
                condition=Q(member__isnull=False, visitor=None) | Q(member=None, visitor__isnull=False),
                name="vote_of_one_reader",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug}: {'+' if self.helpful else '-'}"

    @classmethod
    def cast(
        cls,
        slug: str,
        language: str,
        *,
        helpful: bool,
        words: str | None,
        member: Member | None,
        visitor: uuid.UUID | None,
    ) -> Self:
        """Keep the vote of a *member*, or else of a *visitor*, in the place of an earlier one.

        *words* None leaves what was said before.
        """
        whose = {"member": member} if member else {"visitor": visitor}
        changed: dict[str, Any] = {"language": language, "helpful": helpful, "at": timezone.now()}
        if words is not None:
            changed["words"] = words
        vote: Self
        vote, _made = cls.objects.update_or_create(slug=slug, **whose, defaults=changed)
        return vote

    @classmethod
    def of(cls, slug: str, member: Member | None, visitor: uuid.UUID | None) -> Self | None:
        """Return the vote of this reader, if there is one."""
        if member is None and visitor is None:
            return None
        whose = {"member": member} if member else {"visitor": visitor}
        found: Self | None = cls.objects.filter(slug=slug, **whose).first()
        return found


def counted() -> "models.QuerySet[Any]":
    """Return by article and language how often it helped and how often not, what helped least first."""
    votes = Vote.objects.values("slug", "language").annotate(
        yes=Count("pk", filter=Q(helpful=True)), no=Count("pk", filter=Q(helpful=False)), last=Max("at")
    )
    found: models.QuerySet[Any] = votes.order_by("-no", "yes", "slug", "language")
    return found


class Missed(models.Model):
    """What members looked for and did not find, and how often."""

    words = models.CharField(_("words"), max_length=80)
    language = models.CharField(_("language"), max_length=10)
    number = models.PositiveIntegerField(_("how often"), default=1)
    at = models.DateTimeField(_("last"), default=timezone.now)

    class Meta:
        verbose_name = _("search in vain")
        verbose_name_plural = _("searches in vain")
        constraints = [models.UniqueConstraint(fields=["words", "language"], name="missed_once")]

    def __str__(self) -> str:
        return self.words

    @classmethod
    def note(cls, words: str, language: str, at: datetime.datetime | None = None) -> None:
        """Count one more search for *words*."""
        now = at or timezone.now()
        new = Missed(words=words, language=language, number=0, at=now)
        Missed.objects.bulk_create([new], ignore_conflicts=True)
        Missed.objects.filter(words=words, language=language).update(number=F("number") + 1, at=now)
