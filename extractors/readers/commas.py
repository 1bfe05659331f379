"""Commas by their ink: what stands on the line by itself, lower and smaller than a character."""

from __future__ import annotations

import cv2
import numpy as np

from models.page import Pixels

#: grey below which a pixel is ink
_INK = 150
#: shares of the strip's height and of a character's from which on ink counts as characters
_CHARACTER, _TALL = 0.3, 0.6
_ENOUGH = 3
#: shares of a character's height: how high and wide a comma is, and its ink, of the height squared
_HIGH, _WIDE, _AREA = (0.1, 0.5), (0.07, 0.4), 0.012
#: how far above the line it begins at most, and ends at most; how far below it begins at most
_TOP, _FOOT, _BELOW = 0.35, 0.1, 0.1


def commas(pixels: Pixels) -> list[float]:
    """The middles of what stands as a comma or a point does, shares of the strip's width.

    Args:
        pixels: (height, width) grey, of one line of print.
    """
    ink = (pixels < _INK).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x, y, width, height, area = stats[1:].T
    characters = height[height > _CHARACTER * len(pixels)]
    if len(characters) < _ENOUGH:
        return []
    high = float(np.median(characters))
    tall = height > _TALL * high
    line = float(np.median((y + height)[tall]))
    small = (height > _HIGH[0] * high) & (height < _HIGH[1] * high)
    small &= (width > _WIDE[0] * high) & (width < _WIDE[1] * high) & (area > _AREA * high * high)
    stands = (y > line - _TOP * high) & (y < line + _BELOW * high)
    stands &= y + height > line - _FOOT * high
    left, right = x, x + width
    # a piece of a broken character has others of it above
    alone = [
        i
        for i in np.nonzero(small & stands)[0]
        if np.count_nonzero((left < right[i]) & (right > left[i])) == 1
    ]
    return [float(left[i] + right[i]) / 2 / pixels.shape[1] for i in alone]
