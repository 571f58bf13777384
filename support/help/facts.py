"""What articles say of this very site: its name, deadlines and fees. Read when a page is made, never written down."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import fees
from projects.fee_words import rate


def facts() -> dict[str, str]:
    """Return what stands for each ``{name}`` in an article, in the active language."""
    return {
        "site": settings.SITE_NAME,
        "currencies": ", ".join(settings.CURRENCIES),
        "award_hours": _hours(settings.AWARD_ANSWER_HOURS),
        "review_days": _days(settings.REVIEW_DAYS),
        "answer_hours": _hours(settings.DISPUTE_ANSWER_HOURS),
        "negotiation_hours": _hours(settings.DISPUTE_NEGOTIATION_HOURS),
        "confirmation_minutes": _minutes(settings.CONFIRMATION_SECONDS),
        "withdrawal_pause": _minutes(settings.WITHDRAWAL_PAUSE),
        "max_files": str(settings.MAX_FILES),
        "max_megabytes": str(settings.MAX_FILE_MB),
        "freelancer_fees": _fees("freelancer"),
        "employer_fees": _fees("employer"),
    }


def _minutes(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _hours(hours: int) -> str:
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


def _days(days: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def _fees(side: str) -> str:
    """Every currency's fee of *side* in a sentence; that there is none where there is none."""
    found = {code: getattr(fees.current(code), side) for code in settings.CURRENCIES}
    named = [f"{code}: {rate(fee, code)}" for code, fee in found.items() if fee]
    free = [code for code, fee in found.items() if not fee]
    if free and named:
        named.append(": ".join([", ".join(free), _("no fee")]))
    return "; ".join(named) or _("no fee")
