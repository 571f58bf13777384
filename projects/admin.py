"""Staff read projects, bids and awards here, and change nothing (P70)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.money import format_minor
from projects.models import Award, AwardEvent, Bid, Project


class ReadOnly:
    """Nothing can be added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FoundById(ReadOnly, admin.ModelAdmin):
    """A list that is searched by number as well as by words."""

    list_per_page = 50
    show_full_result_count = False
    view_on_site = False
    id_fields: tuple[str, ...] = ("id",)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Any], bool]:
        found, duplicates = super().get_search_results(request, queryset, search_term)
        number = search_term.strip().lstrip("#AaPpBb")
        if number.isascii() and number.isdigit() and len(number) < 19:
            for field in self.id_fields:
                found = found | queryset.filter(**{field: int(number)})
        return found, duplicates


class BidsOfProject(ReadOnly, admin.TabularInline):
    model = Bid
    extra = 0
    fields = ("freelancer", "sum", "days", "state", "placed_at")
    readonly_fields = ("sum",)
    show_change_link = True

    @admin.display(description=_("amount"))
    def sum(self, bid: Bid) -> str:
        return format_minor(bid.amount, bid.project.currency)


class AwardsOfProject(ReadOnly, admin.TabularInline):
    model = Award
    extra = 0
    fields = ("freelancer", "sum", "state", "awarded_at", "answer_by")
    readonly_fields = ("sum",)
    show_change_link = True

    @admin.display(description=_("amount"))
    def sum(self, award: Award) -> str:
        return format_minor(award.amount, award.currency)


class EventsOfAward(ReadOnly, admin.TabularInline):
    model = AwardEvent
    extra = 0
    fields = readonly_fields = ("at", "actor", "action", "address", "key", "shown")
    ordering = ("id",)


@admin.register(Project)
class ProjectAdmin(FoundById):
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
class BidAdmin(FoundById):
    list_display = ("id", "project", "freelancer", "sum", "days", "state", "placed_at")
    list_filter = ("state",)
    list_select_related = ("project", "freelancer")
    search_fields = ("project__title", "freelancer__email", "freelancer__name")
    search_help_text = _("Number, project, or the freelancer's name or e-mail")
    id_fields = ("id", "project_id")
    fields = ("project", "freelancer", "sum", "days", "state", "proposal", "plan", "placed_at")
    readonly_fields = ("sum",)

    @admin.display(description=_("amount"))
    def sum(self, bid: Bid) -> str:
        return format_minor(bid.amount, bid.project.currency)


@admin.register(Award)
class AwardAdmin(FoundById):
    list_display = ("id", "project", "employer", "freelancer", "sum", "state", "awarded_at")
    list_filter = ("state", "currency")
    list_select_related = ("project", "employer", "freelancer")
    search_fields = ("project__title", "employer__email", "employer__name", "freelancer__email", "freelancer__name")
    search_help_text = _("Number, project, or a party's name or e-mail")
    id_fields = ("id", "project_id")
    fields = ("project", "bid", "employer", "freelancer", "sum", "days", "state", "awarded_at", "answer_by")
    readonly_fields = ("sum",)
    inlines = (EventsOfAward,)

    @admin.display(description=_("amount"))
    def sum(self, award: Award) -> str:
        return format_minor(award.amount, award.currency)
