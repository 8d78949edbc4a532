"""A text that is not UTF-8, as it reads in each of the usual encodings: whoever knows its names sees which is right."""

from dataclasses import dataclass
from pathlib import Path

ENCODINGS = (
    ("cp1252", "Western European, Windows"),
    ("cp1250", "Central European, Windows"),
    ("cp1251", "Cyrillic, Windows"),
    ("mac_roman", "Western European, Mac"),
    ("utf-16-le", "UTF-16 without a mark"),
)
LOOKED_AT = 200_000
AROUND = 30


@dataclass(frozen=True)
class Reading:
    encoding: str
    label: str
    text: str


def readings_of(path: Path) -> list[Reading]:
    """The surroundings of the first byte that is not UTF-8, in each encoding that has all of its bytes."""
    with path.open("rb") as file:
        content = file.read(LOOKED_AT)
    at = _first_foreign(content)
    found = []
    for encoding, label in ENCODINGS:
        start = max(at - AROUND, 0) // 2 * 2
        text = _read(content[start : start + 2 * AROUND], encoding)
        if text:
            found.append(Reading(encoding, label, text))
    return found


def _first_foreign(content: bytes) -> int:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _read(piece: bytes, encoding: str) -> str:
    try:
        text = piece.decode(encoding)
    except UnicodeDecodeError:
        return ""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
