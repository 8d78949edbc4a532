"""The words under which a lead is found, folded alike on both sides: “Müller” is found as “muller”. Pure."""

import re
import unicodedata

# Words of a search that are looked for; more would only slow it down.
MOST_WORDS = 6
SHORTEST_LOOKED_UP = 3


def fold(text: str) -> str:
    """Without accents and case, one space between words."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(plain.casefold().split())


def digits(phone: str) -> str:
    """A phone number as its digits: people write the same one in many ways."""
    return "".join(one for one in phone if one.isdecimal())


def search_text(*, first_name: str, last_name: str, email: str, phone: str, company: str) -> str:
    """What is stored for a lead: everything it can be found by, in one line."""
    return " ".join(filter(None, (fold(f"{first_name} {last_name}"), fold(email), fold(company), digits(phone))))


def search_words(asked: str) -> list[str]:
    """What to look for, word by word. A phone number typed with spaces, dashes or brackets is one word."""
    number = digits(asked)
    if len(number) >= 4 and not any(one.isalpha() or one == "@" for one in asked):
        return [number]
    words = [word for word in fold(asked).split() if any(one.isalnum() for one in word)]
    return words[:MOST_WORDS]


def is_short(word: str) -> bool:
    """Whether it has no three letters or digits in a row."""
    return all(len(run) < SHORTEST_LOOKED_UP for run in _runs(word))


def telling_part(word: str) -> str:
    """The part of a word by which it is looked up: of an address the number in it, else its longest name."""
    return max(_numbers(word) or _runs(word), key=len)


def has_number(word: str) -> bool:
    """Whether it has one so long that few leads have it."""
    return bool(_numbers(word))


def _numbers(word: str) -> list[str]:
    return [run for run in _runs(word) if run.isdecimal() and len(run) > SHORTEST_LOOKED_UP]


def _runs(word: str) -> list[str]:
    """Its letters and digits without what stands between them."""
    return re.findall(r"[^\W_]+", word)


def rank(text: str, asked: str) -> int:
    """How well a stored line answers, the best first: by its name's beginning, by a word's beginning, by any part."""
    wanted = fold(asked)
    if text.startswith(wanted):
        return 0
    return 1 if f" {wanted}" in text else 2
