"""What lies in the watched folder. No database, no moving: only looking."""

from __future__ import annotations

import enum
import fnmatch
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: what scanners, desktops and file servers leave behind, and what browsers and copiers are still
#: writing; compared without regard to case
JUNK: Final = (
    ".*",  # hidden files, .DS_Store, ._* of a Mac, .stfolder, .part of some copiers
    "~$*",
    "*~",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "*.part",
    "*.partial",
    "*.tmp",
    "*.temp",
    "*.crdownload",
    "*.download",
    "*.filepart",
    "*.swp",
    "*.lock",
    "*.lnk",
    "@eadir",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "system volume information",
    "lost+found",
    "__macosx",
)
#: folders within folders, at most
DEEPEST: Final = 8


class Refusal(enum.StrEnum):
    """Why something in the inbox is not taken as it lies there."""

    SYMLINK = "symlink"
    SPECIAL = "special"
    UNREADABLE = "unreadable"
    TOO_DEEP = "too_deep"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that lies in the inbox.

    Attributes:
        path: where.
        tags: the names of the folders between the inbox and it: sender, line of business.
        size: bytes.
        mtime_ns: when it was last changed, as its file system says.
        inode: its number there.
        refusal: why it can't be taken, None where it can.
    """

    path: Path
    tags: tuple[str, ...]
    size: int
    mtime_ns: int
    inode: int
    refusal: Refusal | None = None


def candidates(root: Path) -> list[Candidate]:
    """All that lies in the inbox and is no junk, the oldest first.

    Symbolic links and special files are listed with their refusal and never followed. What can't
    be looked at, a file or a folder, is listed so too and stops nothing beside it; what vanishes
    while we look is left out.

    Raises:
        OSError: the inbox itself can't be read: it may be a share that went away.
    """
    with os.scandir(root) as entries:
        found = [*_within(list(entries), ())]
    return sorted(found, key=lambda one: (one.mtime_ns, str(one.path)))


def is_junk(name: str) -> bool:
    """A name that is never a scan."""
    lower = name.lower()
    return any(fnmatch.fnmatchcase(lower, pattern) for pattern in JUNK)


def candidate_of(path: Path, tags: tuple[str, ...] = ()) -> Candidate:
    """What lies at `path`.

    Raises:
        OSError: there is nothing.
    """
    found = path.lstat()
    refusal = None
    if stat.S_ISLNK(found.st_mode):
        refusal = Refusal.SYMLINK
    elif not stat.S_ISREG(found.st_mode):
        refusal = Refusal.SPECIAL
    return Candidate(path, tags, found.st_size, found.st_mtime_ns, found.st_ino, refusal)


def _within(entries: list[os.DirEntry[str]], tags: tuple[str, ...]) -> Iterator[Candidate]:
    for entry in entries:
        if is_junk(entry.name):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _folder(entry, tags)
            else:
                yield candidate_of(Path(entry.path), tags)
        except FileNotFoundError:
            continue
        except OSError:
            yield _refused(entry, tags, Refusal.UNREADABLE)


def _folder(entry: os.DirEntry[str], tags: tuple[str, ...]) -> Iterator[Candidate]:
    """What lies in a folder.

    Raises:
        OSError: it can't be read.
    """
    if len(tags) >= DEEPEST:
        yield _refused(entry, tags, Refusal.TOO_DEEP)
        return
    # A name that is no UTF-8 would be refused by JSON and by the database.
    name = entry.name.encode("utf-8", "replace").decode("utf-8")
    with os.scandir(entry.path) as inner:
        listed = list(inner)
    yield from _within(listed, (*tags, name))


def _refused(entry: os.DirEntry[str], tags: tuple[str, ...], why: Refusal) -> Candidate:
    return Candidate(Path(entry.path), tags, 0, 0, entry.inode(), why)
