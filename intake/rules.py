"""Ruling lines on a small page: where they run, and which way they lean."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.thumb import DPI
from models.page import Matrix, Pixels

#: inches: a run of ink shorter than this is a letter, not a rule
SHORTEST = 0.22
#: inches: anything thicker is a bar or a picture
_THICKEST = 0.06
#: grey levels that a rule must be darker than the paper beside it
CONTRAST = 24
#: the same for lines of dots, once averaged along the line; and how long they must be
FAINT, SHORTEST_FAINT = 9, 0.45


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """The ruling lines found.

    Attributes:
        across: mask of the lines that run across the picture, 255 on a line.
        down: mask of those that run down.
        across_ends: (n, 4) x0, y0, x1, y1 of each fitted segment, pixels, x0 < x1.
        down_ends: the same of the lines that run down, y0 < y1.
    """

    across: Pixels
    down: Pixels
    across_ends: NDArray[np.float64]
    down_ends: NDArray[np.float64]


def find_rules(grey: Pixels) -> Rules:
    """Find the ruling lines of a small page (`intake.thumb`), at any skew up to 4 degrees."""
    flipped = cv2.transpose(grey)
    across, across_ends = _across(grey, CONTRAST, SHORTEST)
    down, ends = _across(np.asarray(flipped, dtype=np.uint8), CONTRAST, SHORTEST)
    return Rules(
        across, np.asarray(cv2.transpose(down), np.uint8), across_ends, ends[:, [1, 0, 3, 2]]
    )


def find_faint_rules(grey: Pixels) -> Rules:
    """Find ruling lines that a weak scan or a fax has left as rows of dots.

    Slower and less sure than `find_rules`: small print in rows may pass for a line.
    """
    across, across_ends = _across(_along(grey), FAINT, SHORTEST_FAINT)
    flipped = np.asarray(cv2.transpose(grey), np.uint8)
    down, ends = _across(_along(flipped), FAINT, SHORTEST_FAINT)
    return Rules(
        across, np.asarray(cv2.transpose(down), np.uint8), across_ends, ends[:, [1, 0, 3, 2]]
    )


def _along(grey: Pixels) -> Pixels:
    """Average along lines that run across: dots become a line, a row of letters a broad band."""
    return np.asarray(cv2.blur(grey, (31, 1)), np.uint8)


def _across(grey: Pixels, contrast: int, shortest: float) -> tuple[Pixels, NDArray[np.float64]]:
    """Mask and segments of the lines that run across."""
    # closing up and down fills dark lines up to six pixels thick, so that the difference
    # shows thin lines only, whatever the shade of the paper around them
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((7, 1), np.uint8))
    thin = cv2.threshold(cv2.subtract(closed, grey), contrast, 255, cv2.THRESH_BINARY)[1]
    # a leaning line is a staircase: thicken it, then keep long runs only
    thick = cv2.dilate(thin, np.ones((3, 1), np.uint8))
    run = round(shortest * DPI)
    mask = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    return np.asarray(mask, np.uint8), _segments(np.asarray(cv2.bitwise_and(mask, thin), np.uint8))


def _segments(mask: Pixels) -> NDArray[np.float64]:
    """Fit a straight line to each connected run of a mask: (n, 4) ends."""
    # join what noise has cut: thin lines break after thresholding
    joined = cv2.dilate(mask, np.ones((3, 5), np.uint8))
    _, labels = cv2.connectedComponents(joined, connectivity=8)
    # five times as fast as NumPy's
    found = cv2.findNonZero(mask)
    xs, ys = np.asarray([] if found is None else found, np.int32).reshape(-1, 2).T
    which = np.asarray(labels[ys, xs], np.int64)
    size = int(labels.max()) + 1 if labels.size else 1
    count = np.bincount(which, minlength=size).astype(np.float64)
    count[0] = 0
    keep = count >= SHORTEST * DPI * 0.8
    safe = np.maximum(count, 1)
    x, y = xs.astype(np.float64), ys.astype(np.float64)
    mean_x = np.bincount(which, x, size) / safe
    mean_y = np.bincount(which, y, size) / safe
    dx, dy = x - mean_x[which], y - mean_y[which]
    var_x = np.bincount(which, dx * dx, size)
    slope = np.bincount(which, dx * dy, size) / np.maximum(var_x, 1)
    spread = np.sqrt(np.bincount(which, (dy - slope[which] * dx) ** 2, size) / safe)
    left = np.full(size, np.inf)
    right = np.full(size, -np.inf)
    np.minimum.at(left, which, x)
    np.maximum.at(right, which, x)
    keep &= (right - left >= SHORTEST * DPI) & (spread < _THICKEST * DPI / 3)
    keep &= np.abs(slope) < 0.12  # noqa: PLR2004 - 7 degrees
    left, right = left[keep], right[keep]
    slope, mean_x, mean_y = slope[keep], mean_x[keep], mean_y[keep]
    ends = (left, mean_y + slope * (left - mean_x), right, mean_y + slope * (right - mean_x))
    return np.stack(ends, axis=1).reshape(-1, 4)


def straighten(rules: Rules, shape: tuple[int, ...]) -> Matrix:
    """The homography that takes straight, square inches-to-be to the small picture.

    Under a camera, the lines across meet in one vanishing point and the lines down in another.
    Both are found from the slopes of the segments; what remains unknown after that is one scale
    and one offset along each axis.

    Returns:
        3x3, from rectified to picture pixels, the middle of the picture unmoved.
    """
    height, width = shape[:2]
    middle = np.array([width / 2, height / 2])
    lean, meet = _vanish(rules.across_ends, middle)
    lean_down, meet_down = _vanish(rules.down_ends[:, [1, 0, 3, 2]], middle[::-1])
    if len(rules.down_ends) < 4:  # noqa: PLR2004 - too few to believe: square to the others
        lean_down, meet_down = -lean, 0.0
    if len(rules.across_ends) < 4:  # noqa: PLR2004
        lean, meet = -lean_down, 0.0
    columns = np.array([[1, lean_down, 0], [lean, 1, 0], [meet, meet_down, 1]], dtype=np.float64)
    shift = np.array([[1, 0, middle[0]], [0, 1, middle[1]], [0, 0, 1]], dtype=np.float64)
    return shift @ columns @ np.linalg.inv(shift)


def _vanish(ends: NDArray[np.float64], middle: NDArray[np.float64]) -> tuple[float, float]:
    """Lean and convergence of lines that run across: slope = a + p (slope x - y)."""
    if len(ends) == 0:
        return 0.0, 0.0
    x = (ends[:, 0] + ends[:, 2]) / 2 - middle[0]
    y = (ends[:, 1] + ends[:, 3]) / 2 - middle[1]
    length = ends[:, 2] - ends[:, 0]
    slope = (ends[:, 3] - ends[:, 1]) / np.maximum(length, 1)
    weight = length**1.5
    # start at the weighted median, then reweight: pictures and letters lean every way
    order = np.argsort(slope)
    total = np.cumsum(weight[order])
    a, p = float(slope[order][np.searchsorted(total, total[-1] / 2)]), 0.0
    arm = slope * x - y
    scale = 0.02
    for _ in range(8):
        error = slope - a - p * arm
        robust = weight / (1 + (error / scale) ** 2) ** 2
        system = np.stack([np.ones_like(arm), arm], axis=1)
        # a little ridge on p: a handful of lines must not invent a perspective
        normal = system.T @ (robust[:, None] * system)
        normal[1, 1] += robust.sum() * 15.0**2
        a, p = (float(v) for v in np.linalg.solve(normal, system.T @ (robust * slope)))
        scale = max(0.002, scale * 0.6)
    return a, p
