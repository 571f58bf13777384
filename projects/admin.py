"""Staff read projects, bids and awards here, and change nothing (P70)."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from config.money import format_minor
from config.read_only import ReadOnlyAdmin, ReadOnlyInline
from projects.fee_words import rate
from projects.models import Award, AwardEvent, Bid, Project, Review, Standing, StandingSum


class BidsOfProject(ReadOnlyInline):
    model = Bid
    fields = ("freelancer", "sum", "days", "state", "placed_at")
    readonly_fields = ("sum",)
    related = ("project", "freelancer")
    show_change_link = True

    @admin.display(description=_("amount"))
    def sum(self, bid: Bid) -> str:
        return format_minor(bid.amount, bid.project.currency)


class AwardsOfProject(ReadOnlyInline):
    model = Award
    fields = ("freelancer", "sum", "state", "awarded_at", "answer_by")
    readonly_fields = ("sum",)
    related = ("project", "freelancer")
    show_change_link = True

    @admin.display(description=_("amount"))
    def sum(self, award: Award) -> str:
        return format_minor(award.amount, award.currency)


class EventsOfAward(ReadOnlyInline):
    model = AwardEvent
    fields = ("at", "actor", "what", "address", "key", "shown")
    readonly_fields = ("at", "what")
    ordering = ("id",)
    related = ("actor",)

    @admin.display(description=_("action"))
    def what(self, event: AwardEvent) -> str:
        return str(AwardEvent.ACTIONS[event.action])


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    letter = "P"
    ordering = ("-id",)
    list_display = ("id", "title", "employer", "budget", "state", "posted_at")
    list_filter = ("state", "currency")
    list_select_related = ("employer",)
    search_fields = ("title", "employer__email", "employer__name")
    search_help_text = _("Number, title, or the employer's name or e-mail")
    fields = ("title", "employer", "state", "budget", "skills", "description", "posted_at")
    readonly_fields = ("budget",)
    inlines = (BidsOfProject, AwardsOfProject)

    @admin.display(description=_("budget"))
    def budget(self, project: Project) -> str:
        ends = (project.budget_from, project.budget_to)
        return " – ".join(format_minor(end, project.currency) for end in ends)


@admin.register(Bid)
class BidAdmin(ReadOnlyAdmin):
    letter = "B"
    ordering = ("-id",)
    list_display = ("id", "short_project", "bidder", "sum", "state")
    list_filter = ("state",)
    list_select_related = ("project", "freelancer")
    search_fields = ("project__title", "freelancer__email", "freelancer__name")
    search_help_text = _("Number, project, or the freelancer's name or e-mail")
    number_fields = ("pk", "project_id")
    fields = ("project", "freelancer", "sum", "days", "state", "proposal", "plan", "placed_at")
    readonly_fields = ("sum",)

    @admin.display(description=_("project"))
    def short_project(self, bid: Bid) -> str:
        return Truncator(bid.project.title).chars(32)

    @admin.display(description=_("freelancer"))
    def bidder(self, bid: Bid) -> str:
        return str(bid.freelancer)

    @admin.display(description=_("amount"))
    def sum(self, bid: Bid) -> str:
        return format_minor(bid.amount, bid.project.currency)


@admin.register(Award)
class AwardAdmin(ReadOnlyAdmin):
    letter = "A"
    ordering = ("-id",)
    list_display = ("id", "short_project", "parties", "sum", "state")
    list_filter = ("state", "currency")
    list_select_related = ("project", "employer", "freelancer")
    search_fields = ("project__title", "employer__email", "employer__name", "freelancer__email", "freelancer__name")
    search_help_text = _("Number, project, or a party's name or e-mail")
    number_fields = ("pk", "project_id")
    fields = ("project", "bid", "employer", "freelancer", "sum", "days", "state", "awarded_at", "answer_by",
              "completed_at", "review_by", "freelancers_fee", "employers_fee")  # fmt: skip
    readonly_fields = ("sum", "freelancers_fee", "employers_fee")
    inlines = (EventsOfAward,)

    @admin.display(description=_("project"))
    def short_project(self, award: Award) -> str:
        return Truncator(award.project.title).chars(32)

    @admin.display(description=_("parties"))
    def parties(self, award: Award) -> str:
        return f"{award.employer} → {award.freelancer}"

    @admin.display(description=_("freelancer's fee"))
    def freelancers_fee(self, award: Award) -> str:
        return rate(award.terms.freelancer, award.currency)

    @admin.display(description=_("employer's fee"))
    def employers_fee(self, award: Award) -> str:
        return rate(award.terms.employer, award.currency)

    @admin.display(description=_("amount"))
    def sum(self, award: Award) -> str:
        return format_minor(award.amount, award.currency)


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """What nobody may read yet, staff don't read either: they may know the people."""

    ordering = ("-id",)
    list_display = ("id", "author", "subject", "of", "shown_stars", "written_at")
    list_select_related = ("author", "subject")
    search_fields = ("author__email", "author__name", "subject__email", "subject__name")
    search_help_text = _("Number, award, or a party's name or e-mail")
    number_fields = ("pk", "award_id")
    fields = ("award", "author", "subject", "of", "shown_stars", "shown_text", "written_at")
    readonly_fields = ("shown_stars", "shown_text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        readable = Review.objects.visible().filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(readable=Exists(readable))  # type: ignore[no-any-return]

    @admin.display(description=_("stars"))
    def shown_stars(self, review: Any) -> str:
        return str(review.stars) if review.readable else str(_("hidden"))

    @admin.display(description=_("text"))
    def shown_text(self, review: Any) -> str:
        return review.text if review.readable else str(_("hidden until both are in or the time for it is over"))


class SumsOfStanding(ReadOnlyInline):
    model = StandingSum
    fields = ("currency", "sum", "milestones", "awards")
    readonly_fields = ("sum",)

    @admin.display(description=_("paid"))
    def sum(self, row: StandingSum) -> str:
        return format_minor(row.paid, row.currency)


@admin.register(Standing)
class StandingAdmin(ReadOnlyAdmin):
    ordering = ("-id",)
    list_display = ("id", "member", "side", "milestones", "completed", "reviews", "as_of")
    list_filter = ("side",)
    list_select_related = ("member",)
    search_fields = ("member__email", "member__name")
    search_help_text = _("Number, or the member's name or e-mail")
    number_fields = ("pk", "member_id")
    fields = ("member", "side", "milestones", "completed", "reviews", "stars", "release_seconds", "disputed", "months",
              "as_of")  # fmt: skip
    inlines = (SumsOfStanding,)
