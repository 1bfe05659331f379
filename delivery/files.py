"""The outbox: finished claims as files, each written once, whole, or not at all.

The bytes are written under a hidden name in the same folder and forced to the disk; the record
keeps that name's token, and only then the file gets its own name by a rename. So a reader of the
folder never sees half a file, and one who takes files away at once never gets one twice: after a
crash, whoever finds no hidden file knows that it was named.
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
from models.errors import PaperclaimError

#: seconds: no write takes this long, so an older temporary file has lost its writer
STALE_AFTER = 600.0
_TEMPORARY = re.compile(r"\.\S+\.json\.(?P<token>[0-9a-f]{16})\.tmp")


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


def hide(document_json: bytes, outbox: Path, dcn: str, revision: int) -> str:
    """Write a finished claim under a hidden name; that name's token.

    Raises:
        DeliveryError: the folder can't be written, or is full.
    """
    token = secrets.token_hex(8)
    hidden = _hidden(outbox, dcn, revision, token)
    try:
        _write(hidden, document_json)
        sync_folder(outbox)
    except OSError as error:
        with contextlib.suppress(OSError):
            hidden.unlink()
        raise _unwritable(dcn, error) from error
    return token


def discard(outbox: Path, dcn: str, revision: int, token: str) -> None:
    """Forget a hidden file that the record knows nothing of."""
    with contextlib.suppress(OSError):
        _hidden(outbox, dcn, revision, token).unlink()


def name(document_json: bytes, outbox: Path, dcn: str, revision: int, token: str) -> Path:
    """Give a hidden file its name, once; its path, whether it still lies there or not.

    Raises:
        DeliveryConflictError: this revision is there with other bytes; they stay.
        DeliveryError: the folder can't be read or written.
    """
    final = outbox / file_name(dcn, revision)
    hidden = _hidden(outbox, dcn, revision, token)
    try:
        if final.exists() and hidden.exists():
            if final.read_bytes() != document_json:
                raise _conflict(dcn, revision)
            hidden.unlink()
        # only one rename finds the hidden file; who finds none knows that it was done
        with contextlib.suppress(FileNotFoundError):
            hidden.rename(final)
        sync_folder(outbox)
    except OSError as error:
        raise _unwritable(dcn, error) from error
    return final


def clean(outbox: Path, keep: Container[str] = (), *, older_than: float = STALE_AFTER) -> int:
    """Remove what writers killed in the middle left behind; returns how many files.

    Args:
        outbox: the folder.
        keep: tokens that the record knows, whose files are still to be named.
        older_than: seconds since the last change; younger ones may have a living writer.
    """
    removed = 0
    limit = time.time() - older_than
    for path in outbox.iterdir():
        found = _TEMPORARY.fullmatch(path.name)
        if found is None or found["token"] in keep:
            continue
        with contextlib.suppress(FileNotFoundError):
            if path.lstat().st_mtime <= limit:
                path.unlink()
                removed += 1
    return removed


def _hidden(outbox: Path, dcn: str, revision: int, token: str) -> Path:
    return outbox / f".{file_name(dcn, revision)}.{token}.tmp"


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _unwritable(dcn: str, error: OSError) -> DeliveryError:
    reason = os.strerror(error.errno or 0)
    return DeliveryError(f"{dcn} could not be written to the outbox: {reason}.")


def _conflict(dcn: str, revision: int) -> DeliveryConflictError:
    return DeliveryConflictError(f"{file_name(dcn, revision)} was delivered with other content.")
