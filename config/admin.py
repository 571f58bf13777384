"""Staff see what the worker does here, first of all what has failed (P70). The desk has it tried again.

Procrastinate brings a page of its own, on which whoever may look can also cancel what waits and abort what runs; a
withdrawal would then stay where it is. So ours takes its place.
"""

from collections.abc import Iterator
from typing import Any

import procrastinate.contrib.django.admin  # noqa: F401  (registers the page that is replaced here)
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from config.read_only import ReadOnlyAdmin, ReadOnlyInline

DONE = ("succeeded", "cancelled", "aborted")

admin.site.unregister(ProcrastinateJob)


class Standing(admin.SimpleListFilter):
    """Failed ones, unless others are asked for."""

    title = gettext_lazy("status")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("failed", gettext_lazy("Failed")),
            ("todo", gettext_lazy("Waiting")),
            ("doing", gettext_lazy("Being done")),
            ("done", gettext_lazy("Done")),
        ]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            link = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.standing() == value, "query_string": link, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status__in=DONE if self.standing() == "done" else [self.standing()])

    def standing(self) -> str:
        return self.value() or "failed"


class EventsOfJob(ReadOnlyInline):
    model = ProcrastinateEvent
    fields = ("at", "type")
    ordering = ("id",)


@admin.register(ProcrastinateJob)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("id", "task", "args", "status", "attempts", "last")  # fits 1280 pixels
    list_filter = (Standing, "queue_name")
    ordering = ("-id",)
    search_fields = ("task_name",)
    search_help_text = gettext_lazy("Number, or a part of the task's name")
    fields = ("id", "task_name", "args", "queue_name", "status", "attempts", "scheduled_at")
    inlines = (EventsOfJob,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        events = ProcrastinateEvent.objects.filter(job=OuterRef("pk")).order_by("-id")
        return super().get_queryset(request).annotate(last_at=Subquery(events.values("at")[:1]))

    @admin.display(description=gettext_lazy("task"), ordering="task_name")
    def task(self, job: Any) -> str:
        return str(job.task_name.rpartition(".")[2])

    @admin.display(description=gettext_lazy("last step"))
    def last(self, job: Any) -> Any:
        return job.last_at
