"""What a conversation with support can be about: a milestone, a payment, a dispute …

Each floor registers its own kinds when it starts (``apps.py``). Support stands above them and knows none by name: it
keeps a reference like ``milestone-7``, and asks here what that is for a member, and where staff read about it.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

LONGEST = 40  # characters of a reference
REFERENCE = re.compile(r"([a-z]{1,20})-([1-9][0-9]{0,17})", re.ASCII)


class Subject(NamedTuple):
    """A thing that somebody may look at: its reference, what it is called, and its page."""

    reference: str
    title: str
    url: str


class Kind(NamedTuple):
    """A kind of thing: *of* returns those that a member may look at, *title* names one, *url* is its page."""

    of: Callable[[Any], Any]
    title: Callable[[Any], str]
    url: Callable[[Any], str]


_kinds: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    """Let conversations be about *kind*. Registering a name again replaces it. ValueError for a name of other signs."""
    if not REFERENCE.fullmatch(f"{name}-1"):
        raise ValueError(f"{name!r} is no name of a kind")
    _kinds[name] = kind


def read(reference: str, member: Any) -> Subject | None:
    """Return what *reference* means to *member*; None where it means nothing, or nothing that they may look at."""
    match = REFERENCE.fullmatch(reference)
    kind = _kinds.get(match[1]) if match else None
    if match is None or kind is None:
        return None
    thing = kind.of(member).filter(pk=int(match[2])).first()
    return Subject(reference, kind.title(thing), kind.url(thing)) if thing is not None else None


def staff_url(reference: str, member: Any) -> str:
    """Return the page of the admin about what *reference* means to *member*; "" where there is none."""
    match = REFERENCE.fullmatch(reference)
    if match is None or match[1] not in _kinds:
        return ""
    meta = _kinds[match[1]].of(member).model._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[match[2]])
    except NoReverseMatch:
        return ""


def chat_about(name: str = "", pk: Any = None) -> str:
    """Return the address that opens a conversation about a thing (or nothing); "" on a site without support's chat."""
    try:
        address = reverse("support:new")
    except NoReverseMatch:
        return ""
    return f"{address}?about={name}-{pk}" if name else address


def way_to_support(name: str = "", pk: Any = None) -> list[dict[str, str]]:
    """Return the link "Chat Now!" (P36, P60) as a list, which is empty where there is no chat."""
    url = chat_about(name, pk)
    return [{"label": _("Chat Now!"), "url": url}] if url else []
