"""The audit in the admin: searched by who, where from and what, within dates, and taken out as a file."""

import ipaddress
import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy

from accounts import auditing
from accounts.models import AuditEntry, Member
from config.read_only import BoundedPaginator, ReadOnlyAdmin
from config.sheets import csv_response

CHUNK = 1000  # entries that an export reads at a time


class Bounds(admin.ListFilter):
    """From a day to a day, both included, in the reader's time zone."""

    title = gettext_lazy("time")
    template = "admin/accounts/bounds.html"
    names = ("from", "to")

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.names:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.names)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        kept = [(name, value) for name, value in changelist.params.items() if name not in self.names]
        yield {"kept": kept, **{f"{name}_day": self._day(name) for name in self.names}}

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        if first := self._day("from"):
            queryset = queryset.filter(at__gte=_midnight(first))
        if (final := self._day("to")) and final < date.max:
            queryset = queryset.filter(at__lt=_midnight(final + timedelta(days=1)))
        return queryset

    def _day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(str(self.used_parameters.get(name, "")))
        except ValueError:
            return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Read by the group finance and by superusers. A list never counts, and reaches its newest 2000 entries."""

    paginator = BoundedPaginator
    list_display = ("at", "who", "action", "thing", "short", "address", "path")
    list_display_links = ("at",)
    list_filter = (Bounds, "action")
    list_select_related = ("member", "looking_by")
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("path",)  # there is a search; what it does stands below
    search_help_text = gettext_lazy(
        "A member's number or e-mail, an IP address, a reference (M12) or table:row, a table, or how a path begins"
        " (/finances/, job:, command:). The list shows the newest 2000; the file has all."
    )
    fields = ("at", "action", "member", "looking_by", "address", "path", "table", "row", "told")
    readonly_fields = ("told",)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Any], bool]:
        words = search_term.replace("\0", "").strip()
        return (queryset.filter(_meant(words, self.admin_site)) if words else queryset), False

    @admin.display(description=gettext_lazy("who"))
    def who(self, entry: AuditEntry) -> str:
        return " · ".join(member.email for member in (entry.looking_by, entry.member) if member)

    @admin.display(description=gettext_lazy("thing"))
    def thing(self, entry: AuditEntry) -> str:
        """The row, with a link to its page where it has one."""
        if not entry.table:
            return ""
        words = f"{entry.table}:{entry.row}"
        for model in self.admin_site._registry:
            if model._meta.db_table == entry.table:
                try:
                    link = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[entry.row])
                except NoReverseMatch:
                    break
                return format_html('<a href="{}">{}</a>', link, words)
        return words

    @admin.display(description=gettext_lazy("changes"))
    def short(self, entry: AuditEntry) -> str:
        return Truncator(_in_words(entry.changes)).chars(80)

    @admin.display(description=gettext_lazy("changes"))
    def told(self, entry: AuditEntry) -> str:
        return format_html("<pre>{}</pre>", json.dumps(entry.changes, ensure_ascii=False, indent=2))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="accounts_auditentry_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, with a link to the file of what it shows."""
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        extra = {"export": reverse("admin:accounts_auditentry_export") + query, **(extra_context or {})}
        return super().changelist_view(request, extra)

    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """All entries that the list's search and filters find, as CSV. That somebody took them out is an entry, too."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_changelist_instance(request).get_queryset(request)  # type: ignore[no-untyped-call]
        auditing.note(AuditEntry.Action.EXPORT, query=request.GET.urlencode()[:1000])
        return csv_response(_lines(found), f"audit-{timezone.localdate():%Y-%m-%d}.csv")


def _meant(words: str, site: admin.AdminSite) -> Q:
    """Return which entries somebody means who types *words*."""
    if re.fullmatch(r"#?[0-9]{1,18}", words, re.ASCII):
        return Q(member=int(words.lstrip("#"))) | Q(looking_by=int(words.lstrip("#")))
    if "@" in words:
        members = list(Member.objects.filter(email__iexact=words).values_list("pk", flat=True))
        tried = Q(table="", row=words.lower()[:100])  # as whom somebody failed to sign in
        return Q(member__in=members) | Q(looking_by__in=members) | tried
    try:
        return Q(address=str(ipaddress.ip_address(words)))
    except ValueError:
        pass
    if reference := re.fullmatch(r"([A-Za-z])([0-9]{1,18})", words, re.ASCII):
        letter, number = reference[1].upper(), reference[2]
        tables = {m._meta.db_table for m, a in site._registry.items() if getattr(a, "letter", "") == letter}
        return Q(table__in=tables, row=number)
    if row := re.fullmatch(r"([a-z_]+):([\w-]{1,100})", words):
        return Q(table=row[1], row=row[2])
    if re.fullmatch(r"[a-z]+_[a-z_]+", words):
        return Q(table=words)
    return Q(path__startswith=words)


def _in_words(changes: dict[str, Any]) -> str:
    def shown(value: Any) -> str:
        return " → ".join(str(each) for each in value) if isinstance(value, list) else str(value)

    return " · ".join(f"{name}: {shown(value)}" for name, value in changes.items())


def _lines(found: QuerySet[AuditEntry]) -> Iterator[list[Any]]:
    """The newest first, a chunk at a time: a file of millions of lines is never in memory, nor is a cursor held."""
    yield ["number", "time", "action", "member", "e-mail", "looking", "address", "path", "table", "row", "changes"]
    below = None
    while True:
        chunk = list((found if below is None else found.filter(pk__lt=below)).order_by("-pk")[:CHUNK])
        for entry in chunk:
            yield [
                entry.pk,
                entry.at.astimezone(timezone.get_default_timezone()).isoformat(timespec="milliseconds"),
                entry.action,
                entry.member_id or "",
                entry.member.email if entry.member else "",
                entry.looking_by_id or "",
                entry.address or "",
                entry.path,
                entry.table,
                entry.row,
                json.dumps(entry.changes, ensure_ascii=False) if entry.changes else "",
            ]
        if len(chunk) < CHUNK:
            return
        below = chunk[-1].pk
