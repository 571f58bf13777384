"""The freelancer says that the work is done and asks for the money: a note, files of the work, the checklist (P32)."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Attachment, Member, kept_files
from config.lifecycle import Action
from config.money import LARGEST, format_minor
from config.refusals import WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from config.uploads import Checked
from milestones import lifecycle, notices_release
from milestones.models.asks import Ask, AskEvent
from milestones.models.milestones import Milestone
from projects.models import Award


class ReleaseRequest(Ask):
    """Asks for the release of ``amount`` minor units of what is held of ``milestone``; None is all of it.

    ``ticks`` is the checklist as it read then, each line with whether the freelancer ticked it:
    ``[{"words": "Works on a phone", "done": true}, …]``. Any release answers it; it can also be sent back, with what is
    missing. ``asked_of`` is the employer: in whose list it stands first.
    """

    kind = "release-request"
    after_release: ClassVar[str | None] = Ask.AGREED
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.RELEASE_REQUEST
    states: ClassVar[dict[str, Promise | str]] = {
        Ask.NEW: gettext_lazy("Not asked yet"),
        Ask.WAITING: gettext_lazy("Release requested"),
        Ask.AGREED: gettext_lazy("Released"),
        Ask.REFUSED: gettext_lazy("Sent back"),
        Ask.WITHDRAWN: gettext_lazy("Taken back"),
        Ask.OVERTAKEN: gettext_lazy("Settled otherwise"),
    }

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="release_requests")
    asked_of = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    amount = models.BigIntegerField(null=True)
    ticks = models.JSONField(default=list)

    class Meta:
        verbose_name = gettext_lazy("request for release")
        verbose_name_plural = gettext_lazy("requests for release")
        constraints = [
            models.UniqueConstraint(
                fields=["milestone"], condition=Q(state="waiting"), name="release_request_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gt=0, amount__lte=LARGEST), name="release_request_amount_in_bounds"
            ),
        ]
        indexes = [models.Index(fields=["asked_of", "id"], condition=Q(state="waiting"), name="release_requests_first")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"

    @property
    def sum(self) -> int:
        """What is asked for now, in minor units: no more than is held."""
        held = self.milestone.held
        return held if self.amount is None else min(self.amount, held)

    @property
    def unticked(self) -> list[str]:
        """The lines of the checklist that the freelancer did not tick."""
        return [tick["words"] for tick in self.ticks if not tick["done"]]

    @classmethod
    @retried
    def make(
        cls,
        milestone: Milestone,
        *,
        by: Member,
        key: uuid.UUID,
        seen: Seen = UNSEEN,
        amount: int | None = None,
        note: str = "",
        done: Sequence[int] = (),
        files: Sequence[Checked] = (),
    ) -> Self:
        """Ask for the release of *amount* of *milestone* (None: all that is held), with *files* of the work.

        *done* are the numbers of the criteria that are ticked. A repeat of *key* returns what was asked first.
        PermissionDenied for anybody but the freelancer; WrongState where nothing is held, less is held than is asked
        for, the project isn't accepted, a request waits already, or the checklist is another than was ticked.
        """
        with kept_files() as kept, transaction.atomic():
            Award.locked(milestone.award_id)  # so that the checklist is the one that stands
            lines = list(milestone.criteria.all())
            if not set(done) <= {line.pk for line in lines}:
                raise WrongState(_("What done means has changed since you ticked it. Look at it again, please."))
            ticks = [{"words": line.words, "done": line.pk in done} for line in lines]
            about: dict[str, Any] = {"milestone": milestone, "amount": amount, "note": note, "ticks": ticks}
            # A repeat finds its own event, and keeps no file a second time.
            fresh = cls._done(key, "ask") is None
            asked = cls.ask(milestone.award, by=by, key=key, seen=seen, asked_of_id=milestone.employer_id, **about)
            if fresh and not asked.files.exists():
                for file in files:
                    kept.append(ReleaseFile.keep(file, request=asked))
        return asked

    def require(self, action: str, by: Member) -> Action:
        """Also say why it can't be asked now, where that is so."""
        self.require_who(action, by)
        if action == "ask" and (words := self.why_not()):
            raise WrongState(words)
        return super().require(action, by)

    def why_not(self) -> str:
        """Return why the freelancer can't ask for it now, as a sentence; nothing where they can."""
        milestone = self.milestone
        if milestone.state != Milestone.State.HELD:
            return milestone.why_not_held()
        if self.award.state == "awaiting":
            return _("Accept the project first. Then you can ask for the release of its milestones.")
        if self.amount is not None and self.amount > milestone.held:
            return _("Only %(held)s is held.") % {"held": format_minor(milestone.held, milestone.currency)}
        if ReleaseRequest.objects.filter(milestone=milestone, state=Ask.WAITING).exists():
            return _("You have asked for it already, and it was not answered yet.")
        return ""

    def record(self, action: str, **about: Any) -> AskEvent:
        """Write the lasting record of a step, with the sum that was asked for."""
        return super().record(action, **{"amount": self.sum, **about})

    def tell(self, action: str) -> None:
        """The other side hears of it."""
        notices_release.of_release_request(self, action)


class ReleaseFile(Attachment):
    """A file of the work, sent with a request for release."""

    request = models.ForeignKey(ReleaseRequest, on_delete=models.PROTECT, related_name="files")

    class Meta:
        verbose_name = gettext_lazy("file of a request for release")
        verbose_name_plural = gettext_lazy("files of requests for release")

    def get_absolute_url(self) -> str:
        return reverse("milestones:release-file", args=[self.pk])
