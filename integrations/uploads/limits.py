"""What a browser may send, told before it does."""

from integrations.files.tables import MAX_CELL_CHARACTERS, MAX_COLUMNS
from integrations.services.uploads import MAX_BYTES, MAX_ROWS

LIMITS = {
    "megabytes": MAX_BYTES // 1_000_000,
    "rows": MAX_ROWS,
    "columns": MAX_COLUMNS,
    "characters": MAX_CELL_CHARACTERS,
}
