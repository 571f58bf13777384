"""When a digest is due: in the morning of the member's own day."""

import datetime
import zoneinfo

from django.conf import settings

from accounts.models import MailChoice, Member

MONDAY = 0
DAY = datetime.timedelta(days=1)


def zone_of(member: Member) -> datetime.tzinfo:
    """Return the member's time zone, else the site's: no browser tells a job another."""
    try:
        return zoneinfo.ZoneInfo(member.time_zone or settings.TIME_ZONE)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


def due(told_at: datetime.datetime, delivery: str, zone: datetime.tzinfo) -> datetime.datetime:
    """Return when what was told then is to be mailed: at once, or at the first DIGEST_HOUR of a day that fits after it.

    It follows from these three alone, so whoever changes their mind or their time zone is asked for nothing else.
    """
    if delivery == MailChoice.Delivery.ONCE:
        return told_at
    day = told_at.astimezone(zone).date()
    while True:
        morning = datetime.datetime.combine(day, datetime.time(settings.DIGEST_HOUR), tzinfo=zone)
        if morning > told_at and (delivery == MailChoice.Delivery.DAILY or day.weekday() == MONDAY):
            return morning
        day += DAY
