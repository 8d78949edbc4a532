"""Opening hours as people write them: “Mon-Thu 09:00-12:30, 13:15-17:30”, one line per group of days."""

import re
from collections.abc import Mapping
from datetime import date, time

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LINE = re.compile(r"(?P<days>[A-Za-z, -]+?)\s+(?P<hours>[\d:,\s-]+)")
_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")

Week = Mapping[int, tuple[tuple[time, time], ...]]


def parse_opening_hours(text: str) -> Week:
    """Weekday (0 is Monday) to its intervals, sorted. 24:00 as a close is the midnight that ends the day.

    Raises ValueError with a sentence that quotes the line.
    """
    week: dict[int, list[tuple[time, time]]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LINE.fullmatch(line)
        if not match:
            raise ValueError(f"“{line}” is not a line of opening hours. Write for example “Mon-Fri 09:00-17:00”.")
        intervals = [_interval(part.strip(), line) for part in match["hours"].split(",")]
        for day in _days(match["days"], line):
            week.setdefault(day, []).extend(intervals)
    if not week:
        raise ValueError("Opening hours are empty. Write for example “Mon-Fri 09:00-17:00”.")
    return {day: tuple(sorted(intervals)) for day, intervals in week.items()}


def parse_days_off(text: str) -> frozenset[date]:
    """One ISO date a line. Raises ValueError that quotes the line."""
    days = set()
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            days.add(date.fromisoformat(line))
        except ValueError as error:
            raise ValueError(f"“{line}” is not a date. Write it as 2026-12-24.") from error
    return frozenset(days)


def _days(text: str, line: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        names = [name.strip().lower()[:3] for name in part.split("-")]
        if len(names) > 2 or any(name not in DAYS for name in names):
            raise ValueError(f"“{part.strip()}” in “{line}” is not a day. Use Mon, Tue, Wed, Thu, Fri, Sat, Sun.")
        first, last = DAYS.index(names[0]), DAYS.index(names[-1])
        found.extend(range(first, last + 1) if first <= last else [*range(first, 7), *range(last + 1)])
    return found


def _interval(text: str, line: str) -> tuple[time, time]:
    match = _INTERVAL.fullmatch(text)
    if not match:
        raise ValueError(f"“{text}” in “{line}” is not an interval. Write for example 09:00-17:00.")
    opens_hour, opens_minute, closes_hour, closes_minute = map(int, match.groups())
    try:
        return time(opens_hour, opens_minute), time(
            closes_hour % 24 if closes_hour == 24 else closes_hour, closes_minute
        )
    except ValueError as error:
        raise ValueError(f"“{text}” in “{line}” is not a time of day.") from error
