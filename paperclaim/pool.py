"""Child processes that read scans: one that dies takes only its own scan with it.

The standard library's pools end all their work when a child is killed, so this is our own: each
child has a pipe, takes one path at a time and answers with JSON. Readers are loaded once a child.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Self

from models.reading import Reading, ReadingError, Source
from paperclaim.errors import ReaderDiedError, ReaderFailedError, UnreadableError
from paperclaim.logs import where

if TYPE_CHECKING:
    from config.limits import Limits
    from config.settings import Settings
    from extractors.readers import Readers
    from models.errors import PaperclaimError

_BLOCK = 1 << 20


def failed(path: Path, error: PaperclaimError) -> Reading:
    """The reading of a scan that can't be read."""
    digest = hashlib.sha256()
    with suppress(OSError), path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return Reading(
        source=Source(name=path.name, sha256=digest.hexdigest(), pages=0),
        error=ReadingError(code=error.code, message=f"{error.message} {error.advice}"),
    )


def _serve(pipe: Connection, limits: Limits, error_rate: float) -> None:
    """The child: read what the pipe names until it closes."""
    # Ctrl-C reaches the whole terminal; the parent decides what becomes of us
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            path = Path(os.fsdecode(pipe.recv_bytes()))
        except EOFError:
            return
        try:
            reading = _read(path, limits, error_rate)
        except OSError:
            reading = failed(path, UnreadableError("The file can't be read."))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other scans go on
            reading = failed(path, ReaderFailedError(f"{where(error)}."))
        pipe.send_bytes(reading.model_dump_json(by_alias=True).encode())


def _read(path: Path, limits: Limits, error_rate: float) -> Reading:
    from pipeline.scan import read_scan

    return read_scan(path, _readers(error_rate), limits)


@functools.cache
def _readers(error_rate: float) -> Readers:
    from extractors.readers import load

    return load(error_rate)


@dataclasses.dataclass(slots=True)
class _Child:
    """A process, our end of its pipe, and the scan that it has."""

    process: multiprocessing.process.BaseProcess
    pipe: Connection
    path: Path | None = None


class Pool:
    """Reads scans in child processes.

    Use as a context manager: on leaving, children are ended.
    """

    def __init__(self, jobs: int, settings: Settings) -> None:
        self._jobs = jobs
        self._settings = settings
        # a fresh interpreter: whatever threads the parent has, the child starts clean
        self._context = multiprocessing.get_context("spawn")
        self._children: list[_Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            child.pipe.close()  # which tells an idle child to end
            if child.path is not None:
                child.process.terminate()
        for child in self._children:
            child.process.join()

    def read(self, paths: Sequence[Path]) -> Iterator[tuple[Path, Reading]]:
        """Each scan and its reading, as they come to be finished."""
        left = deque(paths)
        while len(self._children) < min(self._jobs, len(left)):
            self._children.append(self._start())
        while left or any(child.path for child in self._children):
            for child in self._children:
                if child.path is None and left:
                    child.path = left.popleft()
                    with suppress(BrokenPipeError):  # it died while idle: the wait below tells
                        child.pipe.send_bytes(os.fsencode(child.path.absolute()))
            ready = wait([child.pipe for child in self._children if child.path])
            for place, child in enumerate(self._children):
                if child.pipe not in ready or child.path is None:
                    continue
                path, child.path = child.path, None
                try:
                    reading = Reading.model_validate_json(child.pipe.recv_bytes())
                except (EOFError, ConnectionResetError):
                    child.pipe.close()
                    child.process.join()
                    if left:
                        self._children[place] = self._start()
                    reading = failed(path, ReaderDiedError(_death(child.process.exitcode)))
                yield path, reading

    def _start(self) -> _Child:
        ours, theirs = self._context.Pipe()
        arguments = (theirs, self._settings.limits, self._settings.read.accepted_error_rate)
        process = self._context.Process(target=_serve, args=arguments)
        process.start()
        theirs.close()
        return _Child(process, ours)


def _death(status: int | None) -> str:
    """How a process ended, in words."""
    if status is not None and status < 0:
        return f"The reading process was ended by {signal.Signals(-status).name}."
    return f"The reading process ended with status {status}."
