"""Letters on a small page as points: the print of a form, whatever the form itself looks like."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.thumb import DPI
from models.page import Pixels

#: grey levels that print must be darker than the paper around it
_CONTRAST = 40
#: inches: letters are no lower, no taller, and words run together no longer than this
_LOWEST, _TALLEST, _LONGEST = 0.045, 0.30, 3.0
#: inches: strokes are thinner
_WIDE_STROKE = 0.13
#: inches a letter takes
_PITCH = 0.1
#: small pixels of ink in the smallest letter
_LEAST = 8


def boxes(grey: Pixels, rules: Pixels | None = None, dpi: float = DPI) -> NDArray[np.float64]:
    """The letters of a page, or runs of touching ones: (n, 4) x0, y0, x1, y1, pixels.

    Args:
        grey: the page, mostly made small (`intake.thumb`).
        rules: mask of its ruling lines, which cut letters from the boxes that they touch.
        dpi: its dots an inch.
    """
    wide = round(_WIDE_STROKE * dpi)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    ink = cv2.threshold(cv2.subtract(closed, grey), _CONTRAST, 255, cv2.THRESH_BINARY)[1]
    if rules is not None:
        ink = cv2.bitwise_and(ink, cv2.bitwise_not(rules))
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, width, height, area = (stats[1:, i].astype(np.float64) for i in range(5))
    keep = (height >= _LOWEST * dpi) & (height <= _TALLEST * dpi) & (area >= _LEAST)
    keep &= (width <= _LONGEST * dpi) & (width >= 2)  # noqa: PLR2004 - a streak is one wide
    return np.stack([left, top, left + width, top + height], axis=1)[keep]


def centres(marks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centres of the letters in boxes: (n, 2); a run of touching letters counts as many."""
    left, width = marks[:, 0], marks[:, 2] - marks[:, 0]
    middle = (marks[:, 1] + marks[:, 3]) / 2
    count = np.maximum(1, np.rint(width / (_PITCH * DPI))).astype(np.int64)
    which = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    x = left[which] + width[which] * (place + 0.5) / count[which]
    return np.stack([x, middle[which]], axis=1)


def lean(points: NDArray[np.float64]) -> tuple[float, float]:
    """How far lines of print lean, and how sharply they stand out at that.

    Returns:
        The slope of the lines, at most 4 degrees either way, and the sharpness: the share of
        letters that would have to lie on one line, were all lines equally full.
    """
    slopes = np.arange(-0.072, 0.0721, 0.003)
    best = _sharpest(points, slopes)
    fine = best + np.arange(-0.003, 0.00301, 0.0005)
    best = _sharpest(points, fine)
    return best, sharpness(points, best)


def _sharpest(points: NDArray[np.float64], slopes: NDArray[np.float64]) -> float:
    return float(slopes[int(np.argmax([sharpness(points, s) for s in slopes]))])


def sharpness(points: NDArray[np.float64], slope: float) -> float:
    """How sharply lines of print stand out that lean so: the share of letters on one line."""
    rows = points[:, 1] - slope * points[:, 0]
    low = rows.min()
    count = np.bincount(((rows - low) / 2).astype(np.int64)).astype(np.float64)
    count[:-1] += 0.5 * count[1:]
    return float(np.sum(count**2)) / len(points) ** 2
