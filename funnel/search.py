"""The words under which a lead is found, folded alike on both sides: “Müller” is found as “muller”. Pure."""

import unicodedata

# Words of a search that are looked for; more would only slow it down.
MOST_WORDS = 6


def fold(text: str) -> str:
    """Without accents and case, one space between words."""
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
    return fold(asked).split()[:MOST_WORDS]
