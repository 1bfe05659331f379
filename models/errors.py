"""The one tree of errors: every failure we raise on purpose has a code and a remedy.

A message never holds anything read from a claim: it ends in logs, terminals and bug reports.
"""

from __future__ import annotations

import errno
from typing import ClassVar


class PaperclaimError(Exception):
    """The root: something Paperclaim can name and tell how to mend.

    Attributes:
        code: stable, dotted, documented in docs/errors.md; programs may rely on it.
        remedy: what a person can do about it, one sentence.
        exit_code: what the command line exits with.
    """

    code: ClassVar[str] = "paperclaim"
    remedy: ClassVar[str] = "Run `paperclaim doctor`."
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = remedy or self.remedy

    def __str__(self) -> str:
        return f"{self.code}: {self.message} {self.advice}"


class ScanError(PaperclaimError):
    """A scan can't be turned into pages."""

    code = "scan"
    remedy = "Scan the paper again as PDF, TIFF, JPEG or PNG."


class SettingsError(PaperclaimError):
    """A setting is wrong."""

    code = "settings"
    remedy = "Run `paperclaim config` to see every value and where it came from."
    exit_code = 2


class LedgerError(PaperclaimError):
    """The database says no."""

    code = "ledger"
    remedy = "Run `paperclaim doctor`; the files in the inbox stay where they are."


class NoRoomError(PaperclaimError):
    """A disk is full, or what somebody may write on it: nobody's fault, and soon mended."""

    code = "disk.full"
    remedy = "Make room where the data folder lies; a step is tried again."


def out_of_room(error: BaseException) -> bool:
    """Whether that is what the system says."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
