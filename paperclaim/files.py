"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from intake.taking import sync_folder

_BLOCK = 1 << 20


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it, replacing what was there.

    Raises:
        OSError: the folder can't be written, or is full; nothing is left behind.
    """
    with _temporary(path.parent) as (temporary, handle):
        handle.write(content)
        _settle(handle)
        temporary.replace(path)


def copy_new(source: Path, folder: Path) -> Path:
    """Copy a file into a folder, whole, beside what is there; the copy's path.

    Where the name is taken, `-2` and so on is put before the suffix.

    Raises:
        OSError: the file can't be read, or the folder not written; nothing is left behind.
    """
    with source.open("rb") as original, _temporary(folder) as (temporary, handle):
        shutil.copyfileobj(original, handle, _BLOCK)
        _settle(handle)
        for number in itertools.count(1):
            name = source.name if number == 1 else f"{source.stem}-{number}{source.suffix}"
            with contextlib.suppress(FileExistsError):
                (folder / name).hardlink_to(temporary)
                return folder / name
    raise AssertionError  # the count has no end


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """A file whose name every watcher ignores; gone afterwards, and the folder is settled."""
    path = folder / f".{secrets.token_hex(8)}.part"
    try:
        with path.open("xb") as handle:
            yield path, handle
    finally:
        path.unlink(missing_ok=True)
    sync_folder(folder)


def _settle(handle: BinaryIO) -> None:
    """Bring a file to the disk."""
    handle.flush()
    os.fsync(handle.fileno())
