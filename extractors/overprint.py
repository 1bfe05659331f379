"""Print over a black header block: darker than the block, where that is not quite black."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.parts import Mask, block_windows
from forms.layout import Layout
from models.page import Pixels

#: grey levels by which print is darker than a block at least, and times a block's own roughness
_DARKER, _ROUGH = 20.0, 3.0
#: how much of the way from the block to what is printed over it the edge of a stroke lies
_EDGE = 0.5
#: inches by which a block may be larger than drawn
_RIM = 0.02
#: inches: print within the block is as high; so far a line parts it from print below the block
_HIGH, _LINE = 0.03, 0.02


def overprint(
    grey: Pixels, blocks: Mask, rest: Mask, layout: Layout, ppi: float
) -> NDArray[np.bool_]:
    """Where print over the black blocks of a form shows; nowhere, where they are as dark as print.

    Two inks are darker than one: a block of red ink, or one that a copier made grey, lets what is
    printed over it show.

    Args:
        grey: (rows, columns) 255 paper, on the form's canvas.
        blocks: 1 where a block is dark.
        rest: 1 where other ink is, but for ruling lines.
        layout: of the form.
        ppi: pixels an inch of the canvas.
    """
    over = np.zeros(blocks.shape, np.bool_)
    for where in block_windows(layout, _RIM, ppi):
        over[where] |= _darker(grey[where], blocks[where], rest[where], ppi)
    return over


def _darker(grey: Pixels, block: Mask, rest: Mask, ppi: float) -> NDArray[np.bool_]:
    """Where print over one block shows."""
    none = np.zeros(block.shape, np.bool_)
    dark = grey[block > 0]
    if not len(dark):
        return none
    # the paler half has the rims of the white letters in it
    level, middle = np.percentile(dark, (25, 50))
    limit = level - max(_DARKER, _ROUGH * float(middle - level))
    core = dark[dark < limit]
    if not len(core):
        return none
    limit = level - _EDGE * (level - float(np.median(core)))
    over = np.asarray(block & (grey < limit), np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(over)
    print_ = stats[:, cv2.CC_STAT_HEIGHT] >= _HIGH * ppi
    near = cv2.dilate(rest, np.ones((2 * max(1, round(_LINE * ppi)) + 1, 1), np.uint8))
    print_[labels[near > 0]] = True
    print_[0] = False
    return np.asarray(print_[labels], np.bool_)
