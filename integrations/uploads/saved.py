"""The mapping that is kept for each source, and which one fits a file."""

from collections.abc import Sequence

from integrations.files.columns import FieldSet
from integrations.files.errors import FileError
from integrations.files.mapping import mapping_of
from integrations.models import SavedMapping, Upload


def saved_for(kind: str, asked: str) -> SavedMapping | None:
    """The one with this id, where there is one of this kind."""
    is_id = asked.isdecimal() and len(asked) < 19
    return SavedMapping.objects.filter(kind=kind, pk=asked).first() if is_id else None


def fitting(upload: Upload, fields: FieldSet, headers: Sequence[str]) -> SavedMapping | None:
    """One whose columns the file all has: that of its own source, else the one that reads most, the latest of them."""
    kept = SavedMapping.objects.filter(kind=upload.kind).order_by("-updated_at")
    found = {one: count for one in kept if (count := _columns_read(one, fields, headers))}
    if not found:
        return None
    return max(found, key=lambda one: (one.source == upload.source, found[one]))


def _columns_read(saved: SavedMapping, fields: FieldSet, headers: Sequence[str]) -> int:
    """0 where it does not fit: a column is missing, or a reason that it names is no more."""
    try:
        mapping = mapping_of(saved.toml, fields)
        mapping.bind(list(headers))
    except FileError:
        return 0
    return len(mapping.columns)
