"""Which way up running text lies: its lines, and the side of them that is level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intake.letters import centres, lean
from intake.template import TURNS

#: small pixels to the right in which the next letter of a word begins
_NEXT = 12.0
#: twice the small pixels from line to line of small print
_LINE = 20.0
#: by how much the feet of letters must be rougher than their heads, to turn a page over
_ROUGHER = 1.0


def level(marks: NDArray[np.float64], turns: int) -> NDArray[np.float64]:
    """Boxes as they lie once the page has been turned: (n, 4), about the picture's corner."""
    flat = TURNS[turns]
    one, two = marks[:, :2] @ flat, marks[:, 2:] @ flat
    return np.concatenate([np.minimum(one, two), np.maximum(one, two)], axis=1)


def upright(marks: NDArray[np.float64], fine: NDArray[np.float64]) -> tuple[int, float]:
    """Quarter turns clockwise that put text upright, and how clearly there are lines of text.

    Figures and capitals alone say little about what is up.

    In a line of Latin text most letters stand on the line, and fewer end at one height: feet
    are level, heads are not.

    Args:
        marks: boxes of letters (`intake.letters.boxes`).
        fine: the same, measured more finely.

    Returns:
        The turns, and by how much more its lines stand out than its columns, 1 and up.
    """
    points = centres(marks)
    slope, sharp = lean(points)
    slope_down, sharp_down = lean(points[:, ::-1])
    sideways = sharp_down > sharp
    turns = 1 if sideways else 0
    boxes = level(fine, turns)
    tilt = -slope_down if sideways else slope
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    heads, feet = boxes[:, 1] - tilt * middle, boxes[:, 3] - tilt * middle
    order = np.lexsort((boxes[:, 0], np.rint((heads + feet) / _LINE)))
    before, after = order[:-1], order[1:]
    gap = boxes[after, 0] - boxes[before, 2]
    off = np.abs(heads[after] + feet[after] - heads[before] - feet[before])
    beside = (gap > -_NEXT / 6) & (gap < _NEXT) & (off < _LINE / 2)
    rough_heads = float(np.abs(heads[after] - heads[before])[beside].sum())
    rough_feet = float(np.abs(feet[after] - feet[before])[beside].sum())
    clear = max(sharp, sharp_down) / max(min(sharp, sharp_down), 1e-9)
    return (turns + 2 if rough_feet > _ROUGHER * rough_heads else turns), clear
