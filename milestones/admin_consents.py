"""Staff ask both sides for their consent here, and give back what they consent to."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from config.money import format_minor
from config.read_only import ReadOnlyAdmin
from config.times import moment
from milestones.models import AskEvent, ConsentRequest, Milestone
from milestones.views import consent_staff


def tools(request: HttpRequest, thing: Any) -> dict[str, Any]:
    """Return the button on a milestone's page; nothing where nobody can be asked now."""
    if not isinstance(thing, Milestone):
        return {}
    new = ConsentRequest(milestone=thing, award=thing.award, asked_by=request.user)
    if not new.allows("ask", request.user):
        return {}
    url = reverse("admin:milestones_consentrequest_ask", args=[thing.pk])
    return {"tools": [{"label": ConsentRequest.lifecycle["ask"].label, "url": url}]}


@admin.register(ConsentRequest)
class ConsentRequestAdmin(ReadOnlyAdmin):
    letter = "G"
    list_display = ("reference", "milestone", "state_words", "employer_consents", "freelancer_consents", "asked_at")
    list_filter = ("state",)
    list_select_related = ("milestone",)
    ordering = ("-id",)
    search_fields = ("milestone__task", "award__employer__email", "award__freelancer__email")
    fields = (
        "reference", "milestone", "award", "state_words", "note", "asked_by", "asked_at", "employer_consents",
        "freelancer_consents", "limit", "answered_at", "steps",
    )  # fmt: skip
    readonly_fields = ("reference", "state_words", "limit", "steps")

    @admin.display(description=_("reference"), ordering="id")
    def reference(self, asked: ConsentRequest) -> str:
        return asked.reference

    @admin.display(description=_("state"))
    def state_words(self, asked: ConsentRequest) -> str:
        return asked.get_state_display()

    @admin.display(description=_("one person alone up to"))
    def limit(self, asked: ConsentRequest) -> str:
        return format_minor(asked.alone_limit, asked.milestone.currency)

    @admin.display(description=_("story"))
    def steps(self, asked: ConsentRequest) -> str:
        events = AskEvent.objects.filter(kind=asked.kind, ask_id=asked.pk).select_related("actor").order_by("pk")
        labels = asked.lifecycle
        return "\n".join(f"{moment(event.at)} {event.actor}: {labels[event.action].label}" for event in events)

    def get_urls(self) -> list[URLPattern]:
        ask, step = (self.admin_site.admin_view(view) for view in (self.ask_view, self.step_view))
        return [
            path("ask/<int:pk>/", ask, name="milestones_consentrequest_ask"),
            path("<int:pk>/step/<slug:action>/", step, name="milestones_consentrequest_step"),
            *super().get_urls(),
        ]

    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return consent_staff.ask(request, self, pk)

    def step_view(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        return consent_staff.step(request, self, pk, action)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        asked = self.get_object(request, object_id)
        names = [name for name in ("give_back", "withdraw") if asked and asked.allows(name, request.user)]
        shown = [
            {
                "label": ConsentRequest.lifecycle[name].label,
                "url": reverse("admin:milestones_consentrequest_step", args=[object_id, name]),
            }
            for name in names
        ]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": shown})
