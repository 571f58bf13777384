"""How a dispute goes, what it costs, how long it takes and how such disputes ended here, said before one opens."""

import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.money import decimals, format_minor, percent_words
from config.times import lasting
from disputes.models import Dispute
from disputes.models.evidence import LONGEST_TEXT, MOST_LINKS
from disputes.terms import Terms

FEWEST = 5  # disputes that must have ended before it is told how: fewer would tell of single people
EXAMPLE = (
    1000  # the sum of which the fee is computed for an example, in whole units; times 100 where there are no cents
)

# By outcome ("withdrawn" for none), and once for all (NULL): how many, and the time that half of them took at most.
ENDED = """
    SELECT kind, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY took)
    FROM (SELECT coalesce(nullif(outcome, ''), 'withdrawn') AS kind, ended_at - opened_at AS took
          FROM disputes_dispute WHERE ended_at IS NOT NULL) ended
    GROUP BY GROUPING SETS ((kind), ())
"""


class Step(NamedTuple):
    """A stage of a dispute: its name, how long it takes ("" where that is up to people), and what can be done in it."""

    name: str
    takes: str
    words: str


class Ended(NamedTuple):
    """How disputes ended here: ``outcomes`` with their numbers, and in words how long half of them took at most.

    Where fewer than ``FEWEST`` have ended both are empty.
    """

    total: int
    outcomes: list[tuple[str, int]]
    median: str

    @property
    def words(self) -> str:
        """All of it in one sentence."""
        if not self.outcomes:
            return _("Too few have ended to tell.")
        told = ", ".join(f"{label}: {number}" for label, number in self.outcomes)
        return _("%(outcomes)s. Half of them took %(median)s at most.") % {"outcomes": told, "median": self.median}


def facts(currency: str, disputed: int = 0) -> dict[str, Any]:
    """Return what ``disputes/_how_short.html`` shows before a dispute in *currency* opens.

    With the sum that would be *disputed*, in minor units, the fee is the one of that sum; else an example is given.
    """
    rules = Terms.current(currency)
    return {
        "steps": steps(rules),
        "answer": lasting(rules.answer),
        "negotiation": lasting(rules.negotiation),
        "verdict": lasting(rules.verdict),
        "fee": fee_words(rules, currency),
        "fee_example": fee_example(rules, currency, disputed),
        "second": second_words(rules, currency),
        "ended": ended(),
    }


def steps(rules: Terms) -> list[Step]:
    """Return the stages of a dispute under *rules*, in their order."""
    answer, negotiation = lasting(rules.answer), lasting(rules.negotiation)
    return [
        Step(
            _("Opened"),
            answer,
            _(
                "One side says what is wrong, shows it, and offers how to split what is held. From then on nothing of"
                " that money can be released or cancelled until the dispute ends. The other side has %(time)s to"
                " accept the offer or to make one of its own."
            )
            % {"time": answer},
        ),
        Step(
            _("Negotiation"),
            negotiation,
            _(
                "Both make offers, as many as they like; either can accept the other's latest, and the money is split"
                " at once. They have %(time)s for it before either may call an arbitrator, and more if they want to."
            )
            % {"time": negotiation},
        ),
        Step(
            _("Arbitration"),
            lasting(rules.verdict),
            _(
                "An arbitrator of %(site)s, who has no dealings with either side, reads it all, may ask questions"
                " (%(question)s to answer) and may propose a split, which counts once both accept it. Else they"
                " decide, with written reasons. There are no offers any more in this stage; a verdict is due"
                " %(verdict)s after the arbitrator was called."
            )
            % {
                "site": settings.SITE_NAME,
                "question": lasting(rules.question),
                "verdict": lasting(rules.verdict),
            },
        ),
        Step(
            _("Resolved"),
            "",
            _("The money is split to the last cent, in one step and for good. Both sides get receipts."),
        ),
    ]


