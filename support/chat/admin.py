"""Conversations in the admin: the queue by waiting time, one conversation with its steps, and saved answers (P70)."""

from typing import Any

from unfold.admin import ModelAdmin

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.read_only import ReadOnlyAdmin
from support.chat.models import Conversation, SavedAnswer
from support.chat.views import staff

INTEGER = IntegerField()


class Queue(admin.SimpleListFilter):
    """What somebody of support looks for."""

    title = gettext_lazy("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waiting")), ("mine", _("Mine")), ("untaken", _("Nobody's"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        open_ones = queryset.exclude(state=Conversation.State.CLOSED)
        found = {
            "waiting": lambda: queryset.filter(state=Conversation.State.WAITING),
            "mine": lambda: open_ones.filter(taken_by=request.user.pk),
            "untaken": lambda: open_ones.filter(taken_by=None),
        }.get(self.value() or "")
        return found() if found else queryset


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """First what waits, by how long it has waited."""

    letter = "S"
    list_display = ("reference", "title", "member", "state", "waits", "taken_by", "rating")
    list_filter = (Queue, "state", "rating")
    list_select_related = ("member", "taken_by")
    search_fields = ("member__email", "member__name", "title")
    search_help_text = gettext_lazy("Reference (S12), words of the title, or the member's name or e-mail")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        """All but the reader's own, which they read like anybody else."""
        found = super().get_queryset(request).exclude(member=request.user.pk)
        order = Case(When(state="waiting", then=0), When(state="answered", then=1), default=2, output_field=INTEGER)
        return found.annotate(order=order).order_by("order", "waiting_since", "-last_at")  # type: ignore[misc]

    @admin.display(description=gettext_lazy("reference"), ordering="id")
    def reference(self, conversation: Conversation) -> str:
        return conversation.reference

    @admin.display(description=gettext_lazy("waits since"), ordering="waiting_since")
    def waits(self, conversation: Conversation) -> str:
        return timesince(conversation.waiting_since, timezone.now()) if conversation.waiting_since else ""

    def get_urls(self) -> list[URLPattern]:
        """What is new in a conversation, and its steps, stand beside it."""
        news, step = (self.admin_site.admin_view(view) for view in (self.news_view, self.step_view))
        return [
            path("<int:pk>/news/", news, name="chat_conversation_news"),
            path("<int:pk>/step/<slug:action>/", step, name="chat_conversation_step"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise PermissionDenied
        return staff.conversation(self, request, self._of_reader(request, int(object_id)))

    def news_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer an open page with what is new."""
        return staff.news(request, self._of_reader(request, pk))

    def step_view(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        """Answer, note, take, hand over, close."""
        return staff.step(self, request, self._of_reader(request, pk), action)

    def _of_reader(self, request: HttpRequest, pk: int) -> Conversation:
        """Return the conversation. 404 where there is none; PermissionDenied for who may not read it, or asked it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return staff.of_reader(request, pk)


@admin.register(SavedAnswer)
class SavedAnswerAdmin(ModelAdmin):
    """Texts that support keeps for itself: no history, and nothing that anybody was told."""

    list_display = ("title", "language", "text")
    list_filter = ("language",)
    search_fields = ("title", "text")
