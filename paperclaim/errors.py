"""What can go wrong at the command line."""

from __future__ import annotations

from models.errors import PaperclaimError, ScanError


class NoScansError(PaperclaimError):
    """There is nothing to read."""

    code = "read.no_scans"
    remedy = "Name scans (PDF, TIFF, JPEG, PNG) or folders that hold some."
    exit_code = 2


class SameNameError(PaperclaimError):
    """Two scans would write the same JSON."""

    code = "read.same_name"
    remedy = "Read them in two runs, each with its own --out."
    exit_code = 2


class OutFolderError(PaperclaimError):
    """A folder can't be written."""

    code = "read.out"
    remedy = "Name a folder that can be written and has room."


class UnreadableError(ScanError):
    """The operating system does not give us the file."""

    code = "scan.unreadable"
    remedy = "Check the path and the permissions of the file."


class ReaderDiedError(ScanError):
    """The process that read the scan was killed: out of memory, or a fault in a library."""

    code = "read.died"
    remedy = "Read the scan again by itself; if it dies again, please report it."


class ReaderFailedError(ScanError):
    """A mistake of ours: the reader raised what nobody foresaw."""

    code = "read.failed"
    remedy = "Please report it with the place named here; it holds nothing of the claim."


class AddError(PaperclaimError):
    """A file can't be written where it should go."""

    code = "add"
    remedy = "Check the path, the permissions and the room; nothing was left half done."


class StartError(PaperclaimError):
    """Paperclaim can't start."""

    code = "run"
    remedy = "Run `paperclaim doctor`."


class RunningError(StartError):
    """It runs already."""

    code = "run.running"
    remedy = "End the other one first, or give this one a data folder of its own (PAPERCLAIM_DATA)."


class PortError(StartError):
    """The address of the pages is taken, or not this machine's."""

    code = "run.port"
    remedy = "Set another one: PAPERCLAIM_WEB_PORT, PAPERCLAIM_WEB_HOST."


class PurgeError(PaperclaimError):
    """Nobody can tell what is to be purged."""

    code = "purge"
    remedy = "Nothing was purged; see `paperclaim purge --help`."
    exit_code = 2
