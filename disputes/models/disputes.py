"""A dispute about what is held on milestones of one award: from its opening to its one end (P40 to P45)."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Attachment, Member, kept_files
from config.lifecycle import Action, HasLifecycle
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from disputes import chain, dealings, lifecycle, notices
from disputes.models.absences import Away, clocks_against
from disputes.models.arbitrating import Arbitrating
from disputes.models.arbitration import Proposal
from disputes.models.events import DisputeEvent
from disputes.models.evidence import EvidenceItem, Said
from disputes.models.negotiating import Negotiating
from disputes.models.offers import Offer
from disputes.models.parts import DisputedMilestone
from disputes.terms import Terms
from milestones import disputing
from milestones.models import Milestone
from projects.models import Award, StandingDue


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def visible_to(self, user: Member) -> "DisputeQuerySet":
        """Disputes in which the user is a side. Staff read them in the admin."""
        return self.filter(Q(award__employer=user) | Q(award__freelancer=user))

    def under_way(self) -> "DisputeQuerySet":
        """Those without an end."""
        return self.filter(state__in=lifecycle.UNDER_WAY)

    def with_people(self) -> "DisputeQuerySet":
        """Join what a page names."""
        return self.select_related("award__project", "award__employer", "award__freelancer", "opened_by", "arbitrator")

    def with_sums(self) -> "DisputeQuerySet":
        """Annotate ``disputed_sum`` in minor units: what was held when it was opened."""
        return self.annotate(disputed_sum=Sum("parts__held"))


class Dispute(Negotiating, Arbitrating, Away, HasLifecycle, models.Model):
    """What one side of an award claims about the money that is held on some of its milestones.

    ``terms`` are the clocks and the fee as they were when it was opened (``Terms``). ``answer_by`` is until when the
    other side can answer before the opening's offer may be executed; from ``escalate_from`` on either side may call an
    arbitrator. ``awaited`` is a verdict that a second arbitrator has yet to confirm.
    """

    class State(models.TextChoices):
        NEW = "new", gettext_lazy("New")
        OPENED = "opened", gettext_lazy("Opened")
        NEGOTIATION = "negotiation", gettext_lazy("Negotiation")
        ARBITRATION = "arbitration", gettext_lazy("Arbitration")
        RESOLVED = "resolved", gettext_lazy("Resolved")
        WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", gettext_lazy("An offer was accepted")
        EXECUTED = "executed", gettext_lazy("The opening's offer was executed, since nobody answered it")
        PROPOSAL = "proposal", gettext_lazy("Both accepted an arbitrator's proposal")
        VERDICT = "verdict", gettext_lazy("An arbitrator decided")

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="disputes")
    opened_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="disputes_opened")
    currency = models.CharField(max_length=3)
    claim = models.TextField(gettext_lazy("claim"), max_length=5000)
    terms = models.JSONField()
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    answer_by = models.DateTimeField()
    escalate_from = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True)
    verdict_by = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    arbitrator = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    awaited = models.ForeignKey("disputes.Verdict", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    # Annotated by ``with_sums``, in minor units.
    disputed_sum: int

    objects: ClassVar[Any] = DisputeQuerySet.as_manager()
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.DISPUTE

    class Meta:
        verbose_name = gettext_lazy("dispute")
        verbose_name_plural = gettext_lazy("disputes")
        permissions = [("arbitrate", gettext_lazy("Can arbitrate disputes"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("opened", "negotiation", "arbitration", "resolved", "withdrawn")),
                name="dispute_state",
            ),
            models.CheckConstraint(
                condition=Q(state="resolved", outcome__in=("accepted", "executed", "proposal", "verdict"))
                | (~Q(state="resolved") & Q(outcome="")),
                name="dispute_outcome_at_its_end",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("resolved", "withdrawn"), ended_at__isnull=False)
                | Q(state__in=("opened", "negotiation", "arbitration"), ended_at__isnull=True),
                name="dispute_ends_at_its_end",
            ),
        ]
        indexes = [
            models.Index("escalated_at", condition=Q(state="arbitration"), name="disputes_to_decide"),
            models.Index("answer_by", condition=Q(state="opened"), name="disputes_to_answer"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("disputes:case", args=[self.pk])

    @property
    def reference(self) -> str:
        """What people quote: D and the number."""
        return f"D{self.pk}"

    @property
    def employer_id(self) -> int:
        return self.award.employer_id

    @property
    def freelancer_id(self) -> int:
        return self.award.freelancer_id

    @cached_property
    def rules(self) -> Terms:
        """The clocks and the fee that hold for it."""
        return Terms.read(self.terms)

    @property
    def verdict_waits(self) -> bool:
        """Whether a verdict is written that a second arbitrator has yet to confirm."""
        return self.awaited_id is not None

    @property
    def under_way(self) -> bool:
        """Whether it has no end yet."""
        return self.state in lifecycle.UNDER_WAY

    @property
    def seen_version(self) -> str:
        """What a dialog about it was shown: stale after every step but evidence."""
        return str(self.version)

    @cached_property
    def milestones(self) -> "list[DisputedMilestone]":
        """Its milestones in the order in which every split names them."""
        parts = self.parts.select_related("milestone").prefetch_related("milestone__criteria")
        return list(parts.order_by("milestone_id"))

    @property
    def held(self) -> list[int]:
        """What was held of each milestone when it was opened, in minor units: nothing of it has moved since."""
        return [part.held for part in self.milestones]

    @property
    def disputed(self) -> int:
        """What is in dispute altogether, in minor units."""
        return sum(self.held)

    def other(self, member: int) -> Member:
        """Return the other side than that of the *member* with this number."""
        return self.award.freelancer if member == self.award.employer_id else self.award.employer

    def latest_offer(self, member: int) -> Offer | None:
        """Return what the side with this number offered last, if anything."""
        return self.offers.filter(by=member).order_by("-id").first()

    def latest_proposal(self) -> Proposal | None:
        """Return what the arbitrator proposed last, if anything."""
        return self.proposals.order_by("-id").first()

    def has_dealings(self, member: Member) -> bool:
        """Return whether *member* is a side of it, or has or had to do with one."""
        return dealings.any_between(member.pk, (self.employer_id, self.freelancer_id))

    # Who may do what -----------------------------------------------------------------------------------------

    def allows(self, action: str, user: Any) -> bool:
        """Return whether *user* may do *action* now."""
        return super().allows(action, user) and not self.why_not(action, user)

    def require(self, action: str, by: Any) -> Action:
        """Also say why it can't be done now, where that is not in the table."""
        row = super().require(action, by)
        if words := self.why_not(action, by):
            raise WrongState(words)
        return row

    def why_not(self, action: str, user: Any) -> str:
        """Return why *user*, who is of the right kind, can't do it in this state, as a sentence; "" where they can."""
        if action == "offer" and self.state == self.State.OPENED and user.pk == self.opened_by_id:
            return _("Your offer stands until the other side answers. Then you can make another one.")
        if action == "accept" and self.latest_offer(self.other(user.pk).pk) is None:
            return _("The other side has made no offer yet.")
        if action == "evidence" and self.evidence.filter(by=user).count() >= settings.EVIDENCE_MOST:
            words = _("You have shown %(most)d pieces of evidence, which is the most that a side can hand in.")
            return words % {"most": settings.EVIDENCE_MOST}
        if action == "absence":
            return self._why_not_away(user)
        if action in ("accept_proposal", "refuse_proposal"):
            return self._why_not_answer(user)
        return ""

    def _why_not_away(self, user: Any) -> str:
        """Return why *user*, one of the sides, can't say that they are away; "" where they can."""
        if self.absences.filter(member=user).exists():
            return _("You have said once that you are away. That can be said once in a dispute.")
        return "" if clocks_against(self, user) else _("Nothing runs out against you now.")

    def _why_not_answer(self, user: Any) -> str:
        """Return why *user*, one of the sides, can't answer the arbitrator's proposal; "" where they can."""
        proposal = self.latest_proposal()
        if proposal is None:
            return _("The arbitrator has made no proposal.")
        return _("You have answered this proposal.") if proposal.answers.filter(by=user).exists() else ""

    @staticmethod
    def why_not_open(milestone: Milestone, user: Member) -> str:
        """Return why *user*, a side of *milestone*, can't dispute it now, as a sentence; "" where they can."""
        new = Dispute(award=milestone.award, opened_by=user)
        if milestone.state == Milestone.State.DISPUTED:
            return _("It is in dispute already.")
        if milestone.state != Milestone.State.HELD:
            return _("Nothing of it is held any more, so there is nothing to dispute.")
        row = lifecycle.DISPUTE["open"]
        return "" if row.when(new) else str(row.when_words)

    @classmethod
    def open_matters(cls, award: Award) -> list[str]:
        """Say what of *award* is in dispute: it can't end before."""
        words = _("The dispute %(reference)s has not ended yet.")
        return [words % {"reference": dispute.reference} for dispute in cls.objects.filter(award=award).under_way()]

    @staticmethod
    def version_to_open(milestones: Iterable[Milestone]) -> str:
        """Return what the dialog that opens a dispute was shown of *milestones*."""
        return " ".join(f"{each.pk}.{each.seen_version}" for each in sorted(milestones, key=lambda each: each.pk))

    # Steps ---------------------------------------------------------------------------------------------------

    @classmethod
    @retried
    def open(
        cls,
        award: Award,
        offered: Mapping[int, int],
        *,
        claim: str,
        by: Member,
        key: uuid.UUID,
        seen: Seen = UNSEEN,
        said: Said | None = None,
    ) -> "Dispute":
        """Dispute what is held on some milestones of *award*; from now on nothing of it can be moved elsewhere (P40).

        *offered* has by the milestone's number what the freelancer would get of it, in minor units: from nothing to
        all that is held. *said* is the first evidence. A repeat of *key* returns what it opened. PermissionDenied for
        anybody but the two sides; WrongState where a milestone is not held any more, is in dispute already, or isn't
        what was *seen*, and for an employer before the award is accepted. ValueError for a sum out of those bounds.
        """
        with kept_files() as kept, transaction.atomic():
            milestones = disputing.lock(award.pk, list(offered))
            if done := cls._done(key, "open"):
                return done.dispute
            award = milestones[0].award
            rules, now = Terms.current(award.currency), timezone.now()
            dispute = cls(award=award, opened_by=by, currency=award.currency, claim=claim, terms=rules.as_json())
            row = dispute.require("open", by)
            seen.require(cls.version_to_open(milestones))
            disputing.hold_fast(milestones)
            dispute.state, dispute.opened_at = row.target or dispute.state, now
            dispute.answer_by = dispute.escalate_from = rules.after("answer", now)
            dispute.save()
            DisputedMilestone.objects.bulk_create(
                DisputedMilestone(dispute=dispute, milestone=each, held=each.held) for each in milestones
            )
            offer = dispute._offer([offered[each.pk] for each in milestones], by)
            about = {
                "claim": chain.of_text(claim),
                "milestones": [each.pk for each in milestones],
                "held": [each.held for each in milestones],
                "terms": dispute.terms,
                "offer": offer.pk,
                "to_freelancer": offer.to_freelancer,
            }
            dispute.record("open", by=by, key=key, seen=seen, **about)
            if said:
                dispute._hand_in(said, by=by, key=uuid.uuid5(key, "evidence"), seen=seen, kept=kept)
            StandingDue.note(award.employer_id, award.freelancer_id)
            notices.opened(dispute)
        return dispute

    # What the steps share ------------------------------------------------------------------------------------

    def locked(self, *, to_settle: bool = False) -> "Dispute":
        """Return it read anew, with its award's row, its milestones' and its own locked: the order of the system.

        The milestones' only where the step moves their money (*to_settle*).
        """
        numbers = list(self.parts.order_by("milestone_id").values_list("milestone", flat=True))
        milestones = disputing.lock(self.award_id, numbers) if to_settle else []
        award = milestones[0].award if milestones else Award.locked(self.award_id)
        dispute: Dispute = Dispute.objects.select_for_update(of=("self",), no_key=True).get(pk=self.pk)
        dispute.award = award
        dispute._locked_milestones = milestones
        return dispute

    _locked_milestones: list[Milestone]

    def resolve(
        self, outcome: str, to_freelancer: Sequence[int], *, by: Member, key: uuid.UUID, seen: Seen
    ) -> "list[disputing.Settled]":
        """Split the money and end the dispute, inside the caller's transaction; it is ``locked(to_settle=True)``."""
        split = self._checked(to_freelancer)
        settled = disputing.settle(self._locked_milestones, split, by=by, key=key, seen=seen, cause=self.reference)
        for part, sum_ in zip(self.milestones, split, strict=True):
            part.open, part.to_freelancer = False, sum_
            part.save(update_fields=["open", "to_freelancer"])
        self.state, self.outcome, self.ended_at = self.State.RESOLVED, outcome, timezone.now()
        self.awaited = None
        StandingDue.note(self.employer_id, self.freelancer_id)
        self.touch("state", "outcome", "ended_at", "awaited")
        self.record(
            "resolve", by=by, key=uuid.uuid5(key, "resolve"), seen=seen, outcome=str(outcome), to_freelancer=split
        )
        return settled

    def touch(self, *fields: str) -> None:
        """Save *fields* and a new version: dialogs that were shown before are stale. Its row is locked."""
        self.version += 1
        self.save(update_fields=[*fields, "version"])

    def role_of(self, member: Member | None) -> str:
        """Return what *member* is in it: employer, freelancer, arbitrator, or site for none."""
        if member is None:
            return "site"
        return {self.employer_id: "employer", self.freelancer_id: "freelancer"}.get(member.pk, "arbitrator")

    def record(self, action: str, *, by: Member | None, key: uuid.UUID, seen: Seen, **data: Any) -> "DisputeEvent":
        """Write the lasting record of a step (P26), chained to the one before it. Its row is locked."""
        last = self.events.order_by("-number").values_list("number", "digest").first()
        number, previous = (last[0] + 1, last[1]) if last else (1, chain.FIRST)
        event = DisputeEvent(
            dispute=self, number=number, actor=by, role=self.role_of(by), action=action, key=key, data=data,
            address=seen.address, shown=seen.shown, previous=previous,
        )  # fmt: skip
        event.digest = event.expected_digest(previous)
        event.save(force_insert=True)
        return event

    def _offer(self, to_freelancer: Sequence[int], by: Member, words: str = "") -> Offer:
        return Offer.objects.create(dispute=self, by=by, to_freelancer=self._checked(to_freelancer), words=words)

    def _checked(self, to_freelancer: Sequence[int]) -> list[int]:
        """Return the split. ValueError unless it has for each milestone a sum between nothing and all of it."""
        held = self.held
        if len(to_freelancer) != len(held) or not all(0 <= a <= b for a, b in zip(to_freelancer, held, strict=True)):
            raise ValueError(f"{self.reference} can't be split into {list(to_freelancer)} of {held}")
        return list(to_freelancer)

    def _hand_in(
        self, said: Said, *, by: Member, key: uuid.UUID, seen: Seen, kept: list[Attachment], **more: Any
    ) -> EvidenceItem:
        """Keep a piece of evidence with its files, and record it with the digests of all that it holds."""
        item = EvidenceItem.hand_in(self, said, by=by, kept=kept, **more)
        about: dict[str, Any] = {"evidence": item.number, **item.digests()}
        if item.question_id:
            about["question"] = item.question_id
        self.record("evidence", by=by, key=key, seen=seen, **about)
        return item

    @classmethod
    def _done(cls, key: uuid.UUID, action: str, of: "Dispute | None" = None) -> "DisputeEvent | None":
        """Return the event that *key* wrote before. KeyConflict where it was another step, or not *of* this dispute."""
        done = DisputeEvent.objects.filter(key=key).select_related("dispute").first()
        if done and (done.action, of.pk if of else done.dispute_id) != (action, done.dispute_id):
            raise KeyConflict(f"operation {key} was “{done.action}” of {done.dispute.reference}")
        return done
