"""What every page knows of the site."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The site's name, a setting (P63), its address, the layout of this answer, the reader's colours ("": system's),
    the languages to choose from, each by its own name: who can't read this page finds theirs.
    """
    theme = request.COOKIES.get("theme", "")
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "layout": layout(request),
        "languages": settings.LANGUAGES,
        "theme": theme if theme in ("light", "dark") else "",
    }


def layout(request: HttpRequest) -> str:
    """What a page that can be a dialog extends: the dialog where htmx asks for one, else a page of its own."""
    htmx = getattr(request, "htmx", None)
    return "layouts/dialog.html" if htmx and htmx.target == "dialog" else "layouts/sheet.html"
