"""Child processes that never outlive us."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(slots=True)
class Child:
    """A running child: its name for the log, and the process."""

    name: str
    process: subprocess.Popen[bytes]


def die_with_parent(parent: int, by: signal.Signals) -> None:
    """The kernel ends this process with its parent, whose number is given: it may be gone now."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:
        os.kill(os.getpid(), by)


def adopt_orphans() -> None:
    """Processes whose parent dies become this process's children, so that `end_orphans` works."""
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def end_orphans(known: Collection[int]) -> int:
    """Kill what dead children left running; how many that were.

    Args:
        known: children that are not orphans.
    """
    ours = " ".join(p.read_text() for p in Path("/proc/self/task").glob("*/children"))
    orphans = {int(pid) for pid in ours.split()}.difference(known)
    for pid in orphans:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return len(orphans)


def spawn(name: str, argv: Sequence[str], keep: Sequence[int] = ()) -> Child:
    """Start a child that ends when this process does; `keep` are descriptors that it inherits."""
    parent = os.getpid()

    def prepare() -> None:
        # a group of its own: Ctrl-C in the terminal reaches us, and we end them in order
        os.setpgid(0, 0)
        die_with_parent(parent, signal.SIGTERM)

    process = subprocess.Popen(
        list(argv),
        stdin=subprocess.DEVNULL,
        pass_fds=keep,
        preexec_fn=prepare,  # noqa: PLW1509 - no threads run yet
    )
    return Child(name, process)


def end(children: Sequence[Child], patience: float) -> list[str]:
    """Ask children to end, then make them; the names of those that had to be made.

    Args:
        children: all of them at once.
        patience: seconds that they get, together, to finish what they are at.
    """
    deadline = time.monotonic() + patience
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            child.process.terminate()
    stubborn = []
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            stubborn.append(child.name)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
    return stubborn
