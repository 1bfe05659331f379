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
#: inches: no marker's stroke is as broad, no note narrower; inches around one that its edge takes
_BROAD, _EDGE = 0.45, 0.04


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
    # what is written on it leaves holes
    found = _across(coloured.astype(np.uint8), _BROAD / 2 * scale, cv2.MORPH_CLOSE)
    found = _across(found, _BROAD * scale, cv2.MORPH_OPEN)
    if not found.any():
        return None
    found = _across(found, 2 * _EDGE * scale, cv2.MORPH_DILATE)
    size = pixels.shape[1::-1]
    return np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def _across(mask: Mask, pixels: float, how: int) -> Mask:
    side = max(3, round(pixels) | 1)
    return np.asarray(cv2.morphologyEx(mask, how, np.ones((side, side), np.uint8)), np.uint8)
