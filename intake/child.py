"""The life of the child that decodes: cut off, bounded, answering, gone."""

from __future__ import annotations

import fcntl
import gc
import logging
import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import numpy as np

from intake.confine import LIBC, confine
from intake.limits import Limits
from intake.wire import JPEG_MAX, RECORD, REQUEST, WORDS_MAX, Answer, Serve, number_of

#: descriptors: pipes, shared memory, the file, poppler's pipes
_DESCRIPTORS: Final = 64
#: prctl: the signal a process gets when its parent ends; never more rights than now (sys/prctl.h)
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
#: its own handlers make no sense in the child
_SIGNALS: Final = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGALRM,
    signal.SIGCHLD,
    signal.SIGXCPU,
    signal.SIGUSR1,
    signal.SIGUSR2,
)


@dataclass(frozen=True, slots=True)
class Birth:
    """What a child is told when it is made.

    Attributes:
        descriptors: where it hears, tells, and leaves pages.
        parent: the process that made it.
        files: what it may read.
    """

    descriptors: tuple[int, int, int]
    parent: int
    files: tuple[Path, ...]


def live(opening: Callable[[], Serve], limits: Limits, birth: Birth) -> NoReturn:
    """The child's whole life."""
    try:
        asked, told, memory = _settle(limits, birth.descriptors)
        confine(birth.files)
        serve: Serve | None = None
        # A parent that is gone by now was gone before the kernel was asked to tell of it.
        while os.getppid() == birth.parent and (request := os.read(asked, REQUEST.size)):
            _allow(limits)
            try:
                serve = serve or opening()
                record = _deposit(serve(REQUEST.unpack(request)[0]), memory)
            except BaseException as error:  # noqa: BLE001 - a number is all that leaves
                record = RECORD.pack(number_of(error), 0, 0, 0, 0, 0.0, 0, 0, 0)
            os.write(told, record)
    finally:
        os._exit(0)


def _settle(limits: Limits, keep: tuple[int, int, int]) -> list[int]:
    """Cut the child off from what its parent has; its three descriptors, with their new numbers."""
    os.setpgid(0, 0)
    gc.freeze()
    LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    kept = _close_others(keep)
    warnings.simplefilter("ignore")
    # A handler of the parent would write to a descriptor that is another file by now.
    logging.disable(logging.CRITICAL)
    sys.stdout = sys.stderr = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    room = pages * resource.getpagesize() + limits.memory_mb * 1_000_000
    _bound(resource.RLIMIT_AS, room)
    _bound(resource.RLIMIT_FSIZE, 3 * limits.pixels + WORDS_MAX + JPEG_MAX)
    _bound(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    _bound(resource.RLIMIT_CORE, 0)  # a core file would hold the claim
    return kept


def _bound(kind: int, most: int) -> None:
    """Lower a limit, for good; never raise one."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(kind, (most, most))


def _close_others(keep: tuple[int, int, int]) -> list[int]:
    """Close every descriptor but `keep`, which get the numbers from 3 on."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    # Past all numbers in use first, so that none is overwritten before it was copied.
    beyond = max(int(entry.name) for entry in Path("/proc/self/fd").iterdir()) + 1
    copies = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, beyond) for descriptor in keep]
    kept = [os.dup2(copy, 3 + at, inheritable=False) for at, copy in enumerate(copies)]
    os.closerange(kept[-1] + 1, copies[-1] + 1)
    return kept


def _allow(limits: Limits) -> None:
    """Allow the next page its processor time: its deadline, and what rounding takes."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime + limits.seconds) + 2
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard == resource.RLIM_INFINITY or allowed <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def _deposit(answer: Answer, memory: int) -> bytes:
    """Put a page into the shared memory; the record that describes it."""
    if answer.pixels is None:
        return RECORD.pack(0, answer.value, 0, 0, 0, 0.0, 0, 0, 0)
    pixels = np.ascontiguousarray(answer.pixels)
    words = answer.words if len(answer.words) <= WORDS_MAX else b""
    jpeg = answer.jpeg if len(answer.jpeg) <= JPEG_MAX else b""
    os.ftruncate(memory, pixels.nbytes + len(words) + len(jpeg))
    at = 0
    for part in (pixels.reshape(-1).data, words, jpeg):
        view = memoryview(part)
        while view:
            count = os.pwrite(memory, view, at)
            at += count
            view = view[count:]
    height, width = pixels.shape[:2]
    channels = pixels.shape[2] if pixels.ndim > 2 else 1  # noqa: PLR2004 - rows, columns, colours
    sizes = (pixels.nbytes, len(words), len(jpeg))
    return RECORD.pack(0, answer.value, height, width, channels, answer.dpi, *sizes)
