"""What is stuck on a page: a coloured note or label hides what stands under it."""

from __future__ import annotations

import cv2
import numpy as np

from extractors.parts import Mask
from models.page import Pixels

#: pixels of the scan in one that is looked at, each way
_SMALL = 8
#: share by which a colour stands out of the paper's own, and how light it is at least: no ink is
_COLOURED, _LIGHT = 0.2, 0.5
#: inches: no marker's stroke is as broad, no note narrower; share of so large a square that is
#: coloured, whatever is written on it: a form in red ink is not; inches that its edge takes
_BROAD, _SOLID, _EDGE = 0.45, 0.85, 0.04


def stuck(pixels: Pixels, ppi: float) -> Mask | None:
    """1 where something coloured is stuck on a page as scanned; None where nothing is.

    Args:
        pixels: (rows, columns) or (rows, columns, 3); of a page in grey nothing can be told.
        ppi: its pixels an inch.
    """
    if pixels.ndim == 2:  # noqa: PLR2004 - rows and columns
        return None
    small = cv2.resize(pixels, None, fx=1 / _SMALL, fy=1 / _SMALL, interpolation=cv2.INTER_AREA)
    paper = np.maximum(np.median(small.reshape(-1, 3), axis=0), 1)
    share = small / paper
    coloured = (share.max(axis=2) - share.min(axis=2) > _COLOURED) & (share.max(axis=2) > _LIGHT)
    scale = ppi / _SMALL
    side = max(3, round(_BROAD * scale) | 1)
    solid = np.asarray(cv2.blur(coloured.astype(np.float32), (side, side))) > _SOLID
    if not solid.any():
        return None
    wide = side + 2 * round(_EDGE * scale)
    found = cv2.dilate(solid.astype(np.uint8), np.ones((wide, wide), np.uint8))
    size = pixels.shape[1::-1]
    return np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_NEAREST), np.uint8)
