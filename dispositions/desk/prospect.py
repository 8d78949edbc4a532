"""When the prospect can be reached: Monday to Friday, 9 to 17 where he is. By the tables of the time zone database."""

from collections.abc import Container, Mapping
from datetime import date, time
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import holidays

from accounts.working_time import WorkingHours

_WEEK = dict.fromkeys(range(5), ((time(9), time(17)),))
# The table names first the zone of the most people, but for these, where an island comes before.
_MOST_PEOPLE = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "RU": "Europe/Moscow",
}


@lru_cache(maxsize=1024)
def prospect_hours(time_zone: str, country: str) -> tuple[WorkingHours, ...]:
    """The hours of each zone he may be in, that of the most people first; none where nothing is known of it.

    `time_zone`: his own, where it is known. `country`: ISO code; its public holidays are free.
    """
    names = (time_zone,) if time_zone else zones_of(country)
    return tuple(WorkingHours(ZoneInfo(name), _WEEK, _days_off(country)) for name in names)


def zones_of(country: str) -> tuple[str, ...]:
    """The time zones of a country; none for one that the table does not know."""
    names = _zones().get(country, ())
    first = _MOST_PEOPLE.get(country)
    return (first, *(name for name in names if name != first)) if first else names


@lru_cache(maxsize=1)
def _zones() -> Mapping[str, tuple[str, ...]]:
    """By country: the zones named after it, then those it shares with another."""
    own: dict[str, list[str]] = {}
    shared: dict[str, list[str]] = {}
    table = files("tzdata").joinpath("zoneinfo", "zone1970.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line.startswith("#"):
            continue
        codes, _, name = line.split("\t")[:3]
        first, *others = codes.split(",")
        own.setdefault(first, []).append(name)
        for code in others:
            shared.setdefault(code, []).append(name)
    return {code: (*own.get(code, ()), *shared.get(code, ())) for code in own.keys() | shared.keys()}


@lru_cache(maxsize=256)
def _days_off(country: str) -> Container[date]:
    try:
        return holidays.country_holidays(country) if country else frozenset()
    except NotImplementedError:  # a country of which no holidays are known: every weekday is one to call on
        return frozenset()
