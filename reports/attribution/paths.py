"""Files of paths, in the format that the field's packages share: each line a path, and how often it was made.

    path,total_conversions,total_conversion_value,total_null
    webinar > email > paid search,3,36000.00,12

Channels are joined by “ > ”; their names may contain anything else. Lines of the same path count together.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import gcd
from typing import TextIO

from reports.attribution.journeys import Journeys

COLUMNS = ("path", "total_conversions", "total_conversion_value", "total_null")
JOINT = " > "
CELL_AT_MOST = 10_000_000  # characters
COUNT_AT_MOST = 10**15  # below 2^53, up to which floats count exactly
VALUE_AT_MOST = 10**18
DIGITS = 18  # after the point, at most
_NUMBER = re.compile(r"([+-]?)(\d{1,40})(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,3}))?", re.ASCII)


class PathsRefused(Exception):
    """The sentence names the line and says what is wrong with it."""


@dataclass(frozen=True)
class PathFile:
    """`journeys.values` are whole units, of which 10 ** `digits` are one: cents, or finer where the file is."""

    journeys: Journeys
    digits: int


def read_paths(file: TextIO) -> PathFile:
    """Open it with newline="". Raises PathsRefused, UnicodeDecodeError.

    The order of the lines makes no difference, not even to the last bit of a float.
    """
    sums: dict[str, list[int]] = {}
    for line, cells in _lines(file):
        path, *numbers = cells
        if path not in sums:
            _check_path(path, line)
        counted = _numbers(numbers, line)
        known = sums.setdefault(path, [0, 0, 0])
        for place, number in enumerate(counted):
            known[place] += number
    _check_sums(sums)
    rows = sorted((path.split(JOINT), numbers) for path, numbers in sums.items())
    values = [value for _, (_, value, _) in rows]
    digits = _digits(values)
    journeys = Journeys.of(
        [path for path, _ in rows],
        conversions=[conversions for _, (conversions, _, _) in rows],
        values=[value // 10 ** (DIGITS - digits) for value in values],
        nulls=[nulls for _, (_, _, nulls) in rows],
    )
    return PathFile(journeys, digits)


def _digits(values: Sequence[int]) -> int:
    """How many digits after the point these values need: two at least."""
    common = gcd(*values)
    return next(digits for digits in range(2, DIGITS + 1) if common % 10 ** (DIGITS - digits) == 0)


def _lines(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Each line's number and its cells in the order of COLUMNS."""
    limit_before = csv.field_size_limit(CELL_AT_MOST)
    reader = csv.reader(file, strict=True)
    try:
        heading = next(reader, [])
        places = _places(heading)
        line = reader.line_num + 1
        for cells in reader:
            if cells:
                if len(cells) != len(heading):
                    raise PathsRefused(f"Line {line} has {len(cells)} cells; its heading has {len(heading)}.")
                yield line, [cells[place] for place in places]
            line = reader.line_num + 1
    except csv.Error as error:
        raise PathsRefused(_unreadable(error, reader.line_num)) from error
    finally:
        csv.field_size_limit(limit_before)


def _unreadable(error: csv.Error, line: int) -> str:
    if "limit" in str(error):
        return f"Line {line} has a cell of more than {CELL_AT_MOST:,} characters."
    return f"Line {line} cannot be read as CSV: {error}."


def _places(heading: Sequence[str]) -> list[int]:
    names = [name.strip() for name in heading]
    if not any(names):
        raise PathsRefused(f"The file is empty. A file of paths begins with the heading {','.join(COLUMNS)}.")
    if missing := [name for name in COLUMNS if name not in names]:
        plural = "s" if len(missing) > 1 else ""
        raise PathsRefused(
            f"Line 1 lacks the column{plural} {', '.join(missing)}. A file of paths has {', '.join(COLUMNS)}."
        )
    return [names.index(name) for name in COLUMNS]


def _check_path(path: str, line: int) -> None:
    if not path.strip():
        raise PathsRefused(f"Line {line} has no path.")
    if not all(map(str.strip, path.split(JOINT))):
        raise PathsRefused(f"Line {line} has a channel without a name, in a path of {len(path.split(JOINT))} touches.")


def _numbers(cells: Sequence[str], line: int) -> tuple[int, int, int]:
    conversions, nulls = _count(cells[0], COLUMNS[1], line), _count(cells[2], COLUMNS[3], line)
    value = _scaled(cells[1], COLUMNS[2], line)
    if abs(value) > VALUE_AT_MOST * 10**DIGITS:
        raise PathsRefused(f"Line {line}: {COLUMNS[2]} is more than {VALUE_AT_MOST:,}.")
    if value < 0:
        raise PathsRefused(f"Line {line}: {COLUMNS[2]} is negative, {cells[1].strip()}.")
    if value and not conversions:
        raise PathsRefused(f"Line {line} has a value, {cells[1].strip()}, but no conversion that brought it.")
    return conversions, value, nulls


def _count(text: str, column: str, line: int) -> int:
    if text.isascii() and text.isdigit() and len(text) <= DIGITS:
        count = int(text)
    else:
        scaled = _scaled(text, column, line)
        if scaled < 0:
            raise PathsRefused(f"Line {line}: {column} is negative, {text.strip()}.")
        count, rest = divmod(scaled, 10**DIGITS)
        if rest:
            raise PathsRefused(f"Line {line}: {column} is a fraction, {text.strip()}; it counts whole journeys.")
    if count > COUNT_AT_MOST:
        raise PathsRefused(f"Line {line}: {column} is more than {COUNT_AT_MOST:,}.")
    return count


def _scaled(text: str, column: str, line: int) -> int:
    """The number times 10 ** DIGITS."""
    if not text.strip():
        raise PathsRefused(f"Line {line}: {column} is empty.")
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise PathsRefused(f"Line {line}: {column} is not a number, “{text.strip()[:40]}”.")
    sign, whole, fraction, exponent = match.groups(default="")
    power = int(exponent or 0) - len(fraction) + DIGITS
    number = int(f"{sign}{whole}{fraction}")
    if power >= 0:
        return number * 10**power
    scaled, rest = divmod(number, 10**-power)
    if rest:
        raise PathsRefused(f"Line {line}: {column} has more than {DIGITS} digits after the point, {text.strip()[:40]}.")
    return scaled


def _check_sums(sums: dict[str, list[int]]) -> None:
    if not sums:
        raise PathsRefused("The file has no path below its heading.")
    if sum(numbers[0] + numbers[2] for numbers in sums.values()) > COUNT_AT_MOST:
        raise PathsRefused(f"The file counts more than {COUNT_AT_MOST:,} journeys.")
    if not any(numbers[0] for numbers in sums.values()):
        raise PathsRefused("The file has no conversion on any of its lines: there is nothing to attribute.")
