"""The outbox: finished claims as files, each written once, whole, or not at all.

A claim lies under a hidden name until the record has that name's token (`delivery.hidden`). So a
reader of the folder never sees half a file, and one who takes files away at once never gets one
twice.
"""

from __future__ import annotations

import os
from pathlib import Path

from delivery import hidden
from models.errors import PaperclaimError


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
    try:
        return hidden.write(document_json, outbox / file_name(dcn, revision))
    except OSError as error:
        raise _unwritable(dcn, error) from error


def discard(outbox: Path, dcn: str, revision: int, token: str) -> None:
    """Forget a hidden file that the record knows nothing of."""
    hidden.discard(outbox / file_name(dcn, revision), token)


def name(document_json: bytes, outbox: Path, dcn: str, revision: int, token: str) -> Path:
    """Give a hidden file its name, once; its path, whether it still lies there or not.

    Raises:
        DeliveryConflictError: this revision is there with other bytes; they stay.
        DeliveryError: the folder can't be read or written.
    """
    final = outbox / file_name(dcn, revision)
    unnamed = hidden.path(final, token)
    try:
        if final.exists() and unnamed.exists():
            if final.read_bytes() != document_json:
                raise _conflict(dcn, revision)
            unnamed.unlink()
        hidden.name(final, token)
    except OSError as error:
        raise _unwritable(dcn, error) from error
    return final


def _unwritable(dcn: str, error: OSError) -> DeliveryError:
    reason = os.strerror(error.errno or 0)
    return DeliveryError(f"{dcn} could not be written to the outbox: {reason}.")


def _conflict(dcn: str, revision: int) -> DeliveryConflictError:
    return DeliveryConflictError(f"{file_name(dcn, revision)} was delivered with other content.")
