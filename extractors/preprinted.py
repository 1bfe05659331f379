"""The form's own print among the ink: captions, black blocks, parentheses, check boxes' edges.

What of it is told by where it is printed, and by how print differs that runs over it; ruling lines
are `extractors.rules`.
"""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.boxes import crossed
from extractors.parens import Bow, bow
from extractors.parts import Marked, Mask, Parts, typical, window
from forms.layout import PAPER, Layout, Preprinted

#: inches around a caption within which its ink may lie
_CAPTION_SLACK = 0.02
#: inches: parentheses are narrower and taller than this, and their strokes thinner
_PAREN = (0.07, 0.12)
_THIN = 0.018
_BENT = 0.025
_LONG = 0.14
_REMAINS = 0.06
#: share of its ink by which a block is one, and a piece lies on the edge of a check box
_SOLID, _MOSTLY = 0.6, 0.5
#: a component with a smaller share of its ink outside captions is a caption
_CAPTION_FREE = 0.15
#: inches, and times, by which a caption's ink may be higher than measured; beyond, it is print
_TALLER = 0.02
_HIGHER = 1.3
#: a caption with that share of ink in its box shows; and the share of them that has to
_INKED = 0.035
_SHOWN = 0.25
#: inches: captions are wider and higher
_DASH = 0.03
#: inches: what is smaller and touches a ruling line is a stump of it
_STUMP = 0.036
#: the same around what is printed beside the form's frame
_MARGIN_SLACK = 0.035
#: inches to either side of a check box's edge; share of its ink by which a piece lies on it
_BOX_EDGE = 0.02
_ALL = 0.9
#: inches: captions are lower; what is as high as a character and lies so far outside is none
_LEGEND = 0.08
_SAME = 0.13
_ALIKE = (0.82, 1.3)
_BESIDE = 0.25
_BROAD = 1.5


def _stroke(mark: Preprinted) -> bool:
    """Whether a mark is an upright stroke: a dash between columns, or a parenthesis."""
    x0, y0, x1, y1 = mark.box
    return mark.what == "mark" and x1 - x0 < _PAREN[0] and y1 - y0 > _PAREN[1]


def _paren(mark: Preprinted) -> bool:
    """Whether a mark is a parenthesis around an area code: it is bent."""
    x0, y0, x1, y1 = mark.box
    return _stroke(mark) and x1 - x0 > _BENT and y1 - y0 > _LONG


def sides(layout: Layout) -> tuple[float, float]:
    """Left and right edge of the form's frame, inches."""
    return min(rule.x0 for rule in layout.rules), max(rule.x1 for rule in layout.rules)


def caption_mask(
    layout: Layout,
    shape: tuple[int, int],
    ppi: float,
    followed: Collection[Preprinted],
    around: float = 1.0,
    *,
    rough: bool = False,
) -> Mask:
    """Where the form prints captions and black blocks: pixels that their ink is high, else 0.

    `followed`: parentheses of which nothing is left; `around`: how much of the usual slack to
    leave around each; `rough`: the page is of two tones, whose row numbers are as ragged as dirt.
    """
    mask = np.zeros(shape, np.uint8)
    left, right = sides(layout)
    for mark in layout.preprinted:
        if mark.what == "box" or mark in followed:
            continue
        short, long = sorted((mark.box[2] - mark.box[0], mark.box[3] - mark.box[1]))
        slack = _CAPTION_SLACK
        if short < _DASH < 2 * _DASH < long:
            # a dash stands between characters: what is wider than it is print
            slack *= 0.4
        elif mark.box[2] < left or mark.box[0] > right:
            # row numbers beside the frame: nothing is printed there
            slack = _MARGIN_SLACK
        where = window(mark.box, slack * around, ppi)
        if mark.box[2] < left and not rough:  # print may begin on the frame's own line
            right = max(left, mark.box[2] + _CAPTION_SLACK * around)
            where = where[0], slice(where[1].start, min(where[1].stop, round(right * ppi)))
        tall = (mark.box[3] - mark.box[1]) * _HIGHER + _TALLER
        # what is left of a parenthesis is lower than what is printed beside it
        high = min(255, round((_REMAINS if _paren(mark) else tall) * ppi))
        np.maximum(mask[where], high, out=mask[where])
    return mask


def captions_show(ink: Mask, layout: Layout, ppi: float) -> bool:
    """Whether the form's captions are in the ink; a scanner may have dropped their colour."""
    shown = []
    for mark in layout.preprinted:
        x0, y0, x1, y1 = mark.box
        if mark.what == "mark" and min(x1 - x0, y1 - y0) > _DASH:
            where = (
                slice(round(y0 * ppi), round(y1 * ppi)),
                slice(round(x0 * ppi), round(x1 * ppi)),
            )
            shown.append(bool(ink[where].size) and float(ink[where].mean()) > _INKED)
    return sum(shown) > _SHOWN * len(shown)


