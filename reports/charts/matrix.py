"""Two answers to one question, against each other: a row per answer of the one, a column per answer of the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from reports.charts.legend import LegendEntry

LEVELS = 10
_LABEL_WIDTH = 24.0  # percent
_HEAD = 84  # room for slanted names
_ROW_HEIGHT = 30
_CELL_GAP = 2


@dataclass(frozen=True)
class MatrixRow:
    """`counts`: one per column."""

    label: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class MatrixCell:
    """`percent`: of its row. `same`: where both answers are the same."""

    x: float
    text_x: float
    column: str
    count: int
    percent: int
    level: int
    same: bool


@dataclass(frozen=True)
class PlacedMatrixRow:
    label: str
    total: int
    y: int
    text_y: float
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True)
class MatrixHead:
    x: float
    label: str


@dataclass(frozen=True)
class Matrix:
    kind: ClassVar[str] = "matrix"
    rows: tuple[PlacedMatrixRow, ...]
    heads: tuple[MatrixHead, ...]
    height: int
    cell_width: float
    cell_height: int = _ROW_HEIGHT - _CELL_GAP
    head_y: int = _HEAD - 8
    total_x: float = _LABEL_WIDTH - 1.5
    legend: tuple[LegendEntry, ...] = ()
    scrolls: ClassVar[bool] = True
    has_links: ClassVar[bool] = False

    @property
    def is_empty(self) -> bool:
        return not self.rows


def lay_out_matrix(columns: Sequence[str], rows: Sequence[MatrixRow]) -> Matrix:
    """Levels 0 to 9 are a cell's share of its row. Raises ValueError where a row has not one count per column."""
    for row in rows:
        if len(row.counts) != len(columns):
            raise ValueError(f"{row.label} has {len(row.counts)} counts for {len(columns)} columns")
    pitch = (100 - _LABEL_WIDTH) / max(len(columns), 1)
    placed = tuple(_place(row, columns, _HEAD + i * _ROW_HEIGHT, pitch) for i, row in enumerate(rows))
    heads = tuple(MatrixHead(_middle(i, pitch), label) for i, label in enumerate(columns))
    return Matrix(placed, heads, _HEAD + len(rows) * _ROW_HEIGHT, round(pitch, 3))


def _place(row: MatrixRow, columns: Sequence[str], y: int, pitch: float) -> PlacedMatrixRow:
    total = sum(row.counts)
    cells = tuple(
        MatrixCell(
            x=round(_LABEL_WIDTH + i * pitch, 3),
            text_x=_middle(i, pitch),
            column=columns[i],
            count=count,
            percent=round(100 * count / total),
            level=round((LEVELS - 1) * count / total),
            same=columns[i] == row.label,
        )
        for i, count in enumerate(row.counts)
        if count
    )
    return PlacedMatrixRow(row.label, total, y, y + (_ROW_HEIGHT - _CELL_GAP) / 2, cells)


def _middle(index: int, pitch: float) -> float:
    return round(_LABEL_WIDTH + (index + 0.5) * pitch, 3)
