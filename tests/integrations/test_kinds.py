from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from integrations.files.kinds import (
    CellRefused,
    Choice,
    Country,
    Currency,
    Date,
    DateTime,
    Email,
    Integer,
    Money,
    Person,
    Slug,
    Text,
    TimeZone,
)

STAGES = Choice(("inquiry", "mql", "SAL"))
COMMA = Money(decimal_comma=True)
SAO_PAULO = DateTime(time_zone="America/Sao_Paulo")
FRENCH = DateTime(format="%d/%m/%Y %H:%M", time_zone="Europe/Paris")
ISO_EXPECTED = "is not a date like 2026-01-31 or 2026-01-31T14:30+01:00"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Text(5), "Ünder", "Ünder"),
        (Person(), "Ann Smith", "Ann Smith"),
        (Person(), "ann@x.org", "ann@x.org"),
        (Email(), "Ann.O'Neil+x@Example.ORG", "Ann.O'Neil+x@example.org"),
        (Email(), "ann@bücher.de", "ann@bücher.de"),
        (Email(), "rep@demo.leadflow.test", "rep@demo.leadflow.test"),
        (Slug(), "organic_search", "organic_search"),
        (Slug(), "Paid  Search", "paid-search"),
        (Integer(), "007", 7),
        (Integer(), "-2147483648", -(2**31)),
        (Integer(maximum=10**12), "50000000000", 50_000_000_000),
        (Money(), "0", Decimal(0)),
        (Money(), "+12.5", Decimal("12.5")),
        (Money(), "12.5000", Decimal("12.50")),
        (Money(), "999999999999.99", Decimal("999999999999.99")),
        (COMMA, "12,50", Decimal("12.50")),
        (COMMA, "12", Decimal(12)),
        (Currency(), "eur", "EUR"),
        (Country(), "fr", "FR"),
        (TimeZone(), "America/Sao_Paulo", "America/Sao_Paulo"),
        (STAGES, "MQL", "mql"),
        (STAGES, "sal", "SAL"),
    ],
)
def test_a_cell_becomes_a_value_of_its_kind(kind, text, value):
    assert kind.convert(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "moment"),
    [
        (DateTime(), "2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        (DateTime(), "2026-01-31 14:30", datetime(2026, 1, 31, 14, 30, tzinfo=UTC)),
        (DateTime(), "2026-01-31T14:30:15.25Z", datetime(2026, 1, 31, 14, 30, 15, 250_000, tzinfo=UTC)),
        (DateTime(), "2026-01-31T14:30+0530", datetime(2026, 1, 31, 9, 0, tzinfo=UTC)),
        (SAO_PAULO, "2018-01-10", datetime(2018, 1, 10, 2, 0, tzinfo=UTC)),
        (SAO_PAULO, "2018-01-10T10:00+00:00", datetime(2018, 1, 10, 10, 0, tzinfo=UTC)),
        (SAO_PAULO, "2018-11-04", datetime(2018, 11, 4, 3, 0, tzinfo=UTC)),  # clocks went from 0:00 to 1:00
        (FRENCH, "31/07/2026 14:30", datetime(2026, 7, 31, 12, 30, tzinfo=UTC)),
        (DateTime(format="%Y-%m-%d %z"), "2026-01-31 -0300", datetime(2026, 1, 31, 3, 0, tzinfo=UTC)),
        (DateTime(), "1990-01-01", datetime(1990, 1, 1, tzinfo=UTC)),
        (DateTime(), "2100-12-31", datetime(2100, 12, 31, tzinfo=UTC)),
    ],
)
def test_a_moment_is_given_in_utc(kind, text, moment):
    converted = kind.convert(text)

    assert (converted, converted.tzinfo) == (moment, UTC)