def solids(ink: Mask, layout: Layout, ppi: float) -> tuple[Mask, Mask, dict[Preprinted, Bow]]:
    """1 where `ink` is a black header block; the thin parenthesis of an area code.

    And those that were followed from end to end, where they run.
    """
    taken, thin = np.zeros_like(ink), np.zeros_like(ink)
    followed: dict[Preprinted, Bow] = {}
    bold = max(3, round(_THIN * ppi))
    for mark in layout.preprinted:
        x0, y0, x1, y1 = mark.box
        stroke = _stroke(mark)
        if not stroke and mark.what != "block":
            continue
        where = (
            slice(max(0, round(y0 * ppi) - 2), round(y1 * ppi) + 1),
            slice(max(0, round(x0 * ppi) - 2), round(x1 * ppi) + 2),
        )
        inside = ink[where]
        if not inside.size:
            continue
        if _paren(mark) and (found := bow(ink, mark.box, ppi)) is not None:
            followed[mark] = found
            thin[found[0]] |= found[1]
        elif stroke:
            strokes = cv2.morphologyEx(inside, cv2.MORPH_OPEN, np.ones((1, bold), np.uint8))
            thin[where] |= inside & (1 - np.asarray(strokes, np.uint8))
        elif float(inside.mean()) > _SOLID:  # else a copy that lost its blocks
            taken[where] |= inside
    return taken, thin, followed


def caption_parts(
    parts: Parts, taken: Mask, captions: Mask, bare: NDArray[np.bool_], ppi: float
) -> tuple[Marked, Marked]:
    """(components that are captions or stumps of ruling lines, those that are stumps alone).

    `captions`: with slack; `bare`: without.
    """
    free = parts.share(captions == 0)
    width, height = parts.stats[:, cv2.CC_STAT_WIDTH], parts.stats[:, cv2.CC_STAT_HEIGHT]
    small = (width < _STUMP * ppi) & (height < _STUMP * ppi)
    rim = cv2.dilate(taken, np.ones((3, 3), np.uint8))
    touched = np.zeros(len(parts.stats), np.bool_)
    touched[parts.of_ink()[rim.ravel()[parts.inked] > 0]] = True
    gone = np.asarray((free < _CAPTION_FREE) | (small & touched), np.bool_)
    gone[0] = False
    high = np.zeros(len(parts.stats))
    for i in np.nonzero(gone & (width > 0))[0]:
        x, y, w, h, _ = parts.stats[i]
        high[i] = captions[y : y + h, x : x + w].max()
        if h > high[i]:
            # print over a caption
            gone[i] = small[i] and touched[i]
    usual = typical(height[~gone] / ppi) * ppi
    if usual > _LEGEND * ppi:
        # a character as high as the others; one about as high, beside a caption
        legend = (high - _TALLER * ppi) / _HIGHER
        same = np.abs(height - usual) < _SAME * usual
        same &= (legend < height / _HIGHER) | (legend > _HIGHER * usual)
        like = (height > _ALIKE[0] * usual) & (height < _ALIKE[1] * usual)
        like &= parts.share(~bare) > _BESIDE
        gone &= ~((same | like) & (width < _BROAD * usual))
    return gone, gone & small & touched & (free >= _CAPTION_FREE)


def _edges(parts: Parts, layout: Layout, ppi: float) -> Marked:
    """True for components on the edges of check boxes, thin or with nothing elsewhere: pieces."""
    edges = np.zeros(parts.labels.shape, np.uint8)
    wide = max(1, round(2 * _BOX_EDGE * ppi))
    for mark in layout.preprinted:
        if mark.what == "box":
            x0, y0, x1, y1 = (round(v * ppi) for v in mark.box)
            cv2.rectangle(edges, (x0, y0), (x1, y1), 1, wide)
    thin = parts.stats[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_AREA].min(axis=1) < _BOX_EDGE * ppi
    share = parts.share(edges > 0)
    return np.asarray((thin & (share > _MOSTLY)) | (share > _ALL), np.bool_)


def with_edges(
    parts: Parts, own: Marked, stumps: Marked, words: NDArray[np.bool_], layout: Layout
) -> tuple[Marked, Marked]:
    """`own` and `stumps` with pieces of check boxes' edges, without those of marks over them."""
    ppi = parts.labels.shape[1] / PAPER[0]
    edges = _edges(parts, layout, ppi)
    own, stumps = own | edges, stumps & ~edges
    over = crossed(parts, own, words, layout, ppi)
    return own & ~over, stumps & ~over
