"""Dates, times and numbers as somebody has chosen to read them, in his time zone. The words stay English."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.paginator import Page
from django.utils import timezone, translation
from django.utils.formats import date_format, get_format, number_format

from accounts.models import User

# Django's letters of a date format as strftime's: a sweep writes a thousand times at once, and this is ten times as
# quick.
_LETTERS = {
    "j": "%-d",
    "d": "%d",
    "M": "%b",
    "m": "%m",
    "Y": "%Y",
    "y": "%y",
    "H": "%H",
    "g": "%-I",
    "i": "%M",
    "A": "%p",
}


@contextmanager
def as_read_by(user: User) -> Iterator[None]:
    """What is written within is for this reader: pages, mails, notifications. Needs `team.calendar` of the user."""
    with translation.override(user.formats), timezone.override(user.zone):
        yield


def moment(at: datetime, reader: User) -> str:
    """A moment of these days: weekday, day, month and time. Needs `team.calendar` of the reader."""
    return f"{at.astimezone(reader.zone):{_moments_of(reader.formats)}}"


@lru_cache(maxsize=16)
def _moments_of(formats: str) -> str:
    written = get_format("SHORT_DATETIME_FORMAT", lang=formats, use_l10n=True)
    return "%a " + "".join(_LETTERS.get(letter, letter) for letter in written)


@contextmanager
def as_in_files() -> Iterator[None]:
    """The same for everybody, whoever asks: what other programs read."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


# --- as the reader of `as_read_by` writes them ----------------------------------------------------------------


def day(on: date) -> str:
    return date_format(on, "DATE_FORMAT")


def whole(number: int) -> str:
    return rounded(number, 0)


def rounded(number: int | float | Decimal, places: int) -> str:
    """With separators between thousands."""
    return number_format(f"{number:.{places}f}", decimal_pos=places, use_l10n=True, force_grouping=True)


def span(page: Page[Any]) -> str:
    """Which rows a page of a list shows: 51–100 of 1,204."""
    return f"{whole(page.start_index())}–{whole(page.end_index())} of {whole(page.paginator.count)}"
