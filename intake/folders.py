"""The folders that intake lives in: apart from each other, with room, local or not."""

from __future__ import annotations

import enum
import itertools
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from intake.errors import FolderError, FoldersOverlapError

#: file systems on other machines, or in programs that behave like them: they send no events, and
#: rename and lock by rules of their own
_NETWORK: Final = frozenset(
    [
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "9p", "ceph", "glusterfs"),
        *("lustre", "gpfs", "beegfs", "davfs", "vboxsf", "vmhgfs", "prl_fs", "drvfs", "ocfs2"),
    ]
)
#: folders of claims that nobody but we has to do with, and the rights that they are made with
_OURS: Final = frozenset({"store", "work"})
_PRIVATE: Final = 0o700


class FilesystemKind(enum.StrEnum):
    """Where the files of a folder really lie."""

    LOCAL = "local"
    NETWORK = "network"


def check_apart(folders: Mapping[str, Path]) -> None:
    """Make sure that no folder lies in another: what is written would be read again.

    `folders` are named by their role, such as inbox or store.

    Raises:
        FoldersOverlapError: two are the same, or one lies in the other.
    """
    for (one, first), (other, second) in itertools.combinations(folders.items(), 2):
        a, b = first.resolve(), second.resolve()
        same = a.exists() and b.exists() and a.samefile(b)
        if same or a.is_relative_to(b) or b.is_relative_to(a):
            raise FoldersOverlapError(f"The folders {one} ({a}) and {other} ({b}) overlap.")


def made_by_us(folder: Path, data: Path) -> bool:
    """Whether a folder that is missing is to be made: in the data folder only.

    Elsewhere it may lie on a share that is not mounted. Made, it would lie under the mount point,
    empty: what is written there is seen by nobody once the share is back.
    """
    return folder.resolve().is_relative_to(data.resolve())


def make(name: str, folder: Path, data: Path) -> None:
    """Make a folder of ours, where it is one to be made.

    Args:
        name: its role, such as inbox or store.
        folder: where.
        data: the data folder.

    Raises:
        FolderError: it is not there, or can't be made.
    """
    try:
        if not folder.is_dir() and not made_by_us(folder, data):
            raise FolderError(f"The folder {name} ({folder}) is not there.")
        folder.mkdir(_PRIVATE if name in _OURS else 0o777, parents=True, exist_ok=True)
    except OSError as error:
        said = os.strerror(error.errno or 0)
        raise FolderError(
            f"The folder {name} ({folder}) can't be made: {said}.",
            remedy="Check the rights, and that no file is in its place.",
        ) from None


def room(path: Path) -> int:
    """Bytes that may still be written where `path` lies.

    Raises:
        OSError: nobody can tell, as on a share that went away.
    """
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def filesystem_of(path: Path) -> str:
    """The type of the file system that `path` lies on, as the kernel names it; "" if unknown."""
    where, best, kind = str(path.resolve()), "", ""
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    for line in lines.splitlines():
        before, _, after = line.partition(" - ")
        point = re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), before.split()[4])
        inside = where == point or where.startswith(point.rstrip("/") + "/")
        # The last mount on a point is the one that is seen.
        if inside and len(point) >= len(best):
            best, kind = point, after.split()[0]
    return kind


def filesystem_kind(path: Path) -> FilesystemKind:
    """Whether a folder is local: only there do file events tell everything."""
    kind = filesystem_of(path)
    remote = kind in _NETWORK or (kind.startswith("fuse.") and kind != "fuse.fuse-overlayfs")
    return FilesystemKind.NETWORK if remote else FilesystemKind.LOCAL
