"""CSV and TSV files: what encoding and delimiter they have, and their records with true line numbers."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from integrations.files.errors import EncodingUnknown, FileError, RowError, quoted

DELIMITERS = ",;\t|"
SAMPLE_BYTES = 4096
SAMPLE_LINES = 50
BYTE_ORDER_MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
FOREIGN_STARTS = [
    (b"PK\x03\x04", "a ZIP or XLSX file; if it is a workbook, give it the ending .xlsx"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save it as .xlsx or CSV"),
    (b"\x89PNG", "a PNG image; export the table as CSV"),
    (b"\xff\xd8\xff", "a JPEG image; export the table as CSV"),
    (b"GIF8", "a GIF image; export the table as CSV"),
    (b"%PDF", "a PDF document; export the table as CSV"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
]
HTML_START = re.compile(rb"\s*<(!doctype|html|head|body|table|\?xml)", re.IGNORECASE)

Record = tuple[int, list[str]]


class DelimitedFile:
    """A text file of records. Every walk through `records` opens the file anew."""

    def __init__(self, path: Path, encoding: str | None) -> None:
        self.path = path
        _refuse_foreign_content(path)
        self.encoding = _encoding_of(path, encoding)
        self.delimiter = self._sniffed_delimiter()

    def records(self) -> Iterator[Record | RowError]:
        """Each record with its first physical line; empty lines are no records.

        Raises FileError where what follows cannot be trusted: undecodable or NUL bytes, an open quote.
        """
        lines = _Lines(self.path, self.encoding)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        while True:
            first_line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._refusal(first_line, reader.line_num, lines, error)
                continue
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield first_line, cells

    def last_line(self) -> int:
        """Where the last record starts. Reads the whole file: FileErrors come before any row is used."""
        last = 0
        for item in self.records():
            last = item.line if isinstance(item, RowError) else item[0]
        return last

    def _refusal(self, first: int, last: int, lines: "_Lines", error: csv.Error) -> RowError:
        too_long = "field limit" in str(error)
        if lines.ended or (too_long and (first < last or lines.latest.count('"') % 2)):
            raise FileError(
                f"The quote opened in line {first} is not closed: close it,"
                ' or double ("") the quotes that belong to the text.'
            )
        if too_long:
            return RowError(first, "", f"has a cell of more than {csv.field_size_limit():,} characters")
        skipped = "" if first == last else f", so lines {first} to {last} are skipped"
        return RowError(first, "", f"has text after a closing quote{skipped}")

    def _sniffed_delimiter(self) -> str:
        sample = list(islice(_Lines(self.path, self.encoding), SAMPLE_LINES))
        return max(DELIMITERS, key=lambda delimiter: _fit(sample, delimiter))


class _Lines:
    """The physical lines of a file, ended by CR, LF or CRLF, and how far the reading has come."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path = path
        self.encoding = encoding
        self.latest = ""
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        with self.path.open(encoding=self.encoding, newline="") as file:
            try:
                for number, line in enumerate(file, start=1):
                    if "\x00" in line:
                        raise FileError(
                            f"Line {number} has a NUL byte: the file is no text; export it as CSV in UTF-8."
                        )
                    self.latest = line
                    yield line
            except UnicodeError as error:
                raise EncodingUnknown(self._undecodable()) from error
        self.ended = True

    def _undecodable(self) -> str:
        where = ""
        if self.encoding == "utf-8-sig":
            where = f" (first in line {_first_line_not_utf8(self.path)})"
        name = self.encoding.removesuffix("-sig").upper()
        return f"The file is not {name}{where}: save it as UTF-8, or name its encoding, for example cp1252."


def _refuse_foreign_content(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(SAMPLE_BYTES)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    for magic, what in FOREIGN_STARTS:
        if start.startswith(magic):
            raise FileError(f"The file is no CSV but {what}.")
    if HTML_START.match(start.removeprefix(codecs.BOM_UTF8)):
        raise FileError("The file is no CSV but a web page; export the table as CSV.")


def _encoding_of(path: Path, encoding: str | None) -> str:
    """A byte order mark is proof and wins over the encoding that was named; UTF-8 where nothing is known."""
    with path.open("rb") as file:
        start = file.read(4)
    for mark, marked_encoding in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return marked_encoding
    try:
        # Opening something refuses codecs that are no text encodings, such as hex.
        with io.TextIOWrapper(io.BytesIO(), encoding or "utf-8") as text:
            name = codecs.lookup(text.encoding).name
    except (LookupError, ValueError) as error:
        raise FileError(f"{quoted(encoding or '')} is no known encoding: name one such as utf-8 or cp1252.") from error
    return "utf-8-sig" if name == "utf-8" else name


def _fit(sample: list[str], delimiter: str) -> tuple[float, int]:
    """How many of the sample's records are as wide as its first, and how wide that is."""
    try:
        widths = [len(cells) for cells in csv.reader(sample, delimiter=delimiter) if cells]
    except csv.Error:
        return 0, 0
    if not widths or widths[0] == 1:
        return 0, 0
    return widths.count(widths[0]) / len(widths), widths[0]


def _first_line_not_utf8(path: Path) -> int:
    # latin-1 gives every byte back as it was, so that lines are counted here as everywhere else.
    with path.open(encoding="latin-1", newline="") as file:
        return next(number for number, line in enumerate(file, start=1) if not _is_utf8(line.encode("latin-1")))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
