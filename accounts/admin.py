"""Members in the admin: staff read them; only a superuser gives rights, and never to themselves."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Member, Profile
from config.read_only import ReadOnlyAdmin

RIGHTS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin):
    """Nothing about a member is typed here but their rights; members are never deleted, for money points at them."""

    list_display = ("email", "name", "is_active", "is_staff", "joined_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("=id", "email", "name")
    ordering = ("-id",)
    view_on_site = False
    fields = ("email", "name", "time_zone", "joined_at", "last_login", *RIGHTS)
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


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    """What members say about themselves: it is theirs to change. Who writes what must not stand is suspended."""

    ordering = ("-member",)
    list_display = ("member", "has_picture", "changed_at")
    list_filter = ("has_picture",)
    list_select_related = ("member",)
    search_fields = ("member__email", "member__name", "text")
    fields = ("member", "text", "skills", "has_picture", "changed_at")
