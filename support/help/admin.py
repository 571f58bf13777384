"""What readers say of the help, for staff to read (P61)."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import to_language
from django.views.decorators.http import require_safe

from config.read_only import ReadOnlyAdmin
from support.help import library
from support.help.models import Missed, Vote, counted

MOST = 200


@admin.register(Vote)
class VoteAdmin(ReadOnlyAdmin):
    """Votes with what was said, the newest first."""

    ordering = ("-at",)
    list_display = ("slug", "language", "helpful", "words", "at")
    list_filter = ("helpful", "language")
    search_fields = ("slug", "words")
    fields = readonly_fields = ("slug", "language", "helpful", "words", "member", "at")


@admin.register(Missed)
class MissedAdmin(ReadOnlyAdmin):
    """What was looked for in vain, most often first."""

    ordering = ("-number", "-at")
    list_display = ("words", "language", "number", "at")
    list_filter = ("language",)
    search_fields = ("words",)
    fields = readonly_fields = ("words", "language", "number", "at")


@require_safe
def figures(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Each article with its votes, what helped least first."""
    if not request.user.has_perm("help.view_vote"):
        raise PermissionDenied(_("This is for staff with the right to it."))
    rows = [
        {
            **row,
            "language": to_language(row["language"]),
            "title": _title(row["slug"], row["language"]),
            "url": reverse("admin:help_vote_changelist") + f"?q={row['slug']}",
        }
        for row in counted()[:MOST]
    ]
    context |= {"title": _("Was the help helpful?"), "rows": rows}
    return TemplateResponse(request, "admin/help/figures.html", context)


def _title(slug: str, locale: str) -> str:
    """The article's title; its slug where it is gone."""
    article = library.articles(locale).get(slug) if locale in library.languages() else None
    return library.filled(article.title) if article else slug
