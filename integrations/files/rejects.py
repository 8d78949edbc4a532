"""The rejected rows of an import, in a file that can be mended and imported again."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from accounts.files.delimited import csv_lines
from integrations.files.errors import CellError, FileError

OWN_COLUMNS = ("line", "column", "reason")
# What a column of the file is called here where it has the name of one of ours.
RENAMED_COLUMNS = {name: f"original {name}" for name in OWN_COLUMNS}


def header_of(headers: Sequence[str]) -> list[str]:
    """The first line of a file of rejected rows."""
    return [*OWN_COLUMNS, *(RENAMED_COLUMNS.get(header, header) for header in headers)]


def record_of(line: int, problems: Sequence[tuple[str, str]], cells: Iterable[str]) -> list[str]:
    """One rejected row. `problems`: column, where there is one, and sentence; all of them go into its one line."""
    columns = ", ".join(dict.fromkeys(column for column, _ in problems if column))
    return [str(line), columns, "; ".join(reason for _, reason in problems), *cells]


class RejectWriter:
    """Writes FILE.rejected.csv beside FILE: why each row was rejected, and its cells as they were.

    The file appears whole when the block ends, in place of one from an earlier run; without rejected
    rows there is none. A block that fails leaves everything as it was.
    """

    def __init__(self, path: Path, headers: Sequence[str]) -> None:
        self.path = path.with_name(f"{path.name}.rejected.csv")
        self.count = 0
        self._header = header_of(headers)
        self._unfinished = path.with_name(f".{path.name}.rejected.csv.unfinished")
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def write(self, errors: Sequence[CellError], cells: Iterable[str]) -> None:
        """One rejected row; all that is wrong with it goes into its one line."""
        problems = [(error.column, error.reason) for error in errors]
        self._write_record(record_of(errors[0].line, problems, cells))
        self.count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            if kind is None:
                self.path.unlink(missing_ok=True)
            return
        self._file.close()
        if kind is None:
            self._unfinished.replace(self.path)
        else:
            self._unfinished.unlink()

    def _write_record(self, cells: Iterable[str]) -> None:
        if self._file is None:
            self._file = self._opened()
            self._write_record(self._header)
        self._file.write(csv_lines([list(cells)]))

    def _opened(self) -> TextIO:
        try:
            return self._unfinished.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise FileError(f"{self.path} cannot be written: {error.strerror}.") from error
