from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class FileError(Exception):
    """A file that cannot be imported at all. Its text is one sentence that says what to do."""


class EncodingUnknown(FileError):
    """A text in an encoding that has to be named: it has no byte order mark and is not UTF-8."""


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a row is rejected; `column` is empty where the reason is the row's as a whole."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        column = f', column "{self.column}"' if self.column else ""
        return f"line {self.line}{column}: {self.reason}"


@dataclass(frozen=True, slots=True)
class RowError(CellError):
    """A row that could not be read; `cells` are what could be, in the file's order."""

    cells: tuple[str, ...] = ()

    # dataclass(slots=True) makes a new class, and the inherited text would be lost behind its repr.
    __str__ = CellError.__str__


def quoted(text: str, longest: int = 60) -> str:
    """The text on one line in quotes, cut where it would flood the sentence."""
    line = " ".join(text.split())
    return f'"{line[:longest]}…"' if len(line) > longest else f'"{line}"'


def with_suggestion(name: str, known: Sequence[str]) -> str:
    """The name in quotes, with the nearest known one where there is one."""
    by_lower_case = {candidate.lower(): candidate for candidate in known if candidate != name}
    nearest = get_close_matches(name.lower(), by_lower_case, n=1)
    suggestion = f' (did you mean "{by_lower_case[nearest[0]]}"?)' if nearest else ""
    return quoted(name) + suggestion
