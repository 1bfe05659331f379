"""A file that gets its name once: written whole under a hidden one, and renamed.

The hidden name is the name that the file gets and a token, which the record keeps: only one rename
finds the hidden file, so that after a crash whoever finds none knows that it was named.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Container
from pathlib import Path

from intake.taking import sync_folder

#: seconds: no write takes this long, so an older hidden file has lost its writer
STALE_AFTER = 600.0
_NAME = re.compile(r"\..+\.(?P<token>[0-9a-f]{16})\.tmp", re.DOTALL)


def path(final: Path, token: str) -> Path:
    """Where a file lies until it gets its name."""
    return final.with_name(f".{final.name}.{token}.tmp")


def write(content: bytes, final: Path) -> str:
    """Write a file under a hidden name, for good; that name's token.

    Raises:
        OSError: it can't be written, and nothing is left of it.
    """
    token = secrets.token_hex(8)
    hidden = path(final, token)
    try:
        with hidden.open("xb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        sync_folder(final.parent)
    except OSError:
        discard(final, token)
        raise
    return token


def name(final: Path, token: str) -> None:
    """Give a hidden file its name, if nobody has.

    Raises:
        OSError: the folder can't be written.
    """
    with contextlib.suppress(FileNotFoundError):
        path(final, token).rename(final)
    sync_folder(final.parent)


def discard(final: Path, token: str) -> None:
    """Forget a hidden file that the record knows nothing of."""
    with contextlib.suppress(OSError):
        path(final, token).unlink()


def sweep(named: Path) -> None:
    """Remove what further attempts at a file left that has its name.

    Whoever still writes one finds in the record that it is not wanted.
    """
    for left in named.parent.glob(path(named, "*").name):
        left.unlink(missing_ok=True)


def clean(folder: Path, keep: Container[str] = (), *, older_than: float = STALE_AFTER) -> int:
    """Remove what writers killed in the middle left behind; returns how many files.

    Args:
        folder: in which they wrote.
        keep: tokens that the record knows, whose files are still to be named.
        older_than: seconds since the last change; younger ones may have a living writer.
    """
    removed = 0
    limit = time.time() - older_than
    for file in folder.iterdir():
        found = _NAME.fullmatch(file.name)
        if found is None or found["token"] in keep:
            continue
        with contextlib.suppress(FileNotFoundError):
            if file.lstat().st_mtime <= limit:
                file.unlink()
                removed += 1
    return removed
