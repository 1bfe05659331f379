"""Where temporary files lie: in the data folder, and never for longer than they are needed.

Readers hand pictures of claims to other programs as files, and the pages hand on letters; what
should remove them may fail to, or be killed first. So a worker clears its folder after every job,
and whoever starts next removes those of the dead. A folder belongs to who holds its lock, which the
kernel gives back however a process ends, on a machine that was started anew or in another container
too.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import Self, TextIO

from models.errors import PaperclaimError

#: other folders are nobody's: a file system of its own has a lost+found
_PREFIX = "of-"


class ScratchError(PaperclaimError):
    """There is no place for temporary files."""

    code = "service.scratch"
    remedy = "Give `tmp` in the data folder room, to us, on a file system that can lock files."


def _hold(lock: Path) -> TextIO | None:
    """Lock a file until it is closed, or this process and its children are gone.

    None where another one has it, or takes the folder away.

    Raises:
        OSError: its file system has no locks.
    """
    try:
        held = lock.open("a")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if lock.stat().st_ino == os.fstat(held.fileno()).st_ino:
            return held
    except (BlockingIOError, FileNotFoundError):
        pass
    held.close()
    return None


class Scratch:
    """A folder of this process's own for temporary files, its children's too."""

    def __init__(self, files: Path, lock: TextIO) -> None:
        self.files = files
        self._lock = lock

    @classmethod
    def use(cls, above: Path) -> Self:
        """Make one the place for temporary files, and remove those of the dead.

        Raises:
            ScratchError: it can't be made, or its file system has no locks.
        """
        try:
            own, lock = cls._own(above)
            files = own / "files"
            files.mkdir(mode=0o700)
        except OSError as error:
            raise ScratchError(f"No temporary file can be made: {error.strerror}.") from None
        tempfile.tempdir = str(files)
        os.environ["TMPDIR"] = str(files)
        return cls(files, lock)

    @staticmethod
    def _own(above: Path) -> tuple[Path, TextIO]:
        above.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in above.glob(f"{_PREFIX}*"):
            if lock := _hold(folder / "lock"):
                with lock:
                    shutil.rmtree(folder, ignore_errors=True)
        # who starts at the same moment may have taken a new one for a dead one's
        while True:
            own = Path(tempfile.mkdtemp("", _PREFIX, above))
            if lock := _hold(own / "lock"):
                return own, lock

    def clear(self) -> None:
        """Remove what the job that ended left behind, or that of a child which was killed."""
        for path in self.files.glob("*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    path.unlink()
