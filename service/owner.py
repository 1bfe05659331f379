"""Who works on a step: a process, named so that others on its machine can tell whether it lives.

A lease that ran out says that its owner is gone wherever it was. On the same machine there is no
need to wait for that: a process that isn't there any more will not come back.
"""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path


@cache
def _machine() -> str:
    """This machine since it started, and this container on it."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    space = Path("/proc/self/ns/pid").readlink()
    return f"{socket.gethostname()[:64]}/{boot[:13]}/{space}"


def _started(pid: int) -> str | None:
    """When a process started, in clock ticks; None where there is none, or only its remains."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in "ZX" else rest[18]


def me() -> str:
    """This process."""
    return of(os.getpid())


def of(pid: int) -> str:
    """A process of this machine by its number."""
    return f"{_machine()}/{pid}/{_started(pid)}"


def gone(owner: str | None) -> bool:
    """Whether a process surely lives no more.

    False where only its lease can tell, and for what names no process of this machine.
    """
    match (owner or "").rsplit("/", 2):
        case [machine, pid, started] if machine == _machine() and pid.isdecimal():
            return _started(int(pid)) != started
    return False
