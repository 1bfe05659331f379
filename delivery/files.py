"""The outbox: finished claims as files, each written once, whole, or not at all.

A reader of the folder never sees half a file: the bytes are written under a hidden temporary
name in the same folder, forced to the disk, and only then given their name by a hard link, which
refuses to overwrite. Running it again after a crash gives the same file.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import time
from pathlib import Path

from intake.taking import sync_folder
from models.errors import PaperclaimError

#: seconds: no write takes this long, so an older temporary file has lost its writer
STALE_AFTER = 600.0
_TEMPORARY = re.compile(r"\.\S+\.json\.[0-9a-f]{16}\.tmp")
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class DeliveryError(PaperclaimError):
    """A claim can't be written to the outbox."""

    code = "delivery.outbox"
    remedy = "Check that the outbox exists, can be written, and has room; delivery is tried again."


class DeliveryConflictError(DeliveryError):
    """The outbox holds this revision already, with other content."""

    code = "delivery.conflict"
    remedy = "Nothing was overwritten. Issue the correction as a new revision."


def file_name(dcn: str, revision: int) -> str:
    """The name of a delivered claim: `26327P0000012M.r1.json`."""
    return f"{dcn}.r{revision}.json"


def deliver(document_json: bytes, outbox: Path, dcn: str, revision: int) -> Path:
    """Write a finished claim to the outbox and return its path.

    The same bytes again change nothing and give the same path.

    Raises:
        DeliveryConflictError: this revision is there with other bytes; they stay.
        DeliveryError: the folder can't be written, or is full.
    """
    final = outbox / file_name(dcn, revision)
    temporary = outbox / f".{final.name}.{secrets.token_hex(8)}.tmp"
    try:
        if not _delivered(final, document_json):
            _write(temporary, document_json)
            _name(temporary, final)
            if not _delivered(final, document_json):
                raise _conflict(dcn, revision)
        sync_folder(outbox)
    except DeliveryError:
        raise
    except FileExistsError as error:
        raise _conflict(dcn, revision) from error
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise DeliveryError(f"{dcn} could not be written to the outbox: {reason}.") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    return final


def clean(outbox: Path, *, older_than: float = STALE_AFTER) -> int:
    """Remove what writers killed in the middle left behind; returns how many files.

    Args:
        outbox: the folder.
        older_than: seconds since the last change; younger ones may have a living writer.
    """
    removed = 0
    limit = time.time() - older_than
    for path in outbox.iterdir():
        if not _TEMPORARY.fullmatch(path.name):
            continue
        with contextlib.suppress(FileNotFoundError):
            if path.lstat().st_mtime <= limit:
                path.unlink()
                removed += 1
    return removed


def _delivered(final: Path, content: bytes) -> bool:
    """Whether `final` holds `content`; raises FileExistsError where it holds something else."""
    try:
        found = final.read_bytes()
    except FileNotFoundError:
        return False
    if found != content:
        raise FileExistsError(errno.EEXIST, "other content")
    return True


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _name(temporary: Path, final: Path) -> None:
    """Give the file its name, unless somebody was quicker."""
    try:
        os.link(temporary, final)
    except FileExistsError:
        return  # the caller compares the content
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without hard links (FAT, some SMB shares): rename, after one more look.
        if not final.exists():
            temporary.rename(final)


def _conflict(dcn: str, revision: int) -> DeliveryConflictError:
    return DeliveryConflictError(f"{file_name(dcn, revision)} was delivered with other content.")
