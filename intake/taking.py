"""Take a file out of the inbox, so that no crash loses it or its name.

First a small note is written beside where the file will lie, then the file is moved by an atomic
rename. `leftovers` finds what was taken when the ledger was not told any more. A note goes only
where its file is not. One watcher at a time: what another has half taken would be cleared away.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from intake.errors import TakeError
from intake.inbox import Candidate, candidate_of

_SCAN: Final = ".scan"
_NOTE: Final = ".arrival.json"
REASON: Final = ".reason.json"
#: what a file is called whose note is lost
_UNKNOWN: Final = "unknown"
#: names that are tried for a file whose own is taken
_NAMES_MAX: Final = 10_000
#: bytes of such a name, at most: file systems allow 255, and the note's suffix is added
_NAME_MAX: Final = 230


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is ours.

    Attributes:
        key: names it in the work folder; says nothing about its content.
        path: where it lies now.
        name: what it was called in the inbox.
        tags: the folders it lay in.
        arrived: when it came into the inbox, or was last written there.
        sha256: of its bytes, hexadecimal.
        size: bytes.
    """

    key: str
    path: Path
    name: str
    tags: tuple[str, ...]
    arrived: dt.datetime
    sha256: str
    size: int


def take(candidate: Candidate, into: Path) -> Taken:
    """Move a file into the work folder.

    On the same file system by one rename. Across two the source goes only when its copy is safe:
    a crash in between takes it twice, which its content hash shows.

    Raises:
        TakeError: it is gone, has changed, or can't be moved. It lies in the inbox, under another
            name where its own was taken meanwhile; what can't be put back there is a leftover.
    """
    key = uuid.uuid4().hex
    note, target = into / (key + _NOTE), into / (key + _SCAN)
    name = candidate.path.name.encode("utf-8", "replace").decode("utf-8")
    try:
        _unchanged(candidate, candidate.path)
        # not its modification time, which a copy may bring along from years ago: the receipt day
        # counts from here
        facts = _Facts(name, candidate.tags, candidate.path.lstat().st_ctime_ns)
        _write(note, json.dumps(asdict(facts)).encode())
        _move(candidate, target)
    except (OSError, TakeError) as error:
        with contextlib.suppress(OSError):
            _forget(note, target)
        if isinstance(error, TakeError):
            raise
        raise TakeError(f"The file could not be moved ({_name_of(error)}).") from error
    return left(key, into)


def leftovers(into: Path) -> list[str]:
    """Keys of files that were taken and not released; half-done takings are cleared away."""
    for note in into.glob("*" + _NOTE):
        with contextlib.suppress(OSError):
            _forget(note, into / (note.name.removesuffix(_NOTE) + _SCAN))
    for part in into.glob("*.part"):
        with contextlib.suppress(OSError):
            part.unlink()
    return sorted(scan.name.removesuffix(_SCAN) for scan in into.glob("*" + _SCAN))


def left(key: str, into: Path) -> Taken:
    """A leftover; without its note it came when it was last moved, and nobody knows its name.

    Raises:
        TakeError: it can't be read now; it stays where it is.
    """
    scan = into / (key + _SCAN)
    try:
        facts = _noted(into / (key + _NOTE), scan)
        arrived = dt.datetime.fromtimestamp(facts.arrived_ns / 1e9, dt.UTC)
        sha256, size = digest(scan), scan.stat().st_size
    except OSError as error:
        raise TakeError(f"A file taken before can't be read ({_name_of(error)}).") from error
    return Taken(key, scan, facts.name, facts.tags, arrived, sha256, size)


def release(taken: Taken) -> None:
    """Forget a file that the ledger and the store have safely."""
    for path in (taken.path, taken.path.with_name(taken.key + _NOTE)):
        path.unlink(missing_ok=True)


def quarantine(path: Path, into: Path, code: str, reason: str) -> Path:
    """Move a file aside, with a note of why beside it; where it lies now.

    `reason` goes into the note as it is: it must hold nothing that was read from the file.

    Raises:
        TakeError: it can't be moved; it lies where it lay.
    """
    try:
        candidate = candidate_of(path)
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        facts = {"code": code, "reason": reason, "at": now, "size": candidate.size}
        target = _reserve(into, path.name, json.dumps(facts, indent=2).encode())
        try:
            _move(candidate, target)
        except (OSError, TakeError):
            _forget(target.with_name(target.name + REASON), target)
            raise
    except OSError as error:
        raise TakeError(f"The file could not be set aside ({_name_of(error)}).") from error
    return target


