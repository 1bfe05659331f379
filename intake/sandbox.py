"""The child that decodes: what a file from outside can do, it does there, and there it ends.

A fork of the running process: a fresh interpreter would cost 0.4 s a scan. The child has no
descriptors but its two pipes and the shared memory, a process group of its own (poppler's
processes are in it), and limits on address space, processor time, file size and descriptors.
It answers a request with one record of fixed width; pixels, words and JPEG bytes lie in the
shared memory, as long as the record says. The parent believes no number before it has checked it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import select
import signal
import struct
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, NoReturn, Self

import numpy as np

from intake.errors import (
    BrokenScanError,
    DecoderError,
    EmptyScanError,
    EncryptedPdfError,
    NoSuchPageError,
    ScanMemoryError,
    ScanTimeoutError,
    TooLargeError,
    TooManyPagesError,
    UnsupportedScanError,
)
from intake.limits import Limits
from models.errors import ScanError
from models.page import Pixels

#: errors by the number that the child sends; 0 says that all is well
_ERRORS: Final[tuple[tuple[type[ScanError], str], ...]] = (
    (EncryptedPdfError, "The PDF asks for a password."),
    (BrokenScanError, "The file is damaged or cut short."),
    (EmptyScanError, "The file holds no page."),
    (TooLargeError, "The scan is larger than the limits allow."),
    (TooManyPagesError, "The scan has more pages than the limits allow."),
    (ScanTimeoutError, "Decoding took longer than the limits allow."),
    (ScanMemoryError, "Decoding needed more memory than the limits allow."),
    (UnsupportedScanError, "The file is neither PDF, TIFF, JPEG nor PNG."),
    (NoSuchPageError, "The file has no page of that number."),
    (DecoderError, "The file could not be decoded."),
)
#: error number, value, height, width, channels, dpi, bytes of pixels, of words, of JPEG
_RECORD: Final = struct.Struct("<BqIIBdQQQ")
_REQUEST: Final = struct.Struct("<q")
#: bytes of words a page, at most: a page of print has 5,000 characters
_WORDS_MAX: Final = 4_000_000
#: bytes of the JPEG that a page came from, at most
_JPEG_MAX: Final = 64_000_000
#: descriptors: pipes, shared memory, the file, poppler's pipes
_DESCRIPTORS: Final = 64
#: prctl: the signal a process gets when its parent ends (sys/prctl.h)
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38


@dataclass(frozen=True, slots=True)
class Answer:
    """What the child has to say to a request: a number, or a page.

    Attributes:
        value: the number asked for.
        pixels: (height, width) or (height, width, 3) uint8, or None.
        dpi: dots an inch.
        words: the page's words, packed.
        jpeg: the JPEG that the pixels came from.
    """

    value: int = 0
    pixels: Pixels | None = None
    dpi: float = 0.0
    words: bytes = b""
    jpeg: bytes = b""


#: turns the number of a request into an answer, in the child
Serve = Callable[[int], Answer]


class Sandbox:
    """A child that answers requests, one at a time.

    `opening` runs in the child, once, and hands back what answers the requests. Use as a context
    manager: on leaving, the whole process group is killed.
    """

    def __init__(self, opening: Callable[[], Serve], limits: Limits) -> None:
        self._limits = limits
        self._memory = os.memfd_create("page", os.MFD_CLOEXEC)
        asked, self._ask = os.pipe2(os.O_CLOEXEC)
        self._hear, told = os.pipe2(os.O_CLOEXEC)
        with warnings.catch_warnings():
            # The child starts no thread and takes no lock that another thread may hold.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if self._pid == 0:
            _live(opening, limits, (asked, told, self._memory))
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
        """Kill the child and all it started."""
        if self._pid:
            self._end()
            for descriptor in (self._ask, self._hear, self._memory):
                os.close(descriptor)

    def _end(self) -> int:
        """Kill the process group; the child's wait status."""
        pid, self._pid = self._pid, 0
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):  # somebody who reaps all children was faster
            return os.waitpid(pid, 0)[1]
        return 0

    def ask(self, request: int) -> Answer:
        """The child's answer, checked.

        Raises:
            ScanError: what went wrong, by its code.
        """
        with contextlib.suppress(BrokenPipeError):
            os.write(self._ask, _REQUEST.pack(request))
        untrusted_record = self._read(time.monotonic() + self._limits.seconds)
        error, value, height, width, channels, dpi, *untrusted_sizes = _RECORD.unpack(
            untrusted_record
        )
        if error:
            if error > len(_ERRORS):
                raise _failure(DecoderError)
            raise _failure(_ERRORS[error - 1][0])
        return self._receive(value, (height, width, channels), dpi, untrusted_sizes)

    def _read(self, deadline: float) -> bytes:
        """One record from the child; a dead or late child is an error."""
        untrusted = b""
        while len(untrusted) < _RECORD.size:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._hear], [], [], left)[0]:
                self._fail(ScanTimeoutError)
            block = os.read(self._hear, _RECORD.size - len(untrusted))
            if not block:
                self._fail(None)
            untrusted += block
        return untrusted

    def _fail(self, kind: type[ScanError] | None) -> NoReturn:
        """End the child and raise `kind`, or what its death says."""
        ask, hear, memory = self._ask, self._hear, self._memory
        if kind is None:
            kind = _cause(_await_death(self._pid))
        self._end()
        for descriptor in (ask, hear, memory):
            os.close(descriptor)
        raise _failure(kind)

    def _receive(
        self, value: int, untrusted_shape: tuple[int, ...], dpi: float, untrusted_sizes: list[int]
    ) -> Answer:
        """The page that lies in the shared memory, copied out: the child could still write."""
        height, width, channels = untrusted_shape
        size, words, jpeg = untrusted_sizes
        if not size:
            return Answer(value)
        if channels not in {1, 3} or size != height * width * channels or not (0 <= dpi < 1e5):
            raise _failure(DecoderError)
        if height * width > self._limits.pixels or words > _WORDS_MAX or jpeg > _JPEG_MAX:
            raise _failure(TooLargeError)
        pixels = np.empty((height, width) if channels == 1 else (height, width, 3), np.uint8)
        untrusted_words, untrusted_jpeg = bytearray(words), bytearray(jpeg)
        at = 0
        for part in (memoryview(pixels.reshape(-1)), untrusted_words, untrusted_jpeg):
            view = memoryview(part)
            while view:
                count = os.preadv(self._memory, [view], at)
                if not count:
                    raise _failure(DecoderError)
                at += count
                view = view[count:]
        return Answer(value, pixels, dpi, bytes(untrusted_words), bytes(untrusted_jpeg))


