"""Places where a process may be killed: only tests set PCTEST_KILL.

Every step boundary has a name. Where the variable names a file, the process that comes by the
boundary in the file's first line takes that line out and kills itself; or its parent, where the
line says so (`read.begun parent`).
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Final

#: every boundary, so that a test can go through all of them
POINTS: Final = (
    "watch.taken",
    "watch.stored",
    "watch.entered",
    "watch.released",
    "relay.begun",
    "relay.queued",
    "relay.told",
    "open.begun",
    "open.stored",
    "open.committed",
    "read.begun",
    "read.read",
    "read.committed",
    "assemble.begun",
    "assemble.committed",
    "deliver.begun",
    "deliver.recorded",
    "deliver.hidden",
    "deliver.written",
    "deliver.committed",
    "follow.begun",
    "follow.committed",
    "post.begun",
    "post.written",
    "mail.begun",
    "mail.sent",
    "post.committed",
)


def point(name: str) -> None:
    """Die here, once, if a test asks for it."""
    order = os.environ.get("PCTEST_KILL")
    if not order:
        return
    try:
        first, *rest = Path(order).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ValueError):
        return
    wanted, *who = first.split()
    if wanted != name:
        return
    left = Path(f"{order}.{os.getpid()}")
    left.write_text("\n".join(rest), encoding="utf-8")
    left.replace(order)
    os.kill(os.getppid() if who == ["parent"] else os.getpid(), signal.SIGKILL)
    signal.pause()
