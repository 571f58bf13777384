"""What the two of an award write to each other. Nothing that was said is changed or deleted."""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Attachment, Member, kept_files
from config.refusals import TooOften
from config.retry import retried
from config.uploads import Checked
from milestones import hints, notices_messages
from projects.models import Award

LONGEST = 5_000  # characters of a message
MOST_A_MINUTE = 30  # messages of one member, in all their awards


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: Member) -> Self:
        """Those of awards in which the user is a party."""
        return self.filter(Q(award__employer=user) | Q(award__freelancer=user))

    def unread_by(self, user: Member) -> Self:
        """Those of the other side that *user* has not seen yet, in awards in which they are a party."""
        return self.filter(Q(award__employer=user) | Q(award__freelancer=user), pk__gt=_read_until(user)).exclude(
            author=user
        )


class Message(models.Model):
    """One message of an award. Append-only; ``key`` was made with the form, so that a double click says it once.

    ``hint`` names what the text made somebody look twice at when it was sent (``milestones.hints``).
    """

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", verbose_name=gettext_lazy("author"))
    text = models.TextField(gettext_lazy("text"), max_length=LONGEST, blank=True)
    hint = models.CharField(gettext_lazy("hint"), max_length=10, blank=True, choices=hints.CHOICES)
    at = models.DateTimeField(gettext_lazy("sent"), default=timezone.now, editable=False)
    key = models.UUIDField(unique=True, editable=False)

    objects: ClassVar[Any] = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("message")
        verbose_name_plural = gettext_lazy("messages")
        indexes = [
            models.Index(fields=["award", "-at", "-id"], name="messages_of_award"),
            models.Index(fields=["award", "id"], name="messages_by_number"),
            models.Index(fields=["author", "-at"], name="messages_of_author"),
        ]

    def __str__(self) -> str:
        return Truncator(self.text).chars(40) or _("Files")

    @classmethod
    @retried
    def send(cls, award: Award, *, by: Member, text: str, key: uuid.UUID, files: Sequence[Checked] = ()) -> "Message":
        """Say *text*, with *files*, to the other side, and tell them unless they have yet to read something.

        A repeat of *key* with the same words and files returns what was said first; with others it is another message,
        so nothing is lost that somebody wrote after an answer got lost. PermissionDenied for anybody but the two,
        WrongState where the award has ended without work, TooOften past MOST_A_MINUTE.
        """
        own_key = _key_of(key, award, by, text, files)
        with kept_files() as kept, transaction.atomic():
            # The award's lock puts everything that happens in it into one order: nobody's page misses any of it.
            award = Award.locked(award.pk)
            if said := cls.objects.filter(key=own_key).first():
                return said
            award.require("write", by)
            cls._require_pause(by)
            message = cls.objects.create(award=award, author=by, text=text, hint=hints.of(text), key=own_key)
            for file in files:
                kept.append(MessageFile.keep(file, message=message))
            notices_messages.written(message)
        return message

    @classmethod
    def _require_pause(cls, by: Member) -> None:
        since = timezone.now() - datetime.timedelta(minutes=1)
        if cls.objects.filter(author=by, at__gt=since).count() >= MOST_A_MINUTE:
            raise TooOften(_("You have sent a lot of messages within a minute. Wait a moment, then send this one."))


class MessageFile(Attachment):
    """A file of a message. Append-only, and so is its content."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="files")

    class Meta:
        verbose_name = gettext_lazy("file of a message")
        verbose_name_plural = gettext_lazy("files of the message")

    def get_absolute_url(self) -> str:
        return reverse("milestones:message-file", args=[self.pk])


class MessageRead(models.Model):
    """Up to which message a member has read an award's messages."""

    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    last = models.BigIntegerField(default=0)  # the number of the last message they were shown

    class Meta:
        constraints = [models.UniqueConstraint(fields=["award", "member"], name="message_read_once")]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.last}"

    @classmethod
    def note(cls, award: Award, member: Member, last: int) -> None:
        """Note that *member* was shown *award*'s messages up to number *last*. It never goes back."""
        own = cls.objects.filter(award=award, member=member)
        if not own.filter(last__lt=last).update(last=last) and not own.exists():
            MessageRead.objects.bulk_create([MessageRead(award=award, member=member, last=last)], ignore_conflicts=True)
        notices_messages.seen(award, member)


def _key_of(key: uuid.UUID, award: Award, by: Member, text: str, files: Sequence[Checked]) -> uuid.UUID:
    """The key of what is said: made of the form's, of who says it where, and of every word and file of it."""
    parts = [str(award.pk), str(by.pk), text, *(f"{file.name} {sha256(file.content).hexdigest()}" for file in files)]
    return uuid.uuid5(key, "\x00".join(parts))


def _read_until(user: Member) -> Any:
    """The number of the last message of the row's award that *user* was shown."""
    own = MessageRead.objects.filter(award=models.OuterRef("award"), member=user)
    return Coalesce(models.Subquery(own.values("last")[:1]), 0)


def unread_by_award(user: Member, awards: Iterable[int]) -> dict[int, int]:
    """How many messages of each of *awards* the user has not seen yet; none is not named."""
    unread = Message.objects.unread_by(user).filter(award__in=list(awards))
    return dict(unread.order_by().values_list("award").annotate(number=models.Count("pk")))


def awards_with_unread(user: Member, most: int) -> "models.QuerySet[Any]":
    """The awards in which somebody wrote to *user* what they have not read, with ``unread_since``, oldest first.

    It asks for each award alone whether there is anything past the mark: two looks into an index.
    """
    marks = MessageRead.objects.filter(award=models.OuterRef("pk"), member=user).values("last")[:1]
    unread = Message.objects.filter(award=models.OuterRef("pk"), pk__gt=models.OuterRef("read_until"))
    first = unread.exclude(author=user).order_by("pk").values("at")[:1]
    return (
        Award.objects.visible_to(user)
        .annotate(read_until=Coalesce(models.Subquery(marks), 0))
        .annotate(unread_since=models.Subquery(first))
        .filter(unread_since__isnull=False)
        .select_related("project", "employer", "freelancer")
        .order_by("unread_since")[:most]
    )