def _failure(kind: type[ScanError]) -> ScanError:
    return kind(next(message for error, message in _ERRORS if error is kind))


def _await_death(pid: int) -> int:
    """The wait status of a child that has closed its pipe; it is killed where it lingers."""
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        try:
            found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        except ChildProcessError:
            return 0
        if found is not None:
            killed = found.si_code != os.CLD_EXITED
            return -found.si_status if killed else found.si_status
        select.select([], [], [], 0.005)
    return 0


def _cause(status: int) -> type[ScanError]:
    """What the way a child died says: `status` is negative for a signal."""
    if status == -signal.SIGXCPU:
        return ScanTimeoutError
    if status == -signal.SIGKILL:  # the kernel's out-of-memory killer
        return ScanMemoryError
    return DecoderError


# --- from here on: in the child ---


def _live(
    opening: Callable[[], Serve], limits: Limits, descriptors: tuple[int, int, int]
) -> NoReturn:
    """The child's whole life."""
    try:
        asked, told, memory = _settle(limits, descriptors)
        serve: Serve | None = None
        while request := os.read(asked, _REQUEST.size):
            _spend(limits)
            try:
                serve = serve or opening()
                answer = serve(_REQUEST.unpack(request)[0])
                record = _deposit(answer, memory)
            except BaseException as error:  # noqa: BLE001 - a number is all that leaves
                record = _RECORD.pack(_number(error), 0, 0, 0, 0, 0.0, 0, 0, 0)
            os.write(told, record)
    finally:
        os._exit(0)


def _settle(limits: Limits, keep: tuple[int, int, int]) -> tuple[int, ...]:
    """Cut the child off from what its parent has; its three descriptors, renumbered 3, 4, 5."""
    os.setpgid(0, 0)
    gc.freeze()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGCHLD, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    # High numbers first, so that no descriptor is overwritten before it was copied.
    high = [_above(descriptor, 200) for descriptor in keep]
    kept = [os.dup2(descriptor, 3 + at, inheritable=False) for at, descriptor in enumerate(high)]
    for name in os.listdir("/proc/self/fd"):
        if int(name) > kept[-1]:
            with contextlib.suppress(OSError):
                os.close(int(name))
    warnings.simplefilter("ignore")
    with open("/proc/self/statm", encoding="ascii") as handle:  # noqa: PTH123 - no Path needed here
        now = int(handle.read().split()[0]) * resource.getpagesize()
    room = now + limits.memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    largest = 3 * limits.pixels + limits.bytes + _WORDS_MAX
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return tuple(kept)


def _above(descriptor: int, least: int) -> int:
    import fcntl  # noqa: PLC0415 - in the child only

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)


def _spend(limits: Limits) -> None:
    """Allow the next page its processor time, and a second more than its deadline."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime + limits.seconds) + 2
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard == resource.RLIM_INFINITY or allowed <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def _number(error: BaseException) -> int:
    """The number of an error; what a library raises means that the file is broken."""
    if isinstance(error, MemoryError):
        error = ScanMemoryError("")
    for number, (kind, _) in enumerate(_ERRORS, start=1):
        if isinstance(error, kind):
            return number
    return _number(BrokenScanError(""))


def _deposit(answer: Answer, memory: int) -> bytes:
    """Put a page into the shared memory; the record that describes it."""
    pixels = answer.pixels
    if pixels is None:
        return _RECORD.pack(0, answer.value, 0, 0, 0, 0.0, 0, 0, 0)
    pixels = np.ascontiguousarray(pixels)
    words = answer.words if len(answer.words) <= _WORDS_MAX else b""
    jpeg = answer.jpeg if len(answer.jpeg) <= _JPEG_MAX else b""
    at = 0
    os.ftruncate(memory, pixels.nbytes + len(words) + len(jpeg))
    for part in (memoryview(pixels.reshape(-1)), words, jpeg):
        view = memoryview(part)
        while view:
            count = os.pwrite(memory, view, at)
            at += count
            view = view[count:]
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else 3  # noqa: PLR2004 - rows and columns
    sizes = (pixels.nbytes, len(words), len(jpeg))
    return _RECORD.pack(0, answer.value, height, width, channels, answer.dpi, *sizes)
