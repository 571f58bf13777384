"""A conversation of a member with support: about what, who waits for whom, and how it ended."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member, kept_files
from config import subjects
from config.lifecycle import Action, HasLifecycle
from config.refusals import KeyConflict, TooOften, WrongState
from config.retry import retried
from config.uploads import Checked
from support.chat import lifecycle, notices
from support.chat.models.messages import Message, MessageFile

MOST_OPEN = 5  # conversations of one member
MOST_A_DAY = 10  # that one member begins
MOST_A_MINUTE = 15  # entries of one author
STARS = range(1, 6)


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: Member) -> Self:
        """Their own."""
        return self.filter(member=user)

    def waiting(self) -> Self:
        """Those in which the member waits for an answer, who waits longest first."""
        return self.filter(state=Conversation.State.WAITING).order_by("waiting_since", "pk")


class Conversation(HasLifecycle, models.Model):
    """What a member asks support. ``about`` is a reference of ``config.subjects``, or empty.

    ``waiting_since`` is the first thing that the member said and nobody has answered; ``read_until`` the number of the
    last entry that the member was shown. The rating is that of the newest closing, 1 to 5.
    """

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waits for support")
        ANSWERED = "answered", gettext_lazy("Answered")
        CLOSED = "closed", gettext_lazy("Closed")

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="conversations", verbose_name=gettext_lazy("member")
    )
    title = models.CharField(gettext_lazy("about"), max_length=200)
    about = models.CharField(max_length=subjects.LONGEST, blank=True)
    state = models.CharField(gettext_lazy("state"), max_length=8, choices=State, default=State.WAITING)
    taken_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=gettext_lazy("taken by")
    )
    key = models.UUIDField(unique=True, editable=False)
    opened_at = models.DateTimeField(gettext_lazy("opened"), default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    waiting_since = models.DateTimeField(gettext_lazy("waits since"), null=True)
    first_answer_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    rating = models.PositiveSmallIntegerField(gettext_lazy("rating"), null=True)
    rating_words = models.TextField(max_length=1_000, blank=True)
    read_until = models.BigIntegerField(default=0)

    objects: ClassVar[Any] = ConversationQuerySet.as_manager()
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.CONVERSATION
    messages: Any  # those of Message

    class Meta:
        verbose_name = gettext_lazy("conversation")
        verbose_name_plural = gettext_lazy("conversations")
        permissions = [("answer_conversation", gettext_lazy("Can answer members who ask support"))]
        indexes = [
            models.Index(fields=["member", "-last_at"], name="conversations_of"),
            models.Index(fields=["waiting_since"], condition=Q(state="waiting"), name="conversations_waiting"),
            models.Index(fields=["first_answer_at"], name="conversations_answered"),
            models.Index(fields=["about"], condition=~Q(about=""), name="conversations_about"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", waiting_since__isnull=False)
                | (~Q(state="waiting") & Q(waiting_since=None)),
                name="conversation_waits_since",
            ),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__gte=STARS.start, rating__lt=STARS.stop, state="closed"),
                name="conversation_rated_when_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        """What people quote: S and the number."""
        return f"S{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("support:conversation", args=[self.pk])

    @classmethod
    def locked(cls, pk: int) -> "Conversation":
        """Return it locked, so that its entries have one order. For a transaction."""
        found: Conversation = (
            cls.objects.select_for_update(of=("self",), no_key=True).select_related("member", "taken_by").get(pk=pk)
        )
        return found

    @classmethod
    @retried
    def open(
        cls, *, by: Member, title: str, text: str, key: uuid.UUID, about: str = "", files: Sequence[Checked] = ()
    ) -> "Conversation":
        """Begin a conversation of *by* about *title*, and say *text* with *files*. A repeat of *key* returns the first.

        Whether *about* is theirs to ask about is for the caller to have read (``config.subjects.read``). TooOften past
        MOST_OPEN that are open, or MOST_A_DAY.
        """
        with kept_files() as kept, transaction.atomic():
            Member.objects.select_for_update(no_key=True).get(pk=by.pk)  # their conversations are counted one by one
            if done := cls.objects.filter(key=key).first():
                if done.member_id != by.pk:
                    raise KeyConflict(f"conversation {key} was {done}")
                return done
            cls._require_pause(by)
            now = timezone.now()
            conversation = cls(member=by, title=title, about=about, key=key, opened_at=now, waiting_since=now)
            conversation.last_at = now
            conversation.save(force_insert=True)
            conversation._say(by, text, key, files, kept, at=now)
        return conversation

    @classmethod
    def _require_pause(cls, by: Member) -> None:
        own = cls.objects.filter(member=by)
        if own.exclude(state=cls.State.CLOSED).count() >= MOST_OPEN:
            raise TooOften(_("You have several open conversations. Go on in one of them, or close one first."))
        if own.filter(opened_at__gt=timezone.now() - datetime.timedelta(days=1)).count() >= MOST_A_DAY:
            raise TooOften(_("You have begun a lot of conversations today. Go on in one of them."))

    @retried
    def write(self, *, by: Member, text: str, key: uuid.UUID, files: Sequence[Checked] = ()) -> Message:
        """Say *text* as the member; a closed conversation is open again. A repeat of *key* returns what was said.

        PermissionDenied for anybody else, WrongState where it was closed too long ago, TooOften past MOST_A_MINUTE.
        """
        with kept_files() as kept, transaction.atomic():
            now = Conversation.locked(self.pk)
            if done := now._done(key, by):
                return done
            closed = now.state == self.State.CLOSED
            now.require("reopen" if closed else "write", by)
            now._require_breath(by)
            if closed:
                now._note_step(Message.Kind.REOPENED, by, uuid.uuid5(key, "reopened"))
                now.closed_at, now.rating, now.rating_words = None, None, ""
            message = now._say(by, text, key, files, kept)
            now.state, now.last_at = self.State.WAITING, message.at
            now.waiting_since = now.waiting_since or message.at
            now.read_until = message.pk
            now.save()
        return message

    @retried
    def answer(self, *, by: Member, text: str, key: uuid.UUID, files: Sequence[Checked] = ()) -> Message:
        """Say *text* as support, and tell the member: by e-mail only if they are away. Who answers first takes it.

        PermissionDenied for who may not, WrongState where it is closed, TooOften past MOST_A_MINUTE.
        """
        with kept_files() as kept, transaction.atomic():
            now = Conversation.locked(self.pk)
            if done := now._done(key, by):
                return done
            now.require("answer", by)
            now._require_breath(by)
            message = now._say(by, text, key, files, kept, of_staff=True)
            now.state, now.waiting_since, now.last_at = self.State.ANSWERED, None, message.at
            now.first_answer_at = now.first_answer_at or message.at
            now.taken_by = now.taken_by or by
            now.save()
            notices.answered(now)
        return message

    @retried
    @transaction.atomic
    def note(self, *, by: Member, text: str, key: uuid.UUID) -> Message:
        """Write *text* for staff alone. PermissionDenied for who may not."""
        now = Conversation.locked(self.pk)
        if done := now._done(key, by):
            return done
        now.require("note", by)
        now._require_breath(by)
        return now._note_step(Message.Kind.NOTE, by, key, text=text)

    @retried
    @transaction.atomic
    def take(self, *, by: Member, key: uuid.UUID) -> Message:
        """Look after it from now on, in the place of whoever did. WrongState for who does already."""
        now = Conversation.locked(self.pk)
        if done := now._done(key, by):
            return done
        now.require("take", by)
        if now.taken_by_id == by.pk:
            raise WrongState(_("You look after this conversation already."))
        now.taken_by = by
        now.save(update_fields=["taken_by"])
        return now._note_step(Message.Kind.TAKEN, by, key)

    @retried
    @transaction.atomic
    def hand_over(self, *, by: Member, to: Member | None, key: uuid.UUID) -> Message:
        """Let *to* look after it, or nobody yet where that is None. PermissionDenied for a *to* who may not."""
        now = Conversation.locked(self.pk)
        if done := now._done(key, by):
            return done
        now.require("hand-over", by)
        if to is not None:
            now.require("take", to)
        now.taken_by = to
        now.save(update_fields=["taken_by"])
        return now._note_step(Message.Kind.HANDED, by, key, text=to.name if to else "")

    @retried
    @transaction.atomic
    def close(self, *, by: Member, key: uuid.UUID) -> Message:
        """End it, as the member or as support. The member can open it again for a while."""
        now = Conversation.locked(self.pk)
        if done := now._done(key, by):
            return done
        now.require("close", by)
        step = now._note_step(Message.Kind.CLOSED, by, key)
        now.state, now.waiting_since, now.closed_at, now.last_at = self.State.CLOSED, None, step.at, step.at
        now.save()
        if by.pk != now.member_id:
            notices.closed(now)
        return step

    @retried
    @transaction.atomic
    def rate(self, *, by: Member, stars: int, words: str, key: uuid.UUID) -> Message:
        """Say how it was, 1 to 5 *stars* with *words*; said again it takes the place of what was said before."""
        if stars not in STARS:
            raise ValueError(f"{stars} stars")
        now = Conversation.locked(self.pk)
        if done := now._done(key, by):
            return done
        now.require("rate", by)
        now.rating, now.rating_words = stars, words
        now.save(update_fields=["rating", "rating_words"])
        return now._note_step(Message.Kind.RATED, by, key, text=f"{stars}/{STARS.stop - 1} {words}".strip())

    def seen(self, last: int) -> None:
        """Note that the member was shown the entries up to number *last*. It never goes back."""
        if Conversation.objects.filter(pk=self.pk, read_until__lt=last).update(read_until=last):
            notices.seen(self)

    def _done(self, key: uuid.UUID, by: Member) -> Message | None:
        """Return what was done with *key* here by *by*. KeyConflict where it was used elsewhere, or by another."""
        done: Message | None = Message.objects.filter(key=key).first()
        if done and (done.conversation_id, done.author_id) != (self.pk, by.pk):
            raise KeyConflict(f"entry {key} was {done.pk}")
        return done

    def _require_breath(self, by: Member) -> None:
        since = timezone.now() - datetime.timedelta(minutes=1)
        if Message.objects.filter(author=by, at__gt=since).count() >= MOST_A_MINUTE:
            raise TooOften(_("You have sent a lot of messages within a minute. Wait a moment, then send this one."))

    def _say(
        self,
        by: Member,
        text: str,
        key: uuid.UUID,
        files: Sequence[Checked],
        kept: list[Any],
        *,
        of_staff: bool = False,
        at: datetime.datetime | None = None,
    ) -> Message:
        message: Message = Message.objects.create(
            conversation=self, author=by, text=text, key=key, of_staff=of_staff, at=at or timezone.now()
        )
        kept.extend(MessageFile.keep(file, message=message) for file in files)
        return message

    def _note_step(self, kind: str, by: Member, key: uuid.UUID, text: str = "") -> Message:
        step: Message = Message.objects.create(
            conversation=self, kind=kind, author=by, key=key, of_staff=by.pk != self.member_id, text=text
        )
        return step
