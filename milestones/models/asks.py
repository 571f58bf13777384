"""What one side of an award asks of the other: nothing moves by asking, and every ask gets an end.

An ask waits until the other side agrees or refuses, or who asked takes it back; where the money's own steps make it
pointless, it is overtaken (``milestones.statements.overtake``).
"""

import uuid
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Event, Member
from config.lifecycle import HasLifecycle
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from milestones import statements
from projects.models import Award


class AskQuerySet(models.QuerySet["Ask"]):
    def visible_to(self, user: Member) -> Self:
        """Those of awards in which the user is a party."""
        return self.filter(models.Q(award__employer=user) | models.Q(award__freelancer=user))

    def waiting(self) -> Self:
        """Those that nobody has answered yet, oldest first.

        The state is written out: a statement that is prepared without its parameters finds the small index only so.
        """
        waiting: Any = self.extra(where=[f"{self.model._meta.db_table}.state = 'waiting'"])
        return waiting.order_by("id")  # type: ignore[no-any-return]


class Ask(HasLifecycle, models.Model):
    """What all asks have in common. ``note`` is what who asked says, ``answer`` what the other side said to it.

    A subclass names its ``kind``, its ``lifecycle`` (from "new" to "waiting" and on) and its ``states`` in words.
    ``version`` changes with the ask; ``seen_version`` is what a dialog about it was shown.
    """

    NEW, WAITING, AGREED, REFUSED = "new", "waiting", "agreed", "refused"
    WITHDRAWN, OVERTAKEN = "withdrawn", "overtaken"
    kind: ClassVar[str]
    states: ClassVar[dict[str, Promise | str]]
    # What a waiting one becomes when its milestone, or its award where it has none, is at its end; when some of the
    # milestone is released; None: it goes on waiting.
    after_end: ClassVar[str | None] = OVERTAKEN
    after_release: ClassVar[str | None] = None
    ends_with_award: ClassVar[bool] = True

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default=NEW)
    note = models.TextField(max_length=2000, blank=True)
    answer = models.TextField(max_length=2000, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = AskQuerySet.as_manager()

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        statements.register_ask(cls)

    @classmethod
    def ways_without_actions(cls) -> list[tuple[str, str, str]]:
        """What becomes of a waiting one by steps on its milestone or award, for the drawing of its life."""
        own = any(field.name == "milestone" for field in cls._meta.get_fields())
        ways = []
        if cls.after_release and own:
            ways.append((cls.WAITING, cls.after_release, _("some of the milestone was released")))
        if cls.after_end and own:
            ways.append((cls.WAITING, cls.after_end, _("the milestone is at its end")))
        if cls.after_end and cls.ends_with_award:
            ways.append((cls.WAITING, cls.after_end, _("the award is at its end")))
        return ways

    def get_state_display(self) -> str:
        """The state in the kind's own words."""
        return str(self.states[self.state])

    @property
    def employer_id(self) -> int:
        return self.award.employer_id

    @property
    def freelancer_id(self) -> int:
        return self.award.freelancer_id

    @property
    def seen_version(self) -> str:
        """What a dialog about this ask was shown: stale once it, its milestone or its award has changed."""
        milestone = getattr(self, "milestone", None)
        return f"{self.version}.{milestone.version if milestone else ''}.{self.award.state}"

    @classmethod
    @retried
    def ask(cls, award: Award, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN, **fields: Any) -> Self:
        """Ask, and tell the other side. *fields* are the kind's own, ``note`` and ``milestone`` among them.

        A repeat of *key* returns what was asked first, while it waits. PermissionDenied for a wrong person; WrongState
        where it can't be asked now, one of this kind waits already, or what *key* asked for is settled by now.
        """
        with transaction.atomic():
            award = Award.locked(award.pk)
            if milestone := fields.get("milestone"):
                fields["milestone"] = milestone = statements.lock(type(milestone), milestone.pk)
                milestone.award = award
            if done := cls._done(key, "ask"):
                if (done.award_id, done.milestone_id) != (award.pk, milestone and milestone.pk):
                    raise KeyConflict(f"operation {key} asked for something else")
                asked: Any = cls.objects.get(pk=done.ask_id)
                asked.require_still_waiting()
                return asked  # type: ignore[no-any-return]
            new = cls(award=award, **fields)
            row = new.require("ask", by)
            seen.require(new._version_to_ask())
            new.state = row.target or cls.WAITING
            new.asked_at = timezone.now()
            new.save()
            new.record("ask", by=by, key=key, seen=seen, note=new.note)
            new.tell("ask")
        return new

    @retried
    def take(self, action: str, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN, note: str = "") -> Self:
        """Take a step on it that moves no money (refuse, withdraw …), with *note* as the other side's answer."""
        with transaction.atomic():
            ask = self.locked()
            if ask._done(key, action, ask.pk):
                return ask
            row = ask.require(action, by)
            seen.require(ask.seen_version)
            ask.settle(row.target or ask.state, note)
            ask.record(action, by=by, key=key, seen=seen, note=note)
            ask.tell(action)
        return ask

    def require_still_waiting(self) -> None:
        """Raise WrongState where what a repeat asks for was answered or taken back since: it is not asked anew."""
        if self.state != self.WAITING:
            raise WrongState(_("You have sent this form before, and what it asked for has been settled since."))

    def tell(self, action: str) -> None:
        """Tell the other side, in this transaction (each kind has its own notices)."""
        raise NotImplementedError

    def locked(self) -> Self:
        """Return it read anew, with its award's row, its milestone's and its own locked: the order of the system."""
        award = Award.locked(self.award.pk)
        milestone = getattr(self, "milestone", None)
        if milestone:
            milestone = statements.lock(type(milestone), milestone.pk)
            milestone.award = award
        ask: Any = type(self).objects.select_for_update(of=("self",), no_key=True).get(pk=self.pk)
        ask.award = award
        if milestone:
            ask.milestone = milestone
        return ask  # type: ignore[no-any-return]

    def settle(self, state: str, note: str = "") -> None:
        """Save a new *state*, and the *note* that answers it. The row is locked."""
        self.state, self.answer, self.answered_at = state, note or self.answer, timezone.now()
        self.version += 1
        self.save(update_fields=["state", "answer", "answered_at", "version"])

    def record(
        self, action: str, *, by: Member | None, key: uuid.UUID, seen: Seen, note: str = "", amount: int | None = None
    ) -> "AskEvent":
        """Write the lasting record of a step (P26)."""
        return AskEvent.objects.create(
            award=self.award,
            milestone_id=getattr(self, "milestone_id", None),
            kind=self.kind,
            ask_id=self.pk,
            actor=by,
            action=action,
            key=key,
            address=seen.address,
            shown=seen.shown,
            note=note,
            amount=amount if amount is not None else getattr(self, "amount", None),
        )

    def _version_to_ask(self) -> str:
        """What the dialog that asks was shown: the milestone's or the award's version."""
        milestone = getattr(self, "milestone", None)
        return str(milestone.seen_version if milestone else self.award.version)

    @classmethod
    def _done(cls, key: uuid.UUID, action: str, number: int | None = None) -> "AskEvent | None":
        """Return the event that *key* wrote before. KeyConflict where it was another step, or not of ask *number*."""
        done = AskEvent.objects.filter(key=key).first()
        if done and (done.kind, done.action, number or done.ask_id) != (cls.kind, action, done.ask_id):
            raise KeyConflict(f"operation {key} was “{done.action}” of a {done.kind}")
        return done


class AskEvent(Event):
    """A step of an ask: who asked, agreed, refused or withdrew, and what they said. Append-only."""

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="ask_events")
    milestone = models.ForeignKey(
        "milestones.Milestone", on_delete=models.PROTECT, null=True, related_name="ask_events"
    )
    kind = models.CharField(max_length=20)
    ask_id = models.BigIntegerField()
    note = models.TextField(blank=True)
    amount = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = gettext_lazy("event of a request")
        verbose_name_plural = gettext_lazy("events of requests")
        indexes = [
            models.Index(fields=["award", "-id"], name="ask_events_of_award"),
            models.Index(fields=["kind", "ask_id", "id"], name="ask_events_of_ask"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ask_id}: {self.action}"
