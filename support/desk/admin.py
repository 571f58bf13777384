"""What the libraries bring into the admin, within the house's rules: read, and change nothing (P70)."""

from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from procrastinate.contrib.django.models import ProcrastinateJob
from unfold.admin import ModelAdmin

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy

from accounts.admin import MemberAdmin as PlainMemberAdmin
from accounts.admin import NotificationAdmin as PlainNotificationAdmin
from accounts.models import Member, Notification
from config.admin import JobAdmin as PlainJobAdmin
from config.jobs import failed
from config.read_only import ReadOnlyAdmin, ReadOnlyInline
from support.desk.errand_steps import LABELS, MOST_JOBS, mail
from support.desk.look_steps import LABEL, look_step
from support.desk.models import Errand, Look, Suspension
from support.desk.steps import WORDS, member_step

for module in ("allauth.account.admin", "allauth.mfa.admin"):
    import_module(module)  # they come later in INSTALLED_APPS and would register theirs over ours
for model in (EmailAddress, Authenticator, Group, Member, Notification, ProcrastinateJob):
    admin.site.unregister(model)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """What a group may do is given by superusers alone: who could change their own would help themselves."""

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    has_add_permission = has_change_permission = has_delete_permission = has_module_permission = has_view_permission


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """Addresses are their owners': who could change one would sign in as them."""

    ordering = ("-id",)
    list_display = ("email", "user", "primary", "verified")
    list_select_related = ("user",)
    search_fields = ("email", "user__name")


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Which second steps members have, and never their secrets."""

    ordering = ("-id",)
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    fields = ("user", "type", "created_at", "last_used_at")


class SuspensionInline(ReadOnlyInline):
    """When they were suspended and restored, by whom and why."""

    model = Suspension
    fk_name = "member"
    fields = readonly_fields = ("at", "what", "reason", "actor")
    related = ("actor", "member")

    @admin.display(description=gettext_lazy("what"))
    def what(self, suspension: Suspension) -> str:
        return suspension.get_action_display()


class LookInline(ReadOnlyInline):
    """When support saw the site as they do, who it was and why."""

    model = Look
    fk_name = "member"
    fields = readonly_fields = ("at", "ended_at", "reason", "actor")
    related = ("actor", "member", "end")


@admin.register(Member)
class MemberAdmin(PlainMemberAdmin):
    """The page of the floor below, with the steps of the staff and what became of them."""

    inlines = (SuspensionInline, LookInline)
    change_form_template = "admin/story.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.step_view)
        look = self.admin_site.admin_view(self.look_view)
        return [
            path("<int:pk>/step/<slug:action>/", view, name="accounts_member_step"),
            path("<int:pk>/look/", look, name="accounts_member_look"),
            *super().get_urls(),
        ]

    def step_view(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        """Suspend or restore (``support.desk.steps``)."""
        return member_step(self, request, get_object_or_404(Member, pk=pk), action)

    def look_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """See the site as they do (``support.desk.look_steps``)."""
        return look_step(request, self, get_object_or_404(Member, pk=pk))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        member = self.get_object(request, object_id)
        names = Suspension.actions_for(member, request.user) if member else []
        tools = [
            {"label": WORDS[name]["label"], "url": reverse("admin:accounts_member_step", args=[object_id, name])}
            for name in names
        ]
        if member and not Look.refusal(member, request.user):
            tools.append({"label": LABEL, "url": reverse("admin:accounts_member_look", args=[object_id])})
        told = self.admin_site.story(request, member) if member else {}
        return super().change_view(request, object_id, form_url, {**told, **(extra_context or {}), "tools": tools})


@admin.register(Look)
class LookAdmin(ReadOnlyAdmin):
    """Who saw the site as a member, newest first."""

    ordering = ("-id",)
    list_display = ("at", "member", "actor", "end")
    list_select_related = ("member", "actor", "end")
    search_fields = ("member__email", "member__name", "actor__email", "reason")
    search_help_text = gettext_lazy("Number, reason, or the name or e-mail of the member or the staff")
    fields = readonly_fields = ("at", "until", "ended_at", "end", "member", "reason", "actor", "address", "pages")


@admin.register(Suspension)
class SuspensionAdmin(ReadOnlyAdmin):
    """Who was suspended and restored, newest first."""

    ordering = ("-id",)
    list_display = ("at", "member", "what", "actor")
    list_filter = ("action",)
    list_select_related = ("member", "actor")
    search_fields = ("member__email", "member__name", "reason")
    search_help_text = gettext_lazy("Number, reason, or the member's name or e-mail")
    fields = readonly_fields = ("at", "member", "what", "reason", "actor", "address")

    @admin.display(description=gettext_lazy("what"))
    def what(self, suspension: Suspension) -> str:
        return suspension.get_action_display()


@admin.register(Notification)
class NotificationAdmin(PlainNotificationAdmin):
    """The page of the floor below, with a way to send the mail again."""

    change_form_template = "admin/story.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.mail_view)
        return [path("<int:pk>/mail/", view, name="accounts_notification_mail"), *super().get_urls()]

    def mail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send the mail again (``support.desk.errand_steps``)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        notification = get_object_or_404(Notification.objects.select_related("member"), pk=pk)
        return mail(request, self, notification)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        tools = []
        if request.user.has_perm(Errand.RIGHTS[Errand.Action.MAIL]):
            tools.append(
                {"label": LABELS["mail"], "url": reverse("admin:accounts_notification_mail", args=[object_id])}
            )
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": tools})


@admin.register(ProcrastinateJob)
class JobAdmin(PlainJobAdmin):
    """The page of the floor below, with a way to have what failed tried again."""

    actions = ("try_again",)

    @admin.action(description=gettext_lazy("Try the failed ones again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[ProcrastinateJob]) -> HttpResponse:
        """Ask for the reason (``support.desk.errand_steps``), for so many as it takes at once."""
        rows = failed(queryset).order_by("pk").values_list("pk", flat=True)[:MOST_JOBS]
        return redirect(f"{reverse('admin:desk_retry')}?{urlencode({'job': list(rows)}, doseq=True)}")


@admin.register(Errand)
class ErrandAdmin(ReadOnlyAdmin):
    """What was sent again and checked anew, newest first."""

    ordering = ("-id",)
    list_display = ("at", "what", "actor", "notification", "reason")
    list_filter = ("action",)
    list_select_related = ("actor", "notification")
    search_fields = ("actor__email", "reason", "notification__member__email")
    search_help_text = gettext_lazy("Number, reason, or the e-mail of the member or the staff")
    fields = readonly_fields = ("at", "what", "notification", "jobs", "reason", "actor", "address")

    @admin.display(description=gettext_lazy("what"))
    def what(self, errand: Errand) -> str:
        return errand.get_action_display()
