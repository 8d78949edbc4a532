"""Days of the company: those on which all reports agree, whoever reads them where."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


def company_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def company_day(at: datetime) -> date:
    return at.astimezone(company_zone()).date()


def end_of(day: date) -> datetime:
    """The last instant of the day, UTC."""
    following = datetime.combine(day + timedelta(days=1), time(), company_zone())
    return (following - timedelta(microseconds=1)).astimezone(UTC)
