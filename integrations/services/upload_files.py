"""The bytes of uploaded files: in the data folder, under names of our own."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from integrations.models import Upload

MAX_NAME_CHARACTERS = 300


@dataclass(frozen=True)
class StoredFile:
    """`name` in our folder; `digest`: SHA-256 in hexadecimal; `size` in bytes."""

    name: str
    digest: str
    size: int


def keep(content: Iterable[bytes], *, ending: str) -> StoredFile:
    """Write the bytes to disk, wholly, before anybody hears of them."""
    name = f"{secrets.token_hex(16)}{ending}"
    digest, size = hashlib.sha256(), 0
    folder = _folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in content:
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return StoredFile(name, digest.hexdigest(), size)


def path_of(upload: Upload) -> Path:
    return _folder() / upload.file


def remove(name: str) -> None:
    (_folder() / name).unlink(missing_ok=True)


def remove_strays(before: datetime) -> int:
    """Files that no upload has, left by a process that ended between the two; answers how many."""
    known = set(Upload.objects.values_list("file", flat=True))
    folder = _folder()
    strays = [
        path
        for path in (folder.iterdir() if folder.exists() else ())
        if path.name not in known and path.stat().st_mtime < before.timestamp()
    ]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def shown_name(told: str) -> str:
    """What the browser called it, on one line; it is shown, and never used as a path."""
    name = "".join(character if character.isprintable() else " " for character in told)
    return " ".join(name.split())[:MAX_NAME_CHARACTERS] or "file"


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "uploads"
