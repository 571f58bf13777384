"""Staff read milestones and their whole story here, and change nothing (P70)."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from config.money import format_minor
from config.read_only import ReadOnlyAdmin, ReadOnlyInline
from milestones import admin_consents as admin_consents
from milestones import admin_requests as admin_requests  # registers them
from milestones.models import AskEvent, Message, MessageFile, Milestone, MilestoneEvent


class EventsOfMilestone(ReadOnlyInline):
    model = MilestoneEvent
    fields = (
        "reference", "at", "actor", "label", "sum", "left", "fees", "transfer_link", "address", "note", "shown", "key",
    )  # fmt: skip
    readonly_fields = ("reference", "at", "label", "sum", "left", "fees", "transfer_link")
    ordering = ("id",)
    related = ("milestone", "actor", "transfer")

    @admin.display(description=_("reference"))
    def reference(self, event: MilestoneEvent) -> str:
        return event.reference

    @admin.display(description=_("action"))
    def label(self, event: MilestoneEvent) -> str:
        return event.words

    @admin.display(description=_("amount"))
    def sum(self, event: MilestoneEvent) -> str:
        return format_minor(event.amount, event.milestone.currency)

    @admin.display(description=_("held afterwards"))
    def left(self, event: MilestoneEvent) -> str:
        return format_minor(event.held_after, event.milestone.currency)

    @admin.display(description=_("fees (freelancer, employer)"))
    def fees(self, event: MilestoneEvent) -> str:
        return " · ".join(
            format_minor(fee, event.milestone.currency) for fee in (event.freelancer_fee, event.employer_fee)
        )

    @admin.display(description=_("transfer"))
    def transfer_link(self, event: MilestoneEvent) -> SafeString:
        address = reverse("admin:ledger_transfer_change", args=[event.transfer_id])
        return format_html('<a href="{}">T{}</a>', address, event.transfer_id)


class AsksOfMilestone(ReadOnlyInline):
    model = AskEvent
    fields = ("at", "actor", "kind", "ask_id", "action", "sum", "note", "address", "shown", "key")
    readonly_fields = ("at", "sum")
    ordering = ("id",)
    related = ("milestone", "actor")

    @admin.display(description=_("amount"))
    def sum(self, event: AskEvent) -> str:
        asked = event.amount if event.milestone else None
        return format_minor(asked, event.milestone.currency) if event.milestone and asked is not None else ""


@admin.register(Milestone)
class MilestoneAdmin(ReadOnlyAdmin):
    letter = "M"
    list_display = ("reference", "short_task", "parties", "sum", "held_sum", "state")  # fits 1280 pixels
    list_filter = ("state",)
    list_select_related = ("award", "employer", "freelancer", "escrow")
    ordering = ("-id",)
    search_fields = ("task", "employer__email", "freelancer__email")
    search_help_text = _("Reference (M12), task, or a party's e-mail")
    fields = (
        "reference", "task", "award", "employer", "freelancer", "sum", "held_sum", "state", "escrow", "fee_escrow",
        "version", "created_at",
    )  # fmt: skip
    readonly_fields = ("reference", "sum", "held_sum")
    inlines = (EventsOfMilestone, AsksOfMilestone)

    @admin.display(description=_("reference"), ordering="id")
    def reference(self, milestone: Milestone) -> str:
        return milestone.reference

    @admin.display(description=_("task"))
    def short_task(self, milestone: Milestone) -> str:
        return Truncator(milestone.task).chars(32)

    @admin.display(description=_("parties"))
    def parties(self, milestone: Milestone) -> str:
        return f"{milestone.employer} → {milestone.freelancer}"

    @admin.display(description=_("amount"))
    def sum(self, milestone: Milestone) -> str:
        return format_minor(milestone.amount, milestone.currency)

    @admin.display(description=_("held"))
    def held_sum(self, milestone: Milestone) -> str:
        return format_minor(milestone.held, milestone.currency)


class FilesOfMessage(ReadOnlyInline):
    model = MessageFile
    fields = readonly_fields = ("link", "media_type", "size", "added_at")

    @admin.display(description=_("file"))
    def link(self, file: MessageFile) -> SafeString:
        return format_html('<a href="{}">{}</a>', file.get_absolute_url(), file.name)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What the two of an award wrote: found by the award's number (A12), read in its order."""

    letter = "A"
    number_fields = ("award_id",)
    ordering = ("-id",)
    list_display = ("id", "at", "author", "award_number", "short_text", "hint")
    list_filter = ("hint",)
    list_select_related = ("author",)
    search_fields = ("award__employer__email", "award__freelancer__email")
    search_help_text = _("Number of the award (A12), or a party's e-mail")
    fields = readonly_fields = ("award", "author", "at", "text", "hint")
    inlines = (FilesOfMessage,)

    @admin.display(description=_("award"), ordering="award")
    def award_number(self, message: Message) -> str:
        return f"A{message.award_id}"

    @admin.display(description=_("text"))
    def short_text(self, message: Message) -> str:
        return Truncator(message.text).chars(60)
