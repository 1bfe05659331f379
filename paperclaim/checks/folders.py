"""The folders: kind, permissions, room; and the clock, by which files are judged."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from config.settings import Settings
from paperclaim.checks.check import Check, fail, ok, warn

#: filesystems of other machines: no file events come from them, and SQLite must not lie there
NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "9p", "davfs"}
)
_FUSE_LOCAL: Final = frozenset({"fuse.ext4", "fuseblk", "fuse.ntfs-3g", "fuse.overlayfs"})
#: seconds that a file may seem to come from the future before the clock is doubted
_AHEAD: Final = 60.0
_MB: Final = 1_000_000


def folders(settings: Settings) -> Iterator[Check]:
    """Every folder, the room that is left, and the clock."""
    named = {
        "data folder": settings.data.absolute(),
        "inbox": settings.inbox,
        "outbox": settings.outbox,
        "quarantine": settings.quarantine,
    }
    for name, path in named.items():
        yield _folder(name, path, sqlite=name == "data folder" and _sqlite(settings))
    yield _apart({name: path for name, path in named.items() if name != "data folder"})
    yield _room(settings)
    yield _clock(settings.data)


def filesystem(path: Path) -> str:
    """The kind of filesystem that a path lies on, as the kernel names it."""
    best, kind = "", "unknown"
    real = str(path.resolve())
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        mount = before.split()[4].replace("\\040", " ")
        inside = real == mount or real.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):  # the last of equals hides the others
            best, kind = mount, after.split()[0]
    return kind


def is_network(kind: str) -> bool:
    """Whether a filesystem belongs to another machine, or may."""
    return kind in NETWORK or (kind.startswith("fuse.") and kind not in _FUSE_LOCAL)


def _sqlite(settings: Settings) -> bool:
    return settings.database_url.startswith("sqlite")


def _there(path: Path) -> Path:
    """The folder, or the nearest above it that exists: where it is going to be made."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _folder(name: str, path: Path, *, sqlite: bool) -> Check:
    there = _there(path)
    kind = filesystem(there)
    said = f"{path} ({kind}{', network' if is_network(kind) else ', local'})"
    if path.exists() and not path.is_dir():
        return fail(name, f"{path} is no folder", "Move it away, or set another folder.")
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        return fail(name, f"{said}: can't be written", f"Give yourself the right to write {there}.")
    if is_network(kind) and sqlite:
        return fail(
            name,
            f"{said}: SQLite loses data on a network folder",
            "Set data to a local folder, or database.url to PostgreSQL.",
        )
    if is_network(kind) and name == "inbox":
        return warn(
            name,
            f"{said}: no file events, only polling",
            "Nothing has to be done: scans are taken within watch.poll_seconds.",
        )
    return ok(name, said if path.exists() else f"{said}, made at the first start")


def _apart(named: dict[str, Path]) -> Check:
    """No folder may lie in another: what is written to one would be taken from the other."""
    for name, path in named.items():
        for other, above in named.items():
            inside = path.resolve().is_relative_to(above.resolve())
            if name != other and inside:
                return fail("folders", f"{name} lies in {other}", "Set them apart from each other.")
    return ok("folders", "apart from each other")


def _room(settings: Settings) -> Check:
    free = shutil.disk_usage(_there(settings.data.absolute())).free // _MB
    reserve = settings.watch.reserve_mb
    said = f"{free} MB free, {reserve} MB are kept free"
    if free < reserve:
        return fail("disk", f"{said}: no scan is taken", "Make room, or lower watch.reserve_mb.")
    if free < 2 * reserve:
        return warn("disk", said, "Make room soon: below the reserve no scan is taken.")
    return ok("disk", said)


def _clock(data: Path) -> Check:
    """The clock against the newest file that we wrote: a clock that fell back shows."""
    now = time.time()
    newest = Path(__file__).stat().st_mtime
    if data.is_dir():
        newest = max([newest, *(entry.stat().st_mtime for entry in data.iterdir())])
    said = time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(now))
    if newest > now + _AHEAD:
        return fail(
            "clock",
            f"{said}, earlier than files that were written",
            "Set the clock, and let a time service keep it.",
        )
    return ok("clock", said)
