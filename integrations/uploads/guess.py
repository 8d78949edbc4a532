"""Which column may be which field: by name, by its usual names, by the look of what is in it. Pure; people decide."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.text import slugify

from funnel.attributes import Attribute
from integrations.files.columns import FieldSet
from integrations.files.kinds import (
    ISO_DATE_AND_TIME,
    NUMBER_WITH_COMMA,
    PLAIN_EMAIL,
    SLUG,
    Calendar,
    Choice,
    Email,
    Kind,
    Money,
    Slug,
)
from integrations.uploads.synonyms import SYNONYMS

# Where the look of a column's values alone says what it is: this share of them has it.
CERTAIN = 0.8
PHONE = re.compile(r"\+?[\d\s().\-/]{7,20}", re.ASCII)
FORMATS = tuple(
    f"{day}{time}"
    for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p")
    for day in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%d %b %Y", "%b %d, %Y", "%d.%m.%y")
)
MONTH_FIRST = "%m/"
MAX_WORDS = 30
# When a row of leads was true: rarely in a file, and never to be told by its look.
LAST_SAID = "at"


@dataclass
class Guess:
    """`why` is a few words for people. `options` as in a mapping's table: format, decimal_comma, values."""

    column: str
    why: str
    options: dict[str, Any] = field(default_factory=dict)
    doubt: str = ""


def guess_columns(
    kind: str, fields: FieldSet, headers: Sequence[str], samples: Mapping[str, Sequence[str]], *, month_first: bool
) -> dict[str, Guess]:
    """By field. `samples`: some values of each column, no blanks. `month_first`: as whoever looks writes dates."""
    found: dict[str, Guess] = {}
    plain = {header: plain_name(header) for header in headers}
    for why, names in (("same name", _own_names(fields)), ("usual name", _usual_names(kind))):
        for name in fields:
            column = _named(names.get(name, []), plain, taken={guess.column for guess in found.values()})
            if name not in found and column:
                found[name] = Guess(column, why)
    for name, look in _looks(fields).items():
        if name in found:
            continue
        taken = {guess.column for guess in found.values()}
        column = next((one for one in headers if one not in taken and _looks_like(look, samples.get(one, ()))), None)
        if column:
            found[name] = Guess(column, f"looks like {LOOKS[look]}")
    for name, guess in found.items():
        _add_options(guess, fields[name], samples.get(guess.column, ()), month_first=month_first)
    return found


def plain_name(header: str) -> str:
    """Letters and digits alone, small and without accents: E-Mail Address -> emailaddress."""
    decomposed = unicodedata.normalize("NFKD", header.casefold())
    return "".join(one for one in decomposed if one.isalnum())


def words_of(kind: Kind, values: Sequence[str]) -> dict[str, str]:
    """What their words may be in ours, for a field of a few words or short names; blank where nobody can tell."""
    return {word: _our_word(kind, word) for word in dict.fromkeys(values)}


def has_words(kind: Kind) -> bool:
    return isinstance(kind, Choice | Slug)


def _our_word(kind: Kind, word: str) -> str:
    if isinstance(kind, Choice):
        ours = {plain_name(one): one for one in kind.allowed}
        return ours.get(plain_name(word), "")
    plain = "-".join(word.lower().split())
    return plain if SLUG.fullmatch(plain) else slugify(word)


# --- by name ------------------------------------------------------------------------------------------------


def _own_names(fields: FieldSet) -> dict[str, list[str]]:
    return {name: [plain_name(name)] for name in fields}


def _usual_names(kind: str) -> dict[str, list[str]]:
    known = {name: names.split() for name, names in SYNONYMS[kind].items()}
    return known | {f"attributes.{slug}": [plain_name(slug)] for slug in Attribute.values}


def _named(names: Sequence[str], plain: Mapping[str, str], *, taken: set[str]) -> str | None:
    """The column with the first of the names that one has."""
    for name in names:
        for header, plain_header in plain.items():
            if plain_header == name and header not in taken:
                return header
    return None


# --- by look ------------------------------------------------------------------------------------------------

LOOKS = {"email": "e-mail addresses", "phone": "phone numbers", "moment": "dates"}


def _looks(fields: FieldSet) -> dict[str, str]:
    """Fields that a column's values alone can point to. Of several dates nobody can tell which is which."""
    moments = [name for name, kind in fields.items() if isinstance(kind, Calendar) and name != LAST_SAID]
    found = {name: "email" for name, kind in fields.items() if isinstance(kind, Email)}
    if "phone" in fields:
        found["phone"] = "phone"
    if len(moments or fields.keys() & {LAST_SAID}) == 1:
        found[moments[0] if moments else LAST_SAID] = "moment"
    return found


def _looks_like(look: str, values: Sequence[str]) -> bool:
    has_it = {"email": _is_email, "phone": _is_phone, "moment": _is_moment}[look]
    return bool(values) and sum(map(has_it, values)) >= CERTAIN * len(values)


def _is_email(text: str) -> bool:
    return bool(PLAIN_EMAIL.fullmatch(text))


def _is_phone(text: str) -> bool:
    digits = sum(one.isdigit() for one in text)
    return 7 <= digits <= 15 and bool(PHONE.fullmatch(text)) and not _is_moment(text)


def _is_moment(text: str) -> bool:
    return bool(ISO_DATE_AND_TIME.fullmatch(text)) or any(_fits(text, one) for one in FORMATS)


# --- how the cells are written --------------------------------------------------------------------------------


def _add_options(guess: Guess, kind: Kind, values: Sequence[str], *, month_first: bool) -> None:
    if isinstance(kind, Calendar):
        _add_format(guess, values, month_first=month_first)
    elif isinstance(kind, Money):
        if any("," in one for one in values) and all(NUMBER_WITH_COMMA.fullmatch(one) for one in values):
            guess.options["decimal_comma"] = True
    elif has_words(kind):
        words = {word: ours for word, ours in words_of(kind, values).items() if ours and not is_ours(kind, word, ours)}
        if words:
            guess.options["values"] = words


def is_ours(kind: Kind, word: str, ours: str) -> bool:
    """Whether the word is read as ours without being told."""
    if isinstance(kind, Slug):
        return "-".join(word.lower().split()) == ours
    return word.lower() == ours.lower()


def _add_format(guess: Guess, values: Sequence[str], *, month_first: bool) -> None:
    if not values or all(ISO_DATE_AND_TIME.fullmatch(one) for one in values):
        return
    counts = {one: sum(_fits(text, one) for text in values) for one in FORMATS}
    most = max(counts.values())
    if most < CERTAIN * len(values):
        guess.doubt = "No usual format of dates fits them."
        return
    fitting = [one for one in FORMATS if counts[one] == most]
    chosen = next((one for one in fitting if one.startswith(MONTH_FIRST) == month_first), fitting[0])
    guess.options["format"] = chosen
    if any(one.startswith(MONTH_FIRST) for one in fitting) and len(fitting) > 1:
        guess.doubt = "Day or month first? Both fit: check it."
    elif most < len(values):
        guess.doubt = f"{len(values) - most} of {len(values)} dates do not fit."


def _fits(text: str, date_format: str) -> bool:
    try:
        datetime.strptime(text, date_format)  # noqa: DTZ007  only tried
    except ValueError:
        return False
    return True
