"""Serializer fields that take JSON's own types and nothing that merely looks like them."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import phonenumbers
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from funnel.identity import InvalidEmail, domain_key, email_key
from integrations.api.currencies import CURRENCIES

# Direction overrides, line separators and invisible marks: taken out, they only hide what a text says.
INVISIBLE = re.compile("[\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
MONEY = re.compile(r"\d+(\.\d{1,2})?", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
SLUG = re.compile(r"[a-z0-9_-]+", re.ASCII)
PHONE = re.compile(r"[\d\s()./x+-]*\d[\d\s()./x-]*", re.ASCII)
EARLIEST_YEAR, LATEST_YEAR = 2000, 2100
MOST_DIGITS = 20  # E.164 has 15, and some have an extension
CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)


def moment_of(text: str) -> datetime | None:
    """The moment that RFC 3339 writes with an offset; none for anything else."""
    if not MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day_of(text: str) -> date | None:
    """The day that YYYY-MM-DD names; none for anything else."""
    if not DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class Text(serializers.CharField):
    """A line of text: trimmed, without control characters."""

    default_error_messages: ClassVar = {
        "wrong-type": "This has to be a string.",
        "forbidden-character": "This may not contain control characters.",
        "blank": "This may not be blank. Leave it out, or send null, where it is not known.",
    }
    control_characters_allowed = frozenset[str]()

    def __init__(self, max_length: int, **options: Any) -> None:
        required = options.pop("required", False)
        super().__init__(max_length=max_length, required=required, allow_null=not required, **options)
        # The others look for what is looked for below.
        self.validators = [one for one in self.validators if isinstance(one, MaxLengthValidator)]

    def run_validators(self, value: str) -> None:
        if self.max_length is None or len(value) > self.max_length:
            super().run_validators(value)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("wrong-type")
        is_harmless = data.isascii() and data.isprintable()
        text = data.strip() if is_harmless else INVISIBLE.sub("", data).strip()
        if not text:
            self.fail("blank")
        if not is_harmless and self._forbidden_in(text):
            self.fail("forbidden-character")
        return self.checked(text)

    def _forbidden_in(self, text: str) -> set[str]:
        """Control characters, and halves of a character, which no database stores."""
        found = {letter for letter in text if unicodedata.category(letter) in {"Cc", "Cs"}}
        return found - self.control_characters_allowed

    def checked(self, text: str) -> str:
        """The text in its own form; fails with what is wrong with it."""
        return text


class LongText(Text):
    """Text of several lines."""

    control_characters_allowed = frozenset("\t\n\r")


@extend_schema_field({"type": "string", "format": "email", "maxLength": 254})
class Email(Text):
    default_error_messages: ClassVar = {"invalid-email": "This is not an e-mail address."}

    def __init__(self, **options: Any) -> None:
        super().__init__(254, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("wrong-type")
        try:
            email_key(data)
        except InvalidEmail:
            self.fail("invalid-email")
        return data.strip()


class Phone(Text):
    """With a leading + brought to E.164; without, the country is not known and the digits stay as they are."""

    default_error_messages: ClassVar = {"invalid-phone": "This is not a phone number."}

    def __init__(self, **options: Any) -> None:
        super().__init__(40, **options)

    def checked(self, text: str) -> str:
        if not PHONE.fullmatch(text) or sum(letter.isdigit() for letter in text) > MOST_DIGITS:
            self.fail("invalid-phone")
        if not text.startswith("+"):
            return text
        try:
            number = phonenumbers.parse(text)
        except phonenumbers.NumberParseException:
            self.fail("invalid-phone")
        if not phonenumbers.is_possible_number(number):
            self.fail("invalid-phone")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@extend_schema_field({"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 100})
class Slug(Text):
    """The short name of a channel or campaign, in lower case."""

    default_error_messages: ClassVar = {"invalid-slug": "Use letters a-z, digits, - and _ only."}

    def __init__(self, **options: Any) -> None:
        super().__init__(100, **options)

    def checked(self, text: str) -> str:
        if not SLUG.fullmatch(text.lower()):
            self.fail("invalid-slug")
        return text.lower()


class Domain(Text):
    """A company's host, also read off its website's http(s) address; international names in IDNA."""

    default_error_messages: ClassVar = {"invalid-url": "This is not a domain such as example.com."}

    def __init__(self, **options: Any) -> None:
        super().__init__(253, **options)

    def checked(self, text: str) -> str:
        try:
            host = domain_key(text).encode("idna").decode()
        except UnicodeError:
            self.fail("invalid-url")
        if not HOST.fullmatch(host) or len(host) > 253:
            self.fail("invalid-url")
        return host


@extend_schema_field({"type": "string", "enum": sorted(CURRENCIES), "description": "ISO 4217."})
class Currency(Text):
    default_error_messages: ClassVar = {"unknown-currency": "This is not a currency of ISO 4217, such as EUR."}

    def __init__(self, **options: Any) -> None:
        super().__init__(3, **options)

    def checked(self, text: str) -> str:
        if text not in CURRENCIES:
            self.fail("unknown-currency")
        return text


@extend_schema_field({"type": "string", "enum": sorted(phonenumbers.SUPPORTED_REGIONS), "description": "ISO 3166."})
class Country(Text):
    default_error_messages: ClassVar = {"unknown-country": "This is not a country of ISO 3166, such as DE."}

    def __init__(self, **options: Any) -> None:
        super().__init__(2, **options)

    def checked(self, text: str) -> str:
        if text not in phonenumbers.SUPPORTED_REGIONS:
            self.fail("unknown-country")
        return text


@extend_schema_field({"type": "string", "pattern": "^[0-9]{2,6}$"})
class Naics(Text):
    default_error_messages: ClassVar = {"invalid-naics": "A NAICS code has 2 to 6 digits."}

    def __init__(self, **options: Any) -> None:
        super().__init__(6, **options)

    def checked(self, text: str) -> str:
        if not (text.isascii() and text.isdigit() and len(text) >= 2):
            self.fail("invalid-naics")
        return text


class Integer(serializers.IntegerField):
    """A whole number; by default what a 32-bit column holds."""

    default_error_messages: ClassVar = {"wrong-type": "This has to be a whole number."}

    def __init__(self, *, required: bool = False, **options: Any) -> None:
        bounds = {"min_value": -(2**31), "max_value": 2**31 - 1}
        super().__init__(required=required, allow_null=not required, **(bounds | options))

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("wrong-type")
        return data


class TrueOrFalse(serializers.BooleanField):
    default_error_messages: ClassVar = {"wrong-type": "This has to be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("wrong-type")
        return data


class Choice(serializers.ChoiceField):
    default_error_messages: ClassVar = {"wrong-type": "This has to be a string."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("wrong-type")
        return str(super().to_internal_value(data))


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,2})?$"},
            {"type": "number", "minimum": 0, "multipleOf": 0.01},
        ],
        "description": "At least 0, with at most two decimals.",
    }
)
class Money(serializers.Field[Decimal, Any, str, Any]):
    """An amount as a string or a number; `whole_digits` before the point at most."""

    default_error_messages: ClassVar = {
        "wrong-type": 'This has to be an amount: a number, or a string such as "1200.50".',
        "invalid-money": "An amount is at least 0 and has at most two decimals and {whole_digits} digits before them.",
    }

    def __init__(self, whole_digits: int, *, required: bool = False) -> None:
        super().__init__(required=required, allow_null=not required)
        self.whole_digits = whole_digits

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal):
            self.fail("wrong-type")
        text = data if isinstance(data, str) else f"{data:f}" if isinstance(data, Decimal) else str(data)
        if not MONEY.fullmatch(text) or len(text.partition(".")[0]) > self.whole_digits:
            self.fail("invalid-money", whole_digits=self.whole_digits)
        return Decimal(text)

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.2f}"


class Moment(serializers.DateTimeField):
    """When something happened: RFC 3339 with an offset, not before 2000 and not in the future.

    Needs `at`, the request's time, in the serializer's context.
    """

    default_error_messages: ClassVar = {
        "wrong-type": "This has to be a string.",
        "invalid-datetime": "Give date, time and offset, such as 2026-01-31T14:30:00+01:00.",
        "implausible-time": "This is before the year 2000, or after 2100.",
        "future-time": "This lies in the future.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("wrong-type")
        moment = moment_of(value)
        if moment is None:
            self.fail("invalid-datetime")
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            self.fail("implausible-time")
        if moment > self.context["at"] + CLOCKS_MAY_DIFFER_BY:
            self.fail("future-time")
        return moment


class Day(serializers.DateField):
    """A day as YYYY-MM-DD."""

    default_error_messages = {"invalid-date": "Give a day such as 2026-01-31, from 2000 to 2100."}

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(required=required, allow_null=not required)

    def to_internal_value(self, value: Any) -> date:
        day = day_of(value) if isinstance(value, str) else None
        if day is None or not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            self.fail("invalid-date")
        return day


@extend_schema_field({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]})
class Ahead(serializers.Field[datetime, Any, str, Any]):
    """A moment that lies ahead, in RFC 3339 with an offset; or a day, meaning its morning in UTC."""

    default_error_messages = {
        "wrong-type": "This has to be a string.",
        "invalid-datetime": "Give date, time and offset, such as 2026-01-31T14:30:00+01:00, or a day.",
        "not-ahead": "This has to lie ahead, within ten years.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_null=True, **options)

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str):
            self.fail("wrong-type")
        day = day_of(data)
        moment = datetime.combine(day, time(8), tzinfo=timezone.get_default_timezone()) if day else moment_of(data)
        if moment is None:
            self.fail("invalid-datetime")
        now = self.context["at"]
        if not now < moment < now + timedelta(days=3653):
            self.fail("not-ahead")
        return moment

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()
