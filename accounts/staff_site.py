"""The door of the admin: the site's own sign-in, and a second factor for staff. Behind it, what they must not miss."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from csp.constants import UNSAFE_EVAL
from csp.decorators import csp_update
from unfold.sites import UnfoldAdminSite

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

View = Callable[..., HttpResponseBase]
Page = Callable[[HttpRequest, dict[str, Any]], HttpResponseBase]

Part = Callable[[HttpRequest], tuple[str, dict[str, Any]] | None]

_pages: dict[str, tuple[str, str, Page]] = {}
_parts: list[Part] = []
_stories: list[Callable[[HttpRequest, Any], dict[str, Any]]] = []


def register_page(address: str, name: str, page: Page) -> None:
    """Put *page* into the admin at *address*, as ``admin:name``. It gets the admin's context and checks a right."""
    _pages[name] = (address, name, page)


def register_part(part: Part) -> None:
    """Put *part* on the admin's first page. It returns a template and its context, or None for who may not read it."""
    _parts.append(part)


def register_story(story: Callable[[HttpRequest, Any], dict[str, Any]]) -> None:
    """Put what belongs to a thing below its page: *story* returns the context of ``admin/story.html`` for it."""
    _stories.append(story)


class StaffSite(UnfoldAdminSite):
    """Every page of the admin asks ``has_permission``, so nothing gets around the second factor."""

    site_header = site_title = settings.SITE_NAME
    index_title = gettext_lazy("Staff")

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Let the theme's own library read the expressions in its attributes; see docs/decisions/13.

        No page outside the admin permits it, and the admin still runs no inline script and takes none from elsewhere.
        """
        return csp_update({"script-src": [UNSAFE_EVAL]})(super().admin_view(view, cacheable))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Dress the theme as ours. Its inline style is left out: css/desk.css gives the colours."""
        return super().each_context(request) | {
            "site_title": settings.SITE_NAME,
            "site_header": settings.SITE_NAME,
            "site_subheader": _("Staff"),
            "show_view_on_site": False,
            "colors": None,
            "border_radius": None,
            "styles": [static("css/desk.css")],
        }

    def story(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        """Return what all stories say of *thing*."""
        told: dict[str, Any] = {}
        for story in _stories:
            told |= story(request, thing)
        return told

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not lacks_second_factor(request)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Send to the site's sign-in, or to setting up a second factor where only that is missing."""
        if super().has_permission(request) and lacks_second_factor(request):
            messages.warning(
                request,
                _("The admin opens when you have set up a second step: an authenticator app or a security key."),
            )
            return redirect("mfa_index")
        return secure_admin_login(super().login)(request, extra_context)

    def get_urls(self) -> list[Any]:
        """Pages of higher floors that belong to no single model stand before the models' own."""
        ours = [path(address, self.admin_view(self._page(view)), name=name) for address, name, view in _pages.values()]
        return [*ours, *super().get_urls()]

    def _page(self, view: Page) -> View:
        return lambda request: view(request, self.each_context(request))

    def index(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> TemplateResponse:
        """The first page, with the parts that higher floors have to show."""
        parts = [{"template": made[0], **made[1]} for part in _parts if (made := part(request)) is not None]
        return super().index(request, {"parts": parts, **(extra_context or {})})


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether staff must have a second factor (``STAFF_SECOND_FACTOR``) and this member has none.

    Who has one was asked for it when they signed in; allauth lets nobody past that.
    """
    return settings.STAFF_SECOND_FACTOR and not is_mfa_enabled(request.user)
