"""The child that decodes: what a file from outside can do, it does there, and there it ends.

A fork of the running process: a fresh interpreter would cost 0.4 s a scan. The child has no
descriptors but its two pipes and the shared memory, a process group of its own (poppler's
processes are in it), and limits on address space, processor time, file size and descriptors.
It answers a request with one record of fixed width; pixels, words and JPEG bytes lie in the
shared memory, as long as the record says. The parent believes no number before it has checked it.
Where the kernel can, it is confined to the system's files and the scan (`intake.confine`).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from intake.child import Birth, live
from intake.errors import DecoderError, ScanMemoryError, ScanTimeoutError, TooLargeError
from intake.limits import Limits
from intake.wire import (
    DPI_MAX,
    ERRORS,
    JPEG_MAX,
    RECORD,
    REQUEST,
    WORDS_MAX,
    Answer,
    Serve,
    failure,
)
from models.errors import ScanError


class Sandbox:
    """A child that answers requests, one at a time.

    `opening` runs in the child, once, and hands back what answers the requests; `files` are all
    that it may read. Use as a context manager: on leaving, the whole process group is killed.
    """

    def __init__(self, opening: Callable[[], Serve], limits: Limits, *files: Path) -> None:
        self._limits = limits
        self._memory = os.memfd_create("page", os.MFD_CLOEXEC)
        asked, self._ask = os.pipe2(os.O_CLOEXEC)
        self._hear, told = os.pipe2(os.O_CLOEXEC)
        birth = Birth((asked, told, self._memory), os.getpid(), files)
        with warnings.catch_warnings():
            # The child starts no thread and takes no lock that another thread may hold.
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                self._pid = os.fork()
            except OSError as error:  # no room for another process
                for descriptor in (asked, told, self._ask, self._hear, self._memory):
                    os.close(descriptor)
                raise failure(ScanMemoryError) from error
        if self._pid == 0:
            live(opening, limits, birth)
        os.close(asked)
        os.close(told)
        with contextlib.suppress(OSError):  # both sides do it: whoever comes first
            os.setpgid(self._pid, self._pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the child and all it started; a second time does nothing."""
        if self._pid:
            self._end()

    def _end(self) -> int:
        """Close; how the child ended: its status, negative for a signal.

        A child that was ending by itself keeps its own status: killing it changes nothing then.
        """
        pid, self._pid = self._pid, 0
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)
        for descriptor in (self._ask, self._hear, self._memory):
            os.close(descriptor)
        try:
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        except ChildProcessError:  # somebody who reaps all children was faster
            return 0

    def ask(self, request: int) -> Answer:
        """The child's answer, checked.

        Raises:
            ScanError: what went wrong, by its code.
        """
        with contextlib.suppress(BrokenPipeError):  # a dead child is told by its own pipe
            os.write(self._ask, REQUEST.pack(request))
        untrusted_record = self._read(time.monotonic() + self._limits.seconds)
        untrusted_error, value, height, width, channels, dpi, *sizes = RECORD.unpack(
            untrusted_record
        )
        if untrusted_error > len(ERRORS):
            raise failure(DecoderError)
        if untrusted_error:
            raise failure(ERRORS[untrusted_error - 1][0])
        return self._receive(value, (height, width, channels), dpi, sizes)

    def _read(self, deadline: float) -> bytes:
        """One record from the child; a dead or late child is an error."""
        untrusted = b""
        while len(untrusted) < RECORD.size:
            left = deadline - time.monotonic()
            poll = select.poll()  # select() knows no descriptor above 1024
            poll.register(self._hear, select.POLLIN)
            if left <= 0 or not poll.poll(left * 1000):
                self.close()
                raise failure(ScanTimeoutError)
            block = os.read(self._hear, RECORD.size - len(untrusted))
            if not block:
                raise failure(_cause(self._end()))
            untrusted += block
        return untrusted

    def _receive(
        self,
        value: int,
        untrusted_shape: tuple[int, int, int],
        dpi: float,
        untrusted_sizes: list[int],
    ) -> Answer:
        """The page that lies in the shared memory, copied out: the child could still write."""
        height, width, channels = untrusted_shape
        size, words, jpeg = untrusted_sizes
        if not size:
            return Answer(value)
        if channels not in {1, 3} or size != height * width * channels or not 0 <= dpi < DPI_MAX:
            raise failure(DecoderError)
        if height * width > self._limits.pixels or words > WORDS_MAX or jpeg > JPEG_MAX:
            raise failure(TooLargeError)
        pixels = np.empty((height, width) if channels == 1 else (height, width, 3), np.uint8)
        untrusted_words, untrusted_jpeg = bytearray(words), bytearray(jpeg)
        at = 0
        for part in (pixels.reshape(-1).data, untrusted_words, untrusted_jpeg):
            view = memoryview(part)
            while view:
                count = os.preadv(self._memory, [view], at)
                if not count:  # shorter than it said
                    raise failure(DecoderError)
                at += count
                view = view[count:]
        return Answer(value, pixels, dpi, bytes(untrusted_words), bytes(untrusted_jpeg))


def _cause(status: int) -> type[ScanError]:
    """What the way a child died says."""
    if status == -signal.SIGXCPU:
        return ScanTimeoutError
    if status == -signal.SIGKILL:  # the kernel's out-of-memory killer
        return ScanMemoryError
    return DecoderError
