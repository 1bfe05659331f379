"""Lay a form on print seen askew: a camera shows one end of a page smaller than the other.

`register_print` lays a form flat. Where that fits badly, its corners are moved, one by one and
together, until print lies where fields are: first on a blurred map, which pulls from afar.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.layout import PAPER
from intake.register_print import Placed, odds_at, odds_map
from intake.template import apply
from models.page import Matrix

#: log odds a letter from which on print lies well; and that seeing it askew has to gain
_WELL, _GAIN = 1.6, 0.2
#: what the first way has to gain, or the page lies flat
_HOPE = 0.1
#: inches by which a corner lies off at most
_FARTHEST = 1.2
#: ways from far to near: (points of the raster by which the map is blurred, inches of a step)
_WAYS = (
    ((8.0, 0.3), (0.0, 0.06)),
    ((12.0, 0.3), (6.0, 0.16), (0.0, 0.04)),
    ((4.0, 0.16), (0.0, 0.04)),
)
#: inches: no smaller step is tried
_FINEST = 0.006
#: the sheet's corners, inches, around it
_CORNERS = np.array([(0, 0), (PAPER[0], 0), PAPER, (0, PAPER[1])], np.float64)


def _moves() -> NDArray[np.float64]:
    """Steps of the corners, (n, 4, 2): each alone, neighbours alike and against, all of them."""
    one = np.eye(8).reshape(8, 4, 2)
    moves = [*one]
    for a, b in itertools.pairwise((0, 1, 2, 3, 0)):
        for axis in (0, 1):
            moves += [one[2 * a + axis] + sign * one[2 * b + axis] for sign in (1, -1)]
    moves += [np.asarray(one[axis::2].sum(axis=0)) for axis in (0, 1)]
    return np.array([sign * move for move in moves for sign in (1, -1)], np.float64)


_MOVES = _moves()


def _warp(off: NDArray[np.float64]) -> Matrix:
    """Inches as laid to inches of the form, whose corners lie `off` so many of them."""
    source, target = (np.asarray(c, np.float32) for c in (_CORNERS, _CORNERS + off))
    return np.asarray(cv2.getPerspectiveTransform(source, target), np.float64)


def _odds(at: NDArray[np.float64], off: NDArray[np.float64], odds: NDArray[np.float32]) -> float:
    return float(odds_at(odds, apply(_warp(off), at)).sum(dtype=np.float64))


def _climbed(
    at: NDArray[np.float64], off: NDArray[np.float64], odds: NDArray[np.float32], step: float
) -> NDArray[np.float64]:
    """The corners moved for as long as print lies better."""
    best = _odds(at, off, odds)
    while step > _FINEST:
        tried = [_odds(at, off + move * step, odds) for move in _MOVES]
        top = int(np.argmax(tried))
        if tried[top] > best:
            off, best = off + _MOVES[top] * step, tried[top]
        else:
            step /= 2
    return off


def askew(placed: Placed, points: NDArray[np.float64]) -> Placed:
    """A form laid as a camera may have seen it, where print lies clearly better then.

    A page whose fields are filled as no claim's are, half a one or a letter, stays as it is.

    Args:
        placed: the form laid flat.
        points: middles of the letters, pixels of the small picture.
    """
    if placed.odds > _WELL * placed.letters or placed.filled < 0:
        return placed
    at = apply(np.asarray(np.linalg.inv(placed.to_small), np.float64), points)
    sharp = odds_map(placed.form)
    best, corners = placed.odds, np.zeros((4, 2))
    for way in _WAYS:
        off = np.zeros((4, 2))
        for blur, step in way:
            blurred = sharp if blur == 0 else cv2.GaussianBlur(sharp, (0, 0), blur)
            off = _climbed(at, off, np.asarray(blurred, np.float32), step)
        odds = _odds(at, off, sharp)
        if odds > best and np.abs(off).max() < _FARTHEST:
            best, corners = odds, off
        if best < placed.odds + _HOPE * placed.letters:
            return placed
    if best < placed.odds + _GAIN * placed.letters:
        return placed
    laid = placed.to_small @ np.linalg.inv(_warp(corners))
    return replace(placed, to_small=np.asarray(laid / laid[2, 2], np.float64), odds=best)