@pytest.mark.parametrize(
    ("kind", "text", "day"),
    [
        (Date(), "2026-01-31", date(2026, 1, 31)),
        (Date(), "2026-01-31T23:59:59", date(2026, 1, 31)),
        (Date(time_zone="Asia/Tokyo"), "2026-01-31T23:00Z", date(2026, 2, 1)),
        (Date(format="%d.%m.%Y", time_zone="Asia/Tokyo"), "31.01.2026", date(2026, 1, 31)),
    ],
)
def test_a_day_is_the_local_one(kind, text, day):
    assert kind.convert(text) == day


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        (Text(5), "longer", '"longer" has 6 characters; 5 is the most'),
        (Text(5), "a\x00b", "has a NUL character"),
        (Person(), "x" * 255, "has 255 characters; 254 is the most"),
        (Email(), "ann", '"ann" is not an e-mail address'),
        (Email(), "ann@localhost", "is not an e-mail address"),
        (Email(), "a..b@x.org", "is not an e-mail address"),
        (Email(), "Ann <ann@x.org>", "is not an e-mail address"),
        (Email(), f"{'a' * 249}@x.org", "is not an e-mail address"),
        (Email(), "ann@x.org\x00", "is not an e-mail address"),
        (Slug(), "R&D", '"R&D" is not a short name of letters, digits, - and _'),
        (Slug(), "-x", '"-x" is not a short name of letters, digits, - and _'),
        (Integer(), "1.0", '"1.0" is not a whole number'),
        (Integer(), "1_000", "is not a whole number"),
        (Integer(), "١٢", "is not a whole number"),
        (Integer(), "2147483648", "is not between -2147483648 and 2147483647"),
        (Integer(0, 100), "-1", '"-1" is not between 0 and 100'),
        (Integer(0, 100), "9" * 5000, "is not between 0 and 100"),
        (Money(), "12,5O", '"12,5O" is not a number'),
        (Money(), "12,50", '"12,50" is not a number'),
        (Money(), "1e5", '"1e5" is not a number'),
        (Money(), "1_000", '"1_000" is not a number'),
        (Money(), "NaN", '"NaN" is not a number'),
        (Money(), "1,234.50", '"1,234.50" is not a number'),
        (Money(), "-5", '"-5" is less than 0'),
        (Money(), "1.234", '"1.234" has more than 2 decimals'),
        (Money(), "1000000000000", "has more than 12 digits before the decimals"),
        (COMMA, "12.50", '"12.50" is not a number'),
        (Currency(), "EURO", '"EURO" is not a currency code like EUR'),
        (Currency(), "€", '"€" is not a currency code like EUR'),
        (Slug(), "x" * 101, f'"{"x" * 60}…" has 101 characters; 100 is the most'),
        (TimeZone(), "Paris", '"Paris" is not a time zone like Europe/Paris'),
        (Country(), "France", '"France" is not a country code like FR'),
        (STAGES, "mqll", '"mqll" is not one of inquiry, mql, SAL'),
        (DateTime(), "31/01/2026", f'"31/01/2026" {ISO_EXPECTED}'),
        (DateTime(), "20260131", f'"20260131" {ISO_EXPECTED}'),
        (DateTime(), "2026-02-30", f'"2026-02-30" {ISO_EXPECTED}'),
        (DateTime(), "2026-01-31x14:30", f'"2026-01-31x14:30" {ISO_EXPECTED}'),
        (DateTime(), "1989-12-31", '"1989-12-31" is not between the years 1990 and 2100'),
        (DateTime(), "2101-01-01", '"2101-01-01" is not between the years 1990 and 2100'),
        (DateTime(), "0001-01-01T00:00+14:00", "is not between the years 1990 and 2100"),
        (FRENCH, "2026-07-31", '"2026-07-31" is not a date as %d/%m/%Y %H:%M'),
        (DateTime(format="%d/%m"), "31/01", '"31/01" is not between the years 1990 and 2100'),
        (Date(), "tomorrow", f'"tomorrow" {ISO_EXPECTED}'),
    ],
)
def test_a_cell_of_another_kind_is_refused_with_its_reason(kind, text, reason):
    with pytest.raises(CellRefused) as caught:
        kind.convert(text)

    assert str(caught.value).endswith(reason)


def test_a_reason_quotes_long_and_broken_texts_short_and_on_one_line():
    with pytest.raises(CellRefused) as caught:
        Money().convert("a\n" + "b" * 100)

    assert str(caught.value) == f'"a {"b" * 58}…" is not a number'
