"""Admin pages on which staff read, and nobody can add, change or delete anything (P70)."""

import re
from typing import Any

from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property


class ReadOnly:
    """Nothing can be added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(ReadOnly, TabularInline):
    """The story below a thing: whoever may read the thing reads it."""

    extra = 0
    view_on_site = False
    related: tuple[str, ...] = ()  # what its rows name, read along

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.get_model_admin(self.parent_model).has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.related)


class ReadOnlyAdmin(ReadOnly, ModelAdmin):
    """A list that is searched by reference ("M12", "12") or by words, and that never counts a whole large table."""

    list_per_page = 50
    paginator = InfinitePaginator
    show_full_result_count = False
    view_on_site = False  # members' pages show staff nothing: they are strangers to them
    change_form_template = "admin/story.html"
    letter = ""  # what stands before the number in the reference
    number_fields: tuple[str, ...] = ("pk",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, and below it what belongs to the thing and stands elsewhere."""
        thing = self.get_object(request, object_id) if self.has_view_permission(request) else None
        told = self.admin_site.story(request, thing) if thing is not None else {}
        return super().change_view(request, object_id, form_url, {**told, **(extra_context or {})})

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Any], bool]:
        words = search_term.replace("\0", "").strip()
        number = re.fullmatch(rf"(?i:{self.letter}|#)?([0-9]{{1,18}})", words, re.ASCII)
        if number:  # nothing else: words would read the whole table
            by_number = Q()
            for field in self.number_fields:
                by_number |= Q(**{field: int(number[1])})
            return queryset.filter(by_number), False
        return super().get_search_results(request, queryset, words)


class BoundedPaginator(Paginator):
    """Pages of a list that may be endless: the newest few thousand of it. Nothing is counted beyond those."""

    MOST = 2000

    @cached_property
    def count(self) -> int:
        listed: Any = self.object_list
        return int(listed.order_by()[: self.MOST].count())
