"""Staff read requests for milestones and for releases, and what became of them, and change nothing (P70)."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from config.money import format_minor
from config.read_only import ReadOnlyAdmin, ReadOnlyInline
from milestones.models import Ask, AskEvent, MilestoneRequest, ReleaseFile, ReleaseRequest


@admin.register(MilestoneRequest)
class MilestoneRequestAdmin(ReadOnlyAdmin):
    letter = "Q"
    list_display = ("reference", "short_task", "parties", "sum", "advance", "state_words", "made")
    list_filter = ("state", "advance")
    list_select_related = ("award__employer", "award__freelancer", "made")
    ordering = ("-id",)
    search_fields = ("task", "award__employer__email", "award__freelancer__email")
    search_help_text = _("Reference (Q12), task, or a party's e-mail")
    fields = (
        "reference", "task", "award", "parties", "sum", "advance", "note", "state_words", "answer", "made",
        "asked_at", "answered_at", "version", "story",
    )  # fmt: skip
    readonly_fields = ("reference", "parties", "sum", "state_words", "story")

    @admin.display(description=_("reference"), ordering="id")
    def reference(self, request: MilestoneRequest) -> str:
        return request.reference

    @admin.display(description=_("task"))
    def short_task(self, request: MilestoneRequest) -> str:
        return Truncator(request.task).chars(32)

    @admin.display(description=_("parties"))
    def parties(self, request: MilestoneRequest) -> str:
        return f"{request.award.freelancer} → {request.award.employer}"

    @admin.display(description=_("amount"))
    def sum(self, request: MilestoneRequest) -> str:
        return format_minor(request.amount, request.award.currency)

    @admin.display(description=_("state"))
    def state_words(self, request: MilestoneRequest) -> str:
        return request.get_state_display()

    @admin.display(description=_("story"))
    def story(self, request: MilestoneRequest) -> SafeString:
        return _story(request)


class FilesOfRequest(ReadOnlyInline):
    """For those of the staff who may read them."""

    model = ReleaseFile
    fields = readonly_fields = ("link", "media_type", "size", "added_at")

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("milestones.view_releasefile")

    @admin.display(description=_("file"))
    def link(self, file: ReleaseFile) -> SafeString:
        return format_html('<a href="{}">{}</a>', file.get_absolute_url(), file.name)


@admin.register(ReleaseRequest)
class ReleaseRequestAdmin(ReadOnlyAdmin):
    """What the freelancer said of the work: found by the milestone's number (M12)."""

    letter = "M"
    number_fields = ("milestone_id",)
    list_display = ("id", "asked_at", "milestone_number", "parties", "state_words")
    list_filter = ("state",)
    list_select_related = ("award__employer", "award__freelancer")
    ordering = ("-id",)
    search_fields = ("award__employer__email", "award__freelancer__email")
    search_help_text = _("Number of the milestone (M12), or a party's e-mail")
    fields = readonly_fields = (
        "milestone", "parties", "sum", "note", "checklist", "state_words", "answer", "asked_at", "answered_at", "story",
    )  # fmt: skip
    inlines = (FilesOfRequest,)

    @admin.display(description=_("milestone"), ordering="milestone")
    def milestone_number(self, request: ReleaseRequest) -> str:
        return f"M{request.milestone_id}"

    @admin.display(description=_("parties"))
    def parties(self, request: ReleaseRequest) -> str:
        return f"{request.award.freelancer} → {request.award.employer}"

    @admin.display(description=_("amount"))
    def sum(self, request: ReleaseRequest) -> str:
        return str(
            _("all that is held") if request.amount is None else format_minor(request.amount, request.award.currency)
        )

    @admin.display(description=_("checklist"))
    def checklist(self, request: ReleaseRequest) -> SafeString:
        lines = ((f"[{'x' if tick['done'] else ' '}] {tick['words']}",) for tick in request.ticks)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", lines))

    @admin.display(description=_("state"))
    def state_words(self, request: ReleaseRequest) -> str:
        return request.get_state_display()

    @admin.display(description=_("story"))
    def story(self, request: ReleaseRequest) -> SafeString:
        return _story(request)


def _story(asked: Ask) -> SafeString:
    """Every step, oldest first: when, who, what, from which address."""
    events = AskEvent.objects.filter(kind=asked.kind, ask_id=asked.pk).select_related("actor").order_by("id")
    lines = ((_line(event, asked.award.currency),) for event in events)
    return format_html("<ol>{}</ol>", format_html_join("", "<li>{}</li>", lines))


def _line(event: AskEvent, currency: str) -> str:
    at = formats.date_format(timezone.localtime(event.at), "DATETIME_FORMAT")
    sum_ = format_minor(event.amount, currency) if event.amount is not None else ""
    words = (at, str(event.actor or ""), event.action, sum_, event.note, event.address or "")
    return " · ".join(word for word in words if word)
