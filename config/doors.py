"""Addresses of pages that stand on a floor above, or that a site may not have."""

from typing import Any

from django.urls import NoReverseMatch, reverse


def address_if_there(name: str, *args: Any) -> str:
    """Return the address called *name*, or "" where the site has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
