"""What a cell can be: each kind turns its text into a value or says why it cannot."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from email_validator import EmailNotValidError, validate_email

from integrations.files.errors import quoted

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
# Addresses of this plain shape need no closer look, which is many times as slow.
ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
PLAIN_EMAIL = re.compile(
    rf"{ATOM}(\.{ATOM})*@([a-z0-9]([a-z0-9-]{{0,61}}[a-z0-9])?\.)+[a-z]{{2,63}}", re.IGNORECASE | re.ASCII
)
MAX_EMAIL_CHARACTERS = 254
SLUG = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*", re.ASCII)
WHOLE_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)
NUMBER_WITH_POINT = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
NUMBER_WITH_COMMA = re.compile(r"[+-]?\d+(,\d+)?", re.ASCII)
ISO_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,6})?)?(Z|[+-]\d\d(:?\d\d)?)?)?", re.ASCII)


class CellRefused(Exception):
    """The reason a cell has no value of its kind, worded to follow the name of its column."""


@dataclass(frozen=True)
class Kind(ABC):
    """What is common to all kinds. `options` are the fields that a mapping file may set, with their type."""

    options: ClassVar[dict[str, type]] = {}

    @abstractmethod
    def convert(self, text: str) -> object:
        """The value of a stripped text that is not blank; raises CellRefused."""


@dataclass(frozen=True)
class Text(Kind):
    max_length: int

    def convert(self, text: str) -> str:
        if "\x00" in text:
            raise CellRefused(f"{quoted(text)} has a NUL character")
        if len(text) > self.max_length:
            raise CellRefused(f"{quoted(text)} has {len(text):,} characters; {self.max_length:,} is the most")
        return text


@dataclass(frozen=True)
class Person(Text):
    """Somebody's e-mail address or name: who that is, the importer finds out."""

    max_length: int = 254


@dataclass(frozen=True)
class Email(Kind):
    def convert(self, text: str) -> str:
        local_part, _, domain = text.rpartition("@")
        if len(text) <= MAX_EMAIL_CHARACTERS and PLAIN_EMAIL.fullmatch(text):
            return f"{local_part}@{domain.lower()}"
        try:
            return validate_email(text, check_deliverability=False).normalized
        except EmailNotValidError as error:
            raise CellRefused(f"{quoted(text)} is not an e-mail address") from error


@dataclass(frozen=True)
class Slug(Kind):
    """A short name. Capitals and spaces are put right; anything else a mapping's `values` must translate."""

    max_length: int = 100

    def convert(self, text: str) -> str:
        slug = "-".join(text.lower().split())
        if not SLUG.fullmatch(slug):
            raise CellRefused(f"{quoted(text)} is not a short name of letters, digits, - and _")
        if len(slug) > self.max_length:
            raise CellRefused(f"{quoted(text)} has {len(slug):,} characters; {self.max_length:,} is the most")
        return slug


@dataclass(frozen=True)
class Integer(Kind):
    """A whole number; by default what a 32-bit database column holds."""

    minimum: int = -(2**31)
    maximum: int = 2**31 - 1

    def convert(self, text: str) -> int:
        if not WHOLE_NUMBER.fullmatch(text):
            raise CellRefused(f"{quoted(text)} is not a whole number")
        # A text longer than the limits is out of them, and int() is slow on very long ones.
        number = int(text) if len(text) < 30 else self.maximum + 1
        if not self.minimum <= number <= self.maximum:
            raise CellRefused(f"{quoted(text)} is not between {self.minimum} and {self.maximum}")
        return number


@dataclass(frozen=True)
class Money(Kind):
    """An amount of at least 0 with at most 2 decimals; no grouping, 1,234 could mean two things."""

    options = {"decimal_comma": bool}
    max_whole_digits: int = 12
    decimal_comma: bool = False

    def convert(self, text: str) -> Decimal:
        number = NUMBER_WITH_COMMA if self.decimal_comma else NUMBER_WITH_POINT
        if not number.fullmatch(text):
            raise CellRefused(f"{quoted(text)} is not a number")
        whole, _, decimals = text.replace(",", ".").lstrip("+-").partition(".")
        if text.startswith("-"):
            raise CellRefused(f"{quoted(text)} is less than 0")
        if len(decimals) > 2 and decimals[2:].strip("0"):
            raise CellRefused(f"{quoted(text)} has more than 2 decimals")
        if len(whole.lstrip("0")) > self.max_whole_digits:
            raise CellRefused(f"{quoted(text)} has more than {self.max_whole_digits} digits before the decimals")
        return Decimal(f"{whole}.{decimals[:2] or 0}")


@dataclass(frozen=True)
class Calendar(Kind):
    """ISO 8601, or `format` as in datetime.strptime; without an offset, local to `time_zone`."""

    options = {"format": str, "time_zone": str}
    format: str = ""
    time_zone: str = "UTC"

    def _moment(self, text: str) -> datetime:
        try:
            moment = self._parsed(text)
        except ValueError as error:
            expected = f"as {self.format}" if self.format else "like 2026-01-31 or 2026-01-31T14:30+01:00"
            raise CellRefused(f"{quoted(text)} is not a date {expected}") from error
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise CellRefused(f"{quoted(text)} is not between the years {EARLIEST_YEAR} and {LATEST_YEAR}")
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.time_zone))

    def _parsed(self, text: str) -> datetime:
        if self.format:
            return datetime.strptime(text, self.format)  # noqa: DTZ007  zone: see _moment
        # fromisoformat() also takes 20260131, which may be any number, and week dates.
        if not ISO_DATE_AND_TIME.fullmatch(text):
            raise ValueError(text)
        return datetime.fromisoformat(text)


@dataclass(frozen=True)
class DateTime(Calendar):
    """A moment, given in UTC; of a date alone its local midnight."""

    def convert(self, text: str) -> datetime:
        return self._moment(text).astimezone(UTC)


@dataclass(frozen=True)
class Date(Calendar):
    """A day; of a moment with an offset, the day it was in `time_zone`."""

    def convert(self, text: str) -> date:
        return self._moment(text).astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True)
class Currency(Kind):
    def convert(self, text: str) -> str:
        return _capital_letters(text, 3, "a currency code like EUR")


@dataclass(frozen=True)
class Country(Kind):
    def convert(self, text: str) -> str:
        return _capital_letters(text, 2, "a country code like FR")


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words, in capitals or not; given as they are written in `allowed`."""

    allowed: tuple[str, ...]

    def convert(self, text: str) -> str:
        for word in self.allowed:
            if word.lower() == text.lower():
                return word
        raise CellRefused(f"{quoted(text)} is not one of {', '.join(self.allowed)}")


@dataclass(frozen=True)
class TimeZone(Kind):
    def convert(self, text: str) -> str:
        if text not in _time_zones():
            raise CellRefused(f"{quoted(text)} is not a time zone like Europe/Paris")
        return text


@cache
def _time_zones() -> frozenset[str]:
    # Every call of available_timezones() walks through hundreds of files.
    return frozenset(available_timezones())


def _capital_letters(text: str, count: int, what: str) -> str:
    if len(text) != count or not (text.isascii() and text.isalpha()):
        raise CellRefused(f"{quoted(text)} is not {what}")
    return text.upper()
