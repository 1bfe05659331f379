"""Characters that a scan or a ribbon broke into pieces, one above the other, made whole."""

from __future__ import annotations

import numpy as np

from extractors.parts import Parts, typical

#: inches: how high characters are where too few tell
_USUAL = 0.1
#: of a page's characters the height that three in four don't pass: broken ones are lower
_HIGH = 75
#: a piece is lower than that share of a character; the whole no higher and no wider than these
_PIECE = 0.75
_WHOLE, _BROAD = 1.15, 1.3
#: inches: what is narrower may be what is left of a column's rule
_NARROW = 0.025
#: inches between pieces, and the share of the narrower one that lies under or over the other
_APART = 0.022
_OVER = 0.5


def mend(parts: Parts, ppi: float) -> None:
    """Take pieces of one character for one component.

    A streak, a faint ribbon or a threshold parts the upper half of an 8 from its lower one: each
    alone is no character, and would be handed to its field, or left out of its line, alone.
    """
    left, top, width, height, area = (parts.stats[:, i] / ppi for i in range(5))
    usual = typical(height[area > 0], _HIGH) or _USUAL
    fits = (area > 0) & (width < _BROAD * usual) & (height < _WHOLE * usual)
    fits[0] = False
    low = np.nonzero(fits & (height < _PIECE * usual))[0]
    others = np.nonzero(fits)[0]
    others = others[np.argsort(left[others], kind="stable")]
    edges = left[others]
    pairs: list[tuple[float, int, int]] = []
    for i in low.tolist():
        # nothing that fits begins farther to the left and still reaches it
        first = np.searchsorted(edges, left[i] - _BROAD * usual)
        last = np.searchsorted(edges, left[i] + width[i])
        near = others[first:last]
        shared = np.minimum(left[near] + width[near], left[i] + width[i])
        shared -= np.maximum(left[near], left[i])
        gap = np.maximum(top[near] - (top[i] + height[i]), top[i] - (top[near] + height[near]))
        close = (shared > _OVER * np.minimum(width[near], width[i])) & (gap < _APART)
        pairs.extend((float(gap[k]), i, int(near[k])) for k in np.nonzero(close)[0] if near[k] != i)
    whole = np.arange(len(area))
    boxes = np.stack([left, top, left + width, top + height], axis=1)

    def root(i: int) -> int:
        while whole[i] != i:
            i = int(whole[i])
        return i

    for _, i, j in sorted(pairs):
        one, other = root(i), root(j)
        if one == other:
            continue
        first_corner = np.minimum(boxes[one, :2], boxes[other, :2])
        last_corner = np.maximum(boxes[one, 2:], boxes[other, 2:])
        wide, high = last_corner - first_corner
        if _NARROW < wide < _BROAD * usual and high < _WHOLE * usual:
            whole[other] = one
            boxes[one] = [*first_corner, *last_corner]
    parts.join(np.array([root(i) for i in range(len(whole))]))
