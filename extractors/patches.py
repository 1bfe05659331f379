"""Patches: where nothing can be read, because it lies beyond the scan or is dark all over."""

from __future__ import annotations

import cv2
import numpy as np

from extractors.parts import Marked, Mask, Parts, block_windows
from forms.layout import Layout

#: a patch is mostly dark, or taller than any print, inches
_SOLID = 0.6
_TALL = 1.0
#: inches across, of what is dark all over: more than any stroke or mark, less than a punch hole
_BLOT = 0.17
#: inches: looked for in so coarse a picture
_COARSE = 1 / 75
#: inches by which a blot is larger than the black block that it is
_RIM = 0.03
#: a bar is almost all dark, so many times as wide as high, and higher than any dash, inches
_BAR = (0.85, 1.2, 0.08)
#: inches across and along: no stroke is as solid; share of such ink that makes an edge of it
_EDGE = (0.025, 0.3)
#: inches: how narrow such ink may be where the scan ends beside it
_BRINK = 0.01
_MOSTLY = 0.5


def without_blocks(patches: Mask, layout: Layout, blocks: Mask, ppi: float) -> None:
    """Take from the patches what are the form's own black blocks."""
    for where in block_windows(layout, _RIM, ppi):
        if blocks[where].any():
            patches[where] = 0


def blots(ink: Mask, patches: Mask, ppi: float) -> None:
    """Mark as patches what is dark all over, however rules run through it: a punch hole, a blot."""
    step = max(1, round(_COARSE * ppi))
    size = (ink.shape[1] // step, ink.shape[0] // step)
    solid = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    # odd: what is eaten away to one side grows back on the same
    across = max(3, round(_BLOT * ppi / step) | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    inside = np.asarray(cv2.erode(solid, disc, borderValue=(0,)), np.uint8)
    if inside.any():
        blots = cv2.resize(cv2.dilate(inside, disc), ink.shape[::-1])
        np.maximum(patches, np.asarray(blots, np.uint8), out=patches)


def uncover(parts: Parts, beyond: Mask, ppi: float) -> None:
    """Part print from the dark edge that it runs into: an edge is solid over a long way.

    `beyond`: 1 where the form lies beyond the scan.
    """
    tall = round(_EDGE[1] * ppi)
    brink = np.asarray(cv2.dilate(beyond, np.ones((3, 3), np.uint8)), np.uint8)
    for i in np.nonzero(parts.stats[:, cv2.CC_STAT_HEIGHT] > _TALL * ppi)[0]:
        if i == 0:
            continue
        mine = parts.mask(i)
        x, y, w, h, _ = parts.stats[i]
        ends = bool((brink[y : y + h, x : x + w] & mine).any())
        wide = max(2, round((_BRINK if ends else _EDGE[0]) * ppi))
        solid = np.ones((tall, wide), np.uint8)
        edge = np.asarray(cv2.morphologyEx(mine, cv2.MORPH_OPEN, solid), np.uint8)
        if float(edge.sum()) < _MOSTLY * float(mine.sum()):
            continue
        edge = mine & np.asarray(cv2.dilate(edge, np.ones((3, 3), np.uint8)), np.uint8)
        parts.part(i, [edge, mine & (1 - edge)])


def darken(patches: Mask, parts: Parts, ppi: float) -> Marked:
    """Mark dark patches: what is no print, and may hide some.

    Returns: True for the bars among them, which are no higher than print.
    """
    x, y, width, height, area = parts.stats.T
    solid = area > _SOLID * width * height
    dark = (solid | (height > _TALL * ppi)) & (height > 0.3 * ppi) & (width > 0.1 * ppi)
    share, long, high = _BAR
    bars: Marked = (area > share * width * height) & (width > long * height) & (height > high * ppi)
    dark = dark | bars
    dark[0] = False
    for i in np.nonzero(dark)[0]:
        where = (slice(y[i], y[i] + height[i]), slice(x[i], x[i] + width[i]))
        patches[where] |= (parts.labels[where] == i).astype(np.uint8)
    return bars
