"""Child processes that never outlive us."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(slots=True)
class Child:
    """A running child: its name for the log, and the process."""

    name: str
    process: subprocess.Popen[bytes]


def _die_with_parent() -> None:
    """In the child, before it becomes the program: the kernel ends it when its parent is gone."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # a group of its own: Ctrl-C in the terminal reaches us, and we end them in order
    os.setpgid(0, 0)


def spawn(name: str, argv: Sequence[str], env: Mapping[str, str] | None = None) -> Child:
    """Start a child that ends when this process does."""
    process = subprocess.Popen(
        list(argv),
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads run yet
    )
    return Child(name, process)


def end(children: Sequence[Child], patience: float) -> list[str]:
    """Ask children to end, then make them; the names of those that had to be made.

    Args:
        children: all of them at once.
        patience: seconds that they get to finish what they are at.
    """
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            child.process.terminate()
    stubborn = []
    for child in children:
        try:
            child.process.wait(patience)
        except subprocess.TimeoutExpired:
            stubborn.append(child.name)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
    return stubborn
