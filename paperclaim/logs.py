"""The log of the processes: one line an event, and nothing that was read from a claim."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

_Raised: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class _OneLine(logging.Formatter):
    """Of an exception that a library logs: what it is and where, never what it says."""

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - logging's name
        return "" if ei[1] is None else where(ei[1])

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\n", " | ")


def set_up() -> None:
    """Log to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # what libraries say at this level may name files and hosts
    for name in ("rq", "watchfiles", "uvicorn", "alembic", "fsspec", "botocore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def where(error: BaseException) -> str:
    """Where an exception was raised; what it says may hold words of a claim and stays out."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    place = Path(frames[-1].filename)
    return f"{type(error).__name__} at {place.parent.name}/{place.name}:{frames[-1].lineno}"
