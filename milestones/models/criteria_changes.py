"""How a milestone's checklist changes: by its employer alone until the project is accepted, then by consent."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config.lifecycle import Action
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from milestones import lifecycle, notices_release, statements
from milestones.models.asks import Ask, AskEvent
from milestones.models.criteria import LONGEST, Criterion
from milestones.models.milestones import Milestone

EDITED = "criteria"  # the kind of the event that an employer's own edit leaves


class CriteriaChange(Ask):
    """Either side asks that the checklist of ``milestone`` shall read ``lines``; the other side agrees or refuses."""

    kind = "criteria-change"
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.CRITERIA_CHANGE
    states: ClassVar[dict[str, Promise | str]] = {
        Ask.NEW: gettext_lazy("Not proposed yet"),
        Ask.WAITING: gettext_lazy("Proposed"),
        Ask.AGREED: gettext_lazy("Agreed"),
        Ask.REFUSED: gettext_lazy("Refused"),
        Ask.WITHDRAWN: gettext_lazy("Taken back"),
        Ask.OVERTAKEN: gettext_lazy("Settled otherwise"),
    }

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="criteria_changes")
    proposed_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    lines: Any = ArrayField(models.CharField(max_length=LONGEST), default=list)

    class Meta:
        verbose_name = gettext_lazy("change of acceptance criteria")
        verbose_name_plural = gettext_lazy("changes of acceptance criteria")
        constraints = [
            models.UniqueConstraint(
                fields=["milestone"], condition=Q(state="waiting"), name="criteria_change_waits_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"

    @classmethod
    def propose(
        cls,
        milestone: Milestone,
        lines: Sequence[str],
        *,
        by: Member,
        key: uuid.UUID,
        seen: Seen = UNSEEN,
        note: str = "",
    ) -> "CriteriaChange":
        """Propose that the checklist shall read *lines*. Raises what ``Ask.ask`` raises."""
        about: dict[str, Any] = {"milestone": milestone, "note": note, "lines": list(lines), "proposed_by": by}
        return cls.ask(milestone.award, by=by, key=key, seen=seen, **about)

    @retried
    def agree(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "CriteriaChange":
        """Let the checklist read as proposed. WrongState where the milestone or the proposal isn't what was *seen*."""
        with transaction.atomic():
            change = self.locked()
            if change._done(key, "agree", change.pk):
                return change
            row = change.require("agree", by)
            seen.require(change.seen_version)
            before = rewrite(change.milestone, change.lines)
            change.settle(row.target or change.state)
            shown = {**seen.shown, "before": before, "after": change.lines}
            change.record("agree", by=by, key=key, seen=Seen(None, shown, seen.address))
            change.tell("agree")
        return change

    def require(self, action: str, by: Member) -> Action:
        """Also say why it can't be proposed now, where that is so."""
        self.require_who(action, by)
        if action == "ask" and (words := self.why_not()):
            raise WrongState(words)
        return super().require(action, by)

    def why_not(self) -> str:
        """Return why no change can be proposed now, as a sentence; nothing where one can."""
        if self.milestone.state != Milestone.State.HELD:
            return self.milestone.why_not_held()
        if self.award.state == "awaiting":
            return _("Until the project is accepted, the employer writes what done means.")
        if CriteriaChange.objects.filter(milestone=self.milestone, state=Ask.WAITING).exists():
            return _("A change was proposed already, and it was not answered yet.")
        return ""

    def tell(self, action: str) -> None:
        """The other side hears of it."""
        notices_release.of_criteria_change(self, action)


def rewrite(milestone: Milestone, lines: Sequence[str]) -> list[str]:
    """Let the checklist read *lines*, and return how it read before. The milestone's row is locked by the caller."""
    before = [line.words for line in milestone.criteria.all()]
    milestone.criteria.all().delete()
    Criterion.objects.bulk_create(
        Criterion(milestone=milestone, position=position, words=words) for position, words in enumerate(lines)
    )
    milestone.version += 1  # every dialog about it is stale
    statements.settle(milestone)
    return before


def require_edit(milestone: Milestone, by: Member) -> None:
    """PermissionDenied for anybody but the employer, WrongState where the checklist isn't theirs alone to write."""
    if by.pk != milestone.employer_id:
        raise PermissionDenied(_("Only the employer writes what done means, until the project is accepted."))
    if milestone.state != Milestone.State.HELD:
        raise WrongState(milestone.why_not_held())
    if milestone.award.state != "awaiting":
        raise WrongState(_("Once the project is accepted, both sides have to agree on a change of what done means."))


@retried
def edit(milestone: Milestone, lines: Sequence[str], *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> None:
    """Let the employer write what "done" means, until the freelancer accepts the project.

    PermissionDenied for anybody else; WrongState from acceptance on, where nothing is held, or where the milestone is
    not what was *seen*. A repeat of *key* does nothing; WrongState
    where the list was changed again since.
    """
    with transaction.atomic():
        milestone = statements.lock(Milestone, milestone.pk)
        if done := AskEvent.objects.filter(key=key).first():
            if (done.kind, done.milestone_id) != (EDITED, milestone.pk):
                raise KeyConflict(f"operation {key} was “{done.action}” of a {done.kind}")
            if [line.words for line in milestone.criteria.all()] != list(lines):
                raise WrongState(_("You have sent this form before, and what done means was changed again since."))
            return
        require_edit(milestone, by)
        seen.require(milestone.seen_version)
        before = rewrite(milestone, lines)
        milestone.award.touch()  # who is about to accept looks again
        AskEvent.objects.create(
            award_id=milestone.award_id,
            milestone=milestone,
            kind=EDITED,
            ask_id=milestone.pk,
            actor=by,
            action="edit",
            key=key,
            address=seen.address,
            shown={"before": before, "after": list(lines)},
        )
        notices_release.criteria_edited(milestone)
