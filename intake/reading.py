"""A few lines of a page read as plain text, to tell what kind of page it is; never for fields."""

from __future__ import annotations

import os

import cv2
import numpy as np
import pytesseract

from intake.thumb import DPI, Thumb

#: dots an inch at which lines are read
_READ_DPI = 150
#: seconds
_TIMEOUT = 20.0


def read_lines(small: Thumb, turns: int, top: float, bottom: float) -> str:
    """The text between two heights of a page, small letters; empty if there is none.

    Args:
        small: the page.
        turns: quarter turns clockwise that put it upright.
        top: where to start, small pixels from the upright page's upper edge.
        bottom: where to end.
    """
    page = np.rot90(small.full, -turns)
    scale = page.shape[0] / small.grey.shape[turns % 2]
    start, end = (max(0, round(edge * scale)) for edge in (top, bottom))
    part = np.ascontiguousarray(page[start:end])
    if not part.size:
        return ""
    factor = min(1.0, _READ_DPI / DPI / scale)
    size = (max(1, round(part.shape[1] * factor)), max(1, round(part.shape[0] * factor)))
    strip = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    # with more threads libgomp spins for seconds on a busy machine
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    try:
        return str(pytesseract.image_to_string(strip, config="--psm 6", timeout=_TIMEOUT)).lower()
    except RuntimeError:  # its word for a timeout, and for giving up: somebody will look at it
        return ""