def digest(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make what was renamed, made or removed in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the note beside a file says."""

    name: str
    tags: tuple[str, ...]
    arrived_ns: int


def _noted(note: Path, scan: Path) -> _Facts:
    """What is noted of a file, or what is known all the same where the note is lost or damaged."""
    try:
        said = json.loads(note.read_bytes())
        return _Facts(str(said["name"]), tuple(map(str, said["tags"])), int(said["arrived_ns"]))
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return _Facts(_UNKNOWN, (), scan.lstat().st_ctime_ns)


def _name_of(error: OSError) -> str:
    """What the system said, without the file's name."""
    return errno.errorcode.get(error.errno or 0, "unknown")


def _unchanged(candidate: Candidate, path: Path) -> None:
    """Make sure that what lies at `path` is what was looked at."""
    now = candidate_of(path)
    same = (now.size, now.mtime_ns) == (candidate.size, candidate.mtime_ns)
    if not same or now.refusal is not None:
        raise TakeError("The file has changed since it was looked at.")


def _write(path: Path, content: bytes) -> None:
    """Write a new file, durably."""
    with path.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    sync_folder(path.parent)


def _forget(note: Path, target: Path) -> None:
    """Remove a note whose file is not there."""
    if not target.exists():
        note.unlink(missing_ok=True)


def _move(candidate: Candidate, target: Path) -> None:
    """Move a file to a free name, durably.

    Raises:
        TakeError: it has changed, and was put back.
        OSError: it can't be moved. Where the target is there all the same, it may be all there is.
    """
    source = candidate.path
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(candidate, target)
    else:
        try:
            _unchanged(candidate, target)
            _sync_file(target)
        except (OSError, TakeError):
            _put_back(target, source)
            raise
    sync_folder(target.parent)
    sync_folder(source.parent)


def _copy(candidate: Candidate, target: Path) -> None:
    """Copy to another file system; the source goes when the copy is safe."""
    part = target.with_name(target.name + ".part")
    try:
        with candidate.path.open("rb") as source, part.open("xb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        _unchanged(candidate, candidate.path)
        _complete(candidate, part)
        part.rename(target)
        sync_folder(target.parent)
    except (OSError, TakeError):
        for path in (part, target):
            path.unlink(missing_ok=True)
        raise
    try:
        # copying takes its time: the next file of this name may lie there now, and stays
        _unchanged(candidate, candidate.path)
        candidate.path.unlink()
    except FileNotFoundError:
        pass
    except TakeError:
        if candidate_of(candidate.path).inode == candidate.inode:
            target.unlink()
            raise
    except OSError:
        # a share may say no when it was done: the copy goes only where the source surely is
        _unchanged(candidate, candidate.path)
        target.unlink()
        raise


def _put_back(target: Path, source: Path) -> None:
    """Give a file back to the folder that it came from, beside what has come there since."""
    for name in _names(source.name):
        back = source.with_name(name)
        try:
            back.hardlink_to(target)
        except FileExistsError:
            continue
        except OSError:
            # a file system without hard links, or nothing is to be done: then this fails too
            if back.exists():
                continue
            target.rename(back)
        else:
            target.unlink()
        return


def _complete(candidate: Candidate, copy: Path) -> None:
    """Make sure that a copy has every byte."""
    if copy.stat().st_size != candidate.size:
        raise TakeError("The file has changed since it was looked at.")


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reserve(into: Path, name: str, facts: bytes) -> Path:
    """A free name in the quarantine, held by the note beside it."""
    while len(os.fsencode(name)) > _NAME_MAX:
        name = name[1:]
    for free in _names(name):
        target = into / free
        if not target.exists():
            with contextlib.suppress(FileExistsError):
                _write(target.with_name(target.name + REASON), facts)
                return target
    raise OSError(errno.EEXIST, "no free name")


def _names(name: str) -> Iterator[str]:
    """A name, and what else the file may be called where that is taken."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - Path.stem drops what follows a newline
    yield name
    for number in range(1, _NAMES_MAX):
        yield f"{stem}-{number}{suffix}"
