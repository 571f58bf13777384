"""Members in the admin: staff read them; only a superuser gives rights, and never to themselves."""

from unfold.admin import ModelAdmin

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import admin_audit, notices
from accounts.models import MailChoice, Member, Notification, Profile
from accounts.notice_groups import GROUPS
from config.read_only import ReadOnlyAdmin

__all__ = ["admin_audit"]  # a page of its own file

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(Member)
class MemberAdmin(ModelAdmin):
    """Nothing about a member is typed here but their rights; members are never deleted, for money points at them."""

    list_display = ("email", "name", "is_active", "is_staff", "joined_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("=id", "email", "name")
    ordering = ("-id",)
    view_on_site = False
    fields = ("email", "name", "time_zone", "joined_at", "last_login", "mail", "told", "is_active", *RIGHTS)
    filter_horizontal = ("groups", "user_permissions")

    def has_view_permission(self, request: HttpRequest, obj: Member | None = None) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Member | None = None) -> bool:
        return request.user.is_active and request.user.is_superuser and (obj is None or obj != request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Member | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name not in RIGHTS)

    @admin.display(description=gettext_lazy("e-mail about what happens"))
    def mail(self, member: Member) -> str:
        """What they have mailed, and when, so that staff can say why no mail came."""
        choice = MailChoice.of(member.pk)
        if not choice.mails(MailChoice.EVERYTHING):
            return _("Switched off")
        off = [str(GROUPS[group].title) for group in choice.off if group in GROUPS]
        words = str(MailChoice.Delivery(choice.delivery).label)
        return words + " · " + _("not about: %(groups)s") % {"groups": ", ".join(off)} if off else words

    @admin.display(description=gettext_lazy("notifications"))
    def told(self, member: Member) -> SafeString:
        link = reverse("admin:accounts_notification_changelist")
        return format_html('<a href="{}?member__id__exact={}">{}</a>', link, member.pk, _("What they were told"))


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """What members were told, and what became of the mail: ``mailed`` is when the mail server took it."""

    list_display = ("id", "member", "says", "created_at", "read_at", "mailed_at", "mail_skipped", "mail_failures")
    list_select_related = ("member",)
    ordering = ("-id",)
    search_fields = ("member__email", "member__name")
    search_help_text = gettext_lazy("Number, or the member's name or e-mail")
    fields = (
        ("member", "kind"),
        "says",
        "path",
        "created_at",
        "read_at",
        ("mail_started_at", "mail_batch"),
        ("mailed_at", "mail_skipped"),
        ("mail_failures", "mail_after"),
    )
    readonly_fields = ("says",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The link from a member's page is no filter beside the list: it would name all members."""
        return lookup == "member__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description=gettext_lazy("sentence"))
    def says(self, notification: Notification) -> str:
        return notices.sentence_or_hint(notification)


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    """What members say about themselves: it is theirs to change. Who writes what must not stand is suspended."""

    ordering = ("-member",)
    list_display = ("member", "has_picture", "changed_at")
    list_filter = ("has_picture",)
    list_select_related = ("member",)
    search_fields = ("member__email", "member__name", "text")
    fields = ("member", "text", "skills", "has_picture", "changed_at")
