"""The folders: kind, permissions, room; and the clock, by which files are judged."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from config.settings import Settings
from intake.errors import FolderError
from intake.folders import (
    FilesystemKind,
    filesystem_kind,
    filesystem_of,
    made_by_us,
    room,
)
from models.errors import PaperclaimError
from paperclaim.checks.check import Check, fail, ok, warn
from service import context

#: seconds that a file may seem to come from the future before the clock is doubted
_AHEAD: Final = 60.0


def folders(settings: Settings) -> Iterator[Check]:
    """Every folder, the room that is left, and the clock."""
    yield _folder("data folder", settings.data.absolute(), sqlite=_sqlite(settings))
    named = context.folders(settings)
    for name, path in named.items():
        # what lies in the store is looked at where the store is
        if name != "store":
            if not path.exists() and not made_by_us(path, settings.data):
                yield fail(name, f"{path} is not there", FolderError.remedy)
            else:
                yield _folder(name, path, sqlite=False)
    yield _apart(settings)
    yield _room(settings, (named["inbox"], named["work"]))
    yield _clock(settings.data)


def _sqlite(settings: Settings) -> bool:
    return settings.database_url.startswith("sqlite")


def _there(path: Path) -> Path:
    """The folder, or the nearest above it that exists: where it is going to be made."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _folder(name: str, path: Path, *, sqlite: bool) -> Check:
    there = _there(path)
    kind = filesystem_kind(there)
    said = f"{path} ({kind}, {filesystem_of(there) or 'unknown'})"
    network = kind is FilesystemKind.NETWORK
    if path.exists() and not path.is_dir():
        return fail(name, f"{path} is no folder", "Move it away, or set another folder.")
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        return fail(name, f"{said}: can't be written", f"Give yourself the right to write {there}.")
    if network and sqlite:
        return fail(
            name,
            f"{said}: SQLite loses data on a network folder",
            "Set data to a local folder, or database.url to PostgreSQL.",
        )
    if network and name == "inbox":
        return warn(
            name,
            f"{said}: no file events, only polling",
            "Nothing has to be done: scans are taken within watch.poll_seconds.",
        )
    return ok(name, said if path.exists() else f"{said}, made at the first start")


def _apart(settings: Settings) -> Check:
    """No folder may lie in another: what is written to one would be taken from the other."""
    try:
        context.apart(settings)
    except PaperclaimError as error:
        return fail("folders", error.message, error.advice)
    return ok("folders", "apart from each other")


def _room(settings: Settings, watched: Sequence[Path]) -> Check:
    """The room that the watcher asks for, where it asks."""
    free = min(room(_there(path.absolute())) for path in watched) // context.MB
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
