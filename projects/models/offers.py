"""Projects and bids."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config import fees
from config.lifecycle import Action, HasLifecycle
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from projects import lifecycle, notices
from projects.models.awards import Award, AwardEvent


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Member) -> "ProjectQuerySet":
        """Open projects, the user's own, and those the user has bid on or worked on."""
        return self.filter(
            Q(state=Project.State.OPEN)
            | Q(employer=user)
            | models.Exists(Bid.objects.filter(project=models.OuterRef("pk"), freelancer=user))
        )


class Project(HasLifecycle, models.Model):
    """Work that an employer posts, in one currency, with a budget in its minor units."""

    class State(models.TextChoices):
        OPEN = "open", gettext_lazy("Open")
        CLOSED = "closed", gettext_lazy("Closed")

    employer = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="projects")
    title = models.CharField(gettext_lazy("title"), max_length=120)
    description = models.TextField(gettext_lazy("description"), max_length=10_000)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    currency = models.CharField(gettext_lazy("currency"), max_length=3)
    budget_from = models.BigIntegerField()
    budget_to = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    # Made with the form it was posted from, so that a double click posts one project.
    key = models.UUIDField(null=True, unique=True, editable=False)
    posted_at = models.DateTimeField(default=timezone.now)
    words = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="english")
        + SearchVector("description", weight="B", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects: ClassVar[Any] = ProjectQuerySet.as_manager()
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.PROJECT

    class Meta:
        verbose_name = gettext_lazy("project")
        verbose_name_plural = gettext_lazy("projects")
        constraints = [
            models.CheckConstraint(
                condition=Q(budget_from__gt=0, budget_to__gte=F("budget_from")), name="project_budget_is_a_range"
            )
        ]
        indexes = [
            GinIndex(fields=["words"], name="project_words"),
            GinIndex(fields=["skills"], name="project_skills"),
            models.Index(fields=["-id"], condition=Q(state="open"), name="project_open"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("project", args=[self.pk])

    @classmethod
    def post(
        cls,
        *,
        by: Member,
        title: str,
        description: str,
        currency: str,
        budget_from: int,
        budget_to: int,
        skills: Sequence[str] = (),
        key: uuid.UUID | None = None,
    ) -> "Project":
        """Post *by*'s project, open for bids. The currency stays what it is: every bid is made in it.

        *key* makes a repeat harmless: with the same words it returns the project that was posted first.
        """
        says = {
            "employer": by,
            "title": title,
            "description": description,
            "skills": cls.folded(skills),
            "currency": currency,
            "budget_from": budget_from,
            "budget_to": budget_to,
        }
        if key:
            # Of two at once the second waits for the first, does nothing, and reads what was posted.
            cls.objects.bulk_create([cls(**says, key=key)], ignore_conflicts=True)
            if posted := cls.objects.filter(**says, key=key).first():
                return posted
        # No form, or one that was sent before with other words: a project of its own.
        return cls.objects.create(**says)

    def edit(
        self,
        *,
        by: Member,
        title: str,
        description: str,
        budget_from: int,
        budget_to: int,
        skills: Sequence[str] = (),
    ) -> None:
        """Change what the project says, while it is open."""
        with transaction.atomic():
            Project.objects.select_for_update(no_key=True).get(pk=self.pk).require("edit", by)
            self.title, self.description, self.skills = title, description, self.folded(skills)
            self.budget_from, self.budget_to = budget_from, budget_to
            self.save(update_fields=["title", "description", "skills", "budget_from", "budget_to"])

    def close(self, *, by: Member) -> None:
        """Take no more bids. Bids that stand can still be awarded, and awards that were made go on."""
        with transaction.atomic():
            project = Project.objects.select_for_update(no_key=True).get(pk=self.pk)
            self.state = project.require("close", by).target or project.state
            self.save(update_fields=["state"])

    @staticmethod
    def folded(skills: Sequence[str]) -> list[str]:
        """Return each skill once, in lower case, so that a search finds it however it was written."""
        return list(dict.fromkeys(" ".join(skill.lower().split()) for skill in skills if skill.strip()))


class BidQuerySet(models.QuerySet["Bid"]):
    def visible_to(self, user: Member) -> "BidQuerySet":
        """The employer sees every bid that stands; a freelancer sees their own."""
        return self.filter(Q(freelancer=user) | Q(project__employer=user) & ~Q(state=Bid.State.WITHDRAWN))


class Bid(HasLifecycle, models.Model):
    """A freelancer's offer on a project: an amount in the project's currency (minor units), days, a proposal.

    ``version`` changes with everything that happens to the offer; an award is of the version that was seen.
    """

    class State(models.TextChoices):
        PLACED = "placed", gettext_lazy("Placed")
        WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
        AWARDED = "awarded", gettext_lazy("Awarded")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="bids")
    freelancer = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="bids")
    amount = models.BigIntegerField()
    days = models.PositiveIntegerField(gettext_lazy("days"), validators=[MinValueValidator(1), MaxValueValidator(3650)])
    proposal = models.TextField(gettext_lazy("proposal"), max_length=5_000)
    # The milestones that the freelancer proposes: [{"task": "…", "amount": 40000}, …], amounts in minor units.
    plan = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLACED)
    version = models.PositiveIntegerField(default=1)
    placed_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = BidQuerySet.as_manager()
    lifecycle: ClassVar[dict[str, Action]] = lifecycle.BID

    class Meta:
        verbose_name = gettext_lazy("bid")
        verbose_name_plural = gettext_lazy("bids")
        constraints = [
            models.UniqueConstraint(fields=["project", "freelancer"], name="bid_once_a_project"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="bid_asks_for_something"),
        ]

    def __str__(self) -> str:
        return f"{self.freelancer}: {self.project}"

    @property
    def employer_id(self) -> int:
        """Who may award it."""
        return self.project.employer_id

    @property
    def seen_version(self) -> str:
        """What a dialog that awards it was shown: stale once the offer is another, or the site's fees are."""
        return f"{self.version}.{fees.current(self.project.currency)}"

    @classmethod
    def place(
        cls,
        project: Project,
        *,
        by: Member,
        amount: int,
        days: int,
        proposal: str,
        plan: list[dict[str, Any]] | None = None,
    ) -> "Bid":
        """Place *by*'s bid, or place it anew after it was withdrawn. WrongState if one stands already."""
        with transaction.atomic():
            project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
            project.require("bid", by)
            bid = cls.objects.filter(project=project, freelancer=by).first()
            if bid is None:
                bid = cls.objects.create(
                    project=project, freelancer=by, amount=amount, days=days, proposal=proposal, plan=plan or []
                )
                notices.bid_placed(bid)
                return bid
            if bid.state != cls.State.WITHDRAWN:
                raise WrongState(_("You have a bid on this project already. You can revise it."))
            return bid.revise(by=by, amount=amount, days=days, proposal=proposal, plan=plan)

    def revise(
        self, *, by: Member, amount: int, days: int, proposal: str, plan: list[dict[str, Any]] | None = None
    ) -> "Bid":
        """Change the offer; a withdrawn bid stands again."""
        with transaction.atomic():
            bid = self._locked()
            row = bid.require("revise", by)
            bid.project.require("bid", by)
            placed_anew = bid.state == self.State.WITHDRAWN
            bid.amount, bid.days, bid.proposal, bid.plan = amount, days, proposal, plan or []
            bid.state, bid.placed_at = row.target or bid.state, timezone.now()
            bid._touch("amount", "days", "proposal", "plan", "state", "placed_at")
            if placed_anew:
                notices.bid_placed(bid)
        return bid

    def withdraw(self, *, by: Member) -> "Bid":
        """Take the offer back, until it is awarded."""
        with transaction.atomic():
            bid = self._locked()
            bid.state = bid.require("withdraw", by).target or bid.state
            bid._touch("state")
        return bid

    @retried
    def award(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Award":
        """Choose this bid. The award carries the offer as it stands and awaits the freelancer's answer."""
        with transaction.atomic():
            bid = self._locked()
            done = AwardEvent.objects.filter(key=key).select_related("award").first()
            if done:
                if done.award.bid_id != bid.pk:
                    raise KeyConflict(f"operation {key} awarded another bid")
                return done.award
            bid.state = bid.require("award", by).target or bid.state
            seen.require(bid.seen_version)
            bid._touch("state")
            terms = fees.current(bid.project.currency)
            award = Award.objects.create(
                bid=bid,
                project=bid.project,
                employer=by,
                freelancer=bid.freelancer,
                amount=bid.amount,
                currency=bid.project.currency,
                days=bid.days,
                freelancer_fee_percent=terms.freelancer.percent,
                freelancer_fee_least=terms.freelancer.least,
                employer_fee_percent=terms.employer.percent,
                employer_fee_least=terms.employer.least,
                answer_by=timezone.now() + datetime.timedelta(hours=settings.AWARD_ANSWER_HOURS),
            )
            award.record("award", by=by, key=key, seen=seen)
            notices.awarded(award)
        return award

    @classmethod
    def ways_without_actions(cls) -> list[tuple[str, str, str]]:
        """What becomes of it by a step on its award, for the drawing of its life."""
        return [(cls.State.AWARDED, cls.State.PLACED, _("the award ended without being accepted"))]

    def reopen(self) -> None:
        """Let the offer stand again: its award ended without being accepted. The award's row is locked."""
        Bid.objects.filter(pk=self.pk).update(state=self.State.PLACED, version=F("version") + 1)

    def _touch(self, *fields: str) -> None:
        """Save *fields* and make every award dialog that was shown before stale. The row is locked."""
        self.version += 1
        self.save(update_fields=[*fields, "version"])

    def _locked(self) -> "Bid":
        return (
            Bid.objects.select_for_update(of=("self",), no_key=True)
            .select_related("project", "freelancer")
            .get(pk=self.pk)
        )
