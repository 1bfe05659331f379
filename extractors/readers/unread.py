"""Ink that stands in a strip like a character, and of which a reader says nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from extractors.sighting import Sighting
from models.page import Pixels

#: grey below which a pixel is ink
_INK = 140
#: shares of the strip's height, and of its square: lower ink, or less, is no character
_TALL, _ENOUGH = 0.5, 0.03


def standing(pixels: Pixels) -> NDArray[np.int64]:
    """What stands alone and is as tall as a character: (n, 2) its first column, the one after it.

    Args:
        pixels: (height, width) grey, of one line of print.
    """
    ink = pixels < _INK
    inked = np.concatenate([[False], ink.any(axis=0), [False]])
    first, last = np.flatnonzero(np.diff(inked.astype(np.int8))).reshape(-1, 2).T
    if not len(first):
        return np.zeros((0, 2), np.int64)
    height = len(ink)
    # of paper between two: neither higher nor lower than anything
    top = np.where(inked[1:-1], ink.argmax(axis=0), height)
    foot = np.where(inked[1:-1], height - ink[::-1].argmax(axis=0), 0)
    high = np.maximum.reduceat(foot, first) - np.minimum.reduceat(top, first)
    much = np.add.reduceat(ink.sum(axis=0), first)
    tall = (high > _TALL * height) & (much > _ENOUGH * height * height)
    return np.stack([first[tall], last[tall]], axis=1)


def unread(pixels: Pixels, seen: Sighting, characters: NDArray[np.int64] | None = None) -> float:
    """How far the nearest character is from ink that stands where none was read, in heights.

    0 where all that stands like a character lies over one; half the strip's width, and no less
    than 1, where nothing was read at all.

    Args:
        pixels: (height, width) grey, of one line of print.
        seen: what a reader saw on it.
        characters: `standing` of it, where that is known.
    """
    characters = standing(pixels) if characters is None else characters
    if not len(characters):
        return 0.0
    height, width = pixels.shape
    read = [(p.x0, p.x1) for p in seen.positions if p.chars and p.chars[0][0].strip()]
    if not read:
        return float(max(1.0, width / height / 2))
    at = np.array(read) * width
    apart = np.maximum(at[:, 0] - characters[:, 1, None], characters[:, 0, None] - at[:, 1])
    return float(max(0.0, apart.min(axis=1).max()) / height)
