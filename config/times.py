"""Times as people read them: in the active time zone, which is named, since a deadline is no good without it."""

import datetime

from django.utils import formats, timezone


def moment(at: datetime.datetime) -> str:
    """Return *at* as a date and a time with its zone, in the reader's zone and way of writing."""
    local = timezone.localtime(at)
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} {local:%Z}"
