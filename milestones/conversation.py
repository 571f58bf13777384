"""The entries of an award's conversation prepared for its page (``milestones/stream.py`` finds them)."""

from collections.abc import Iterable
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from milestones import hints, stream, stream_words
from milestones.models import AskEvent, Message, MilestoneEvent
from milestones.rows import timeline
from projects.models import Award, AwardEvent

WORDS: dict[str, Any] = {
    hints.OUTSIDE: gettext_lazy(
        "Paying outside %(site)s is very risky: nothing is held, and nobody can help you get it back. A milestone "
        "holds the money here until the work is done."
    ),
    hints.ADVANCE: gettext_lazy(
        "Money that is paid before the work comes back only if the freelancer agrees. A milestone holds it instead: it "
        "is really there, and is released when the work is done."
    ),
}


def shown(entries: Iterable[stream.Entry], award: Award, user: Member, site: str) -> list[dict[str, Any]]:
    """Return *entries* for the template, in their order. *site* is the site's name."""
    make: dict[int, Any] = {
        stream.AWARD: _award_step,
        stream.ASK: _ask_step,
        stream.MONEY: _money_step,
        stream.MESSAGE: lambda row, award, user: _message(row, award, user, site),
    }
    return [{"at": entry.place.at, **make[entry.place.source](entry.row, award, user)} for entry in entries]


def hint(kind: str, award: Award, user: Member, site: str) -> dict[str, str] | None:
    """What is said about a text of *kind* (``milestones.hints``), with what *user* can do instead; None for no kind."""
    if kind not in WORDS:
        return None
    words = {"kind": kind, "words": str(WORDS[kind]) % {"site": site}, "url": "", "action": ""}
    if award.allows("fund", user):
        return {**words, "url": reverse("milestones:create", args=[award.pk]), "action": _("Create Milestone")}
    if award.freelancer_id == user.pk and award.allows("fund", award.employer):
        return {**words, "url": reverse("milestones:request-new", args=[award.pk]), "action": _("Request a milestone")}
    return words


def _message(message: Message, award: Award, user: Member, site: str) -> dict[str, Any]:
    return {
        "id": message.pk,
        "who": message.author,
        "mine": message.author_id == user.pk,
        "text": message.text,
        "files": [
            {"name": file.name, "url": file.get_absolute_url(), "size": filesizeformat(file.size)}
            for file in message.files.all()
        ],
        "hint": hint(message.hint, award, user, site),
    }


def _award_step(event: AwardEvent, award: Award, user: Member) -> dict[str, Any]:
    return {"sentence": stream_words.of_award(event)}


def _ask_step(event: AskEvent, award: Award, user: Member) -> dict[str, Any]:
    return {
        "sentence": stream_words.of_ask(event, award.currency),
        "note": event.note,
        "about": event.milestone,
    }


def _money_step(event: MilestoneEvent, award: Award, user: Member) -> dict[str, Any]:
    (step,) = timeline([event], award.currency, user.pk == award.employer_id)
    return {
        "sentence": step["sentence"],
        "note": step["note"],
        "fees": step["fees"],
        "about": event.milestone,
        "receipt": {"url": step["url"], "reference": step["reference"]},
    }
