"""The end of an award on its panel: marking it complete, and the reviews that both sides write then (P7)."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from projects.models import Award, Review


def add(panels: Sequence[dict[str, Any]], user: Member) -> None:
    """Give each of *panels* its ``closing``; two queries read all reviews, none where no award is completed."""
    done = [panel["award"].pk for panel in panels if panel["award"].state == Award.State.COMPLETED]
    written = set(Review.objects.filter(award__in=done).values_list("award", "author")) if done else set()
    readable: dict[int, list[Review]] = {pk: [] for pk in done}
    if written:
        for review in Review.objects.visible_to(user).filter(award__in=done).select_related("author").order_by("id"):
            readable[review.award_id].append(review)
    for panel in panels:
        award = panel["award"]
        if award.pk in readable:
            panel["closing"] = _reviews(award, user, panel["other"], written, readable[award.pk])
        # Nothing is held: what else keeps it open is said by the dialog.
        elif award.allows("complete", user) and not panel["held_minor"]:
            panel["closing"] = {"complete_url": reverse("projects:complete", args=[award.pk])}


def _reviews(
    award: Award, user: Member, other: Member, written: set[tuple[int, int]], readable: list[Review]
) -> dict[str, Any]:
    """What *user* may read of the reviews, and whether it is their turn. A hidden one is there, no more."""
    mine, theirs = (award.pk, user.pk) in written, (award.pk, other.pk) in written
    in_time = award.review_by is not None and award.review_by > timezone.now()
    names = {"name": other.get_short_name()}
    words = ""
    if in_time and not mine:
        there = _("%(name)s has reviewed you. You see it when you have written yours, or when the time is over.")
        words = (
            there if theirs else _("You can review each other. Neither sees the other's before both are in.")
        ) % names
    elif in_time and not theirs:
        words = _("Your review is written. %(name)s sees it once both are in, or when the time is over.") % names
    elif not readable:
        words = _("The time for reviews is over. Nobody wrote one.")
    return {
        "words": words,
        "until": award.review_by if in_time and not (mine and theirs) else None,
        "review_url": reverse("projects:review", args=[award.pk]) if in_time and not mine else "",
        "review_label": _("Review %(name)s") % names,
        "reviews": [review_row(review, user) for review in readable],
        "completed_at": award.completed_at,
    }


def review_row(review: Review, user: Member | None = None) -> dict[str, Any]:
    """A review that the reader may read. It comes with its author."""
    return {
        "id": review.pk,
        "author": review.author,
        "mine": user is not None and review.author_id == user.pk,
        "stars": "★" * review.stars + "☆" * (5 - review.stars),
        "label": stars_label(review.stars),
        "text": review.text,
        "of": review.get_of_display(),
        "at": review.written_at,
    }


def stars_label(number: object) -> str:
    """How many of five stars, for those who hear them."""
    return _("%(number)s of 5 stars") % {"number": number}
