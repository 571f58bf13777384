"""What was said and done in a conversation. Nothing of it is changed or deleted."""

from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.models import Attachment, Member

LONGEST = 5_000  # characters


class Message(models.Model):
    """One entry: something said, a note among staff, or a step. Append-only, in the order of its number.

    ``key`` was made with the form, so that a double click says it once.
    """

    class Kind(models.TextChoices):
        SAID = "said", _("Said")
        NOTE = "note", _("Note for staff")
        TAKEN = "taken", _("Taken")
        HANDED = "handed", _("Handed over")
        CLOSED = "closed", _("Closed")
        REOPENED = "reopened", _("Open again")
        RATED = "rated", _("Rated")

    # What the member never sees.
    INTERNAL: ClassVar[tuple[str, ...]] = (Kind.NOTE, Kind.TAKEN, Kind.HANDED)

    conversation = models.ForeignKey("chat.Conversation", on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.SAID)
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("author"))
    of_staff = models.BooleanField(_("by staff"), default=False)
    text = models.TextField(_("text"), max_length=LONGEST, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)
    key = models.UUIDField(unique=True, editable=False)

    objects: ClassVar[Any] = models.Manager()
    files: Any  # those of MessageFile

    class Meta:
        verbose_name = _("entry of a conversation")
        verbose_name_plural = _("entries of the conversation")
        indexes = [
            models.Index(fields=["conversation", "id"], name="entries_of_conversation"),
            models.Index(fields=["author", "-at"], name="entries_of_author"),
        ]

    def __str__(self) -> str:
        return Truncator(self.text).chars(40) or self.get_kind_display()  # type: ignore[attr-defined]


class MessageFile(Attachment):
    """A file of an entry. Append-only, and so is its content."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="files")

    class Meta:
        verbose_name = _("file of a conversation")
        verbose_name_plural = _("files of the conversation")

    def get_absolute_url(self) -> str:
        return reverse("support:file", args=[self.pk])
