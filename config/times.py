"""Times as people read them: in the active time zone, which is named, since a deadline is no good without it."""

import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

HOUR, DAY = 3600, 86_400  # seconds


def moment(at: datetime.datetime) -> str:
    """Return *at* as a date and a time with its zone, in the reader's zone and way of writing."""
    local = timezone.localtime(at)
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} {local:%Z}"


def lasting(seconds: float) -> str:
    """Return how long *seconds* are, in whole days and hours: "4 days", "1 day and 12 hours", "less than an hour"."""
    days, hours = int(seconds // DAY), int(seconds % DAY // HOUR)
    in_days = ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    in_hours = ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
    if days and hours:
        return _("%(days)s and %(hours)s") % {"days": in_days, "hours": in_hours}
    if not days and not hours:
        return _("less than an hour")
    return in_days if days else in_hours
