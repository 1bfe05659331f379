"""Places where a process may be killed: only tests set PCTEST_KILL_AT.

Every step boundary has a name. Where the variable names one, and the marker file that
PCTEST_KILL_ONCE names does not exist yet, the process makes it and kills itself, or its parent
where PCTEST_KILL_WHO is `parent`.
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
    "deliver.written",
    "deliver.committed",
)


def point(name: str) -> None:
    """Die here, once, if a test asks for it."""
    if os.environ.get("PCTEST_KILL_AT") != name:
        return
    marker = Path(os.environ["PCTEST_KILL_ONCE"])
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return
    who = os.environ.get("PCTEST_KILL_WHO", "self")
    os.kill(os.getppid() if who == "parent" else os.getpid(), signal.SIGKILL)