def otherwise(rules: Terms) -> list[tuple[str, str]]:
    """Return what happens where a dispute doesn't go that way: questions and answers."""
    times = {"answer": lasting(rules.answer), "absence": lasting(rules.absence)}
    return [
        (
            _("What if nobody answers?"),
            _(
                "After %(answer)s who opened the dispute may have the offer executed, or call an arbitrator. Nothing"
                " happens by itself: until one of them does so, the other side can still answer."
            )
            % times,
        ),
        (
            _("What if I am away?"),
            _("Each side can say so once in a dispute: its clock then stands still, for %(absence)s at most.") % times,
        ),
        (
            _("Can I take it back?"),
            _(
                "Who opened a dispute can withdraw it while it lasts, until a verdict is written. The money is then"
                " simply held again."
            ),
        ),
    ]


def evidence_rules() -> list[str]:
    """Return what can be shown as evidence, who sees it, and what becomes of it."""
    files = {"files": settings.MAX_FILES, "size": settings.MAX_FILE_MB}
    return [
        _("Text of up to %(letters)s characters, and up to %(links)d links a piece.")
        % {"letters": f"{LONGEST_TEXT:,}", "links": MOST_LINKS},
        _(
            "Up to %(files)d files a piece, of up to %(size)d MB each: JPEG, PNG, GIF or WebP pictures, PDF, plain text"
            " and ZIP archives."
        )
        % files,
        _("Up to %(most)d pieces a side.") % {"most": settings.EVIDENCE_MOST},
        _("Only the two sides and the arbitrators of the dispute see it. A file's address works for nobody else."),
        _("Nothing that was said in a dispute can be changed or deleted, by anybody."),
        _("The messages between you and all that happened to the money are shown beside it, without your doing."),
    ]


def fee_words(rules: Terms, currency: str) -> str:
    """Return in words what arbitration in *currency* costs."""
    percent = Decimal(rules.fee_percent)
    if not percent and not rules.fee_least:
        return _("Nothing: arbitration is free of charge.")
    words = {
        "percent": percent_words(percent),
        "least": format_minor(rules.fee_least, currency),
        "cap": percent_words(Decimal(rules.fee_cap)),
    }
    if not percent:
        return _("A verdict costs %(least)s, and never more than %(cap)s of what is in dispute.") % words
    if not rules.fee_least:
        return _("A verdict costs %(percent)s of what is in dispute.") % (
            words if percent <= Decimal(rules.fee_cap) else {"percent": words["cap"]}
        )
    return (
        _("A verdict costs %(percent)s of what is in dispute, %(least)s at least, and never more than %(cap)s of it.")
        % words
    )


def fee_example(rules: Terms, currency: str, disputed: int = 0) -> str:
    """Return in words what a verdict on *disputed* minor units (a round sum if none) costs; "" where it is free."""
    minor = disputed or EXAMPLE * (10 ** decimals(currency) if decimals(currency) else 100)
    fee = rules.fee(minor)
    if not fee:
        return ""
    return _("Of %(sum)s that is %(fee)s for both sides together.") % {
        "sum": format_minor(minor, currency),
        "fee": format_minor(fee, currency),
    }


def second_words(rules: Terms, currency: str) -> str:
    """Return from which sum on a second arbitrator confirms a verdict, in words; "" where none ever does."""
    if rules.second_from is None:
        return ""
    return _("From %(sum)s on a second arbitrator must confirm a verdict.") % {
        "sum": format_minor(rules.second_from, currency)
    }


def ended() -> Ended:
    """Return how the disputes of this site ended. One query."""
    with connection.cursor() as cursor:
        cursor.execute(ENDED)
        found: dict[str | None, tuple[int, datetime.timedelta | None]] = {
            kind: (number, median) for kind, number, median in cursor.fetchall()
        }
    total, median = found.pop(None, (0, None))
    if total < FEWEST or median is None:
        return Ended(total, [], "")
    labels = [*Dispute.Outcome.choices, ("withdrawn", _("Withdrawn by who opened it"))]
    outcomes = [(str(label), found[kind][0]) for kind, label in labels if kind in found]
    return Ended(total, outcomes, _at_most(median))


def _at_most(time: datetime.timedelta) -> str:
    """Return *time* in words, rounded up: whole days from two days on, else whole hours."""
    hours = -int(-time.total_seconds() // 3600)
    if hours < 48:
        return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
    days = -(-hours // 24)
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
