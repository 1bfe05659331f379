"""Marks over the edge of a check box, which the edge cuts into pieces as small as its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from extractors.parts import Marked, Parts
from forms.layout import Layout

#: inches: a piece of a mark is no wider and no higher
_PIECE = 0.1
#: inches from the edge within which a piece of a mark over it begins, and from its ends
_TOUCHES, _PAST = 0.03, 0.05
#: inches that a mark reaches along the edge, and no more: the stubs of two edges lie further apart
_ALONG = (0.05, 0.145)
#: inches that it reaches to both sides of the edge; or to one, and is not at a corner of the box:
#: the rest of it is one with a word of the form
_ACROSS, _ASIDE, _CORNER = 0.015, 0.025, 0.012
#: square inches: less ink is dust
_DUST = 0.0004
#: share of a piece that is one of the form's words
_WORDS = 0.5


def _edges(layout: Layout) -> Iterator[tuple[bool, float, float, float]]:
    """(whether upright, where, from, to) of every edge of a check box, inches."""
    for mark in layout.preprinted:
        if mark.what == "box":
            x0, y0, x1, y1 = mark.box
            yield from ((True, x0, y0, y1), (True, x1, y0, y1))
            yield from ((False, y0, x0, x1), (False, y1, x0, x1))


def crossed(
    parts: Parts, gone: Marked, words: NDArray[np.bool_], layout: Layout, ppi: float
) -> Marked:
    """True for pieces of a mark that lies over the edge of a check box.

    An X whose middle is on the edge loses it with the edge: what is left of it are four pieces
    that touch a line of the form, as what is left of the line does. But they reach as far from it
    as a mark.

    Args:
        parts: components of the ink, the form's lines taken out.
        gone: True for those that are taken for the form's own print.
        words: True where the form prints captions or black blocks.
        layout: of the form.
        ppi: pixels an inch.
    """
    left, top, width, height, area = (parts.stats[:, i] / ppi for i in range(5))
    area = area / ppi
    small = gone & (area > 0) & (width < _PIECE) & (height < _PIECE)
    small[0] = False
    small &= parts.share(words) < _WORDS
    which = np.nonzero(small)[0]
    found = np.zeros(len(gone), np.bool_)
    x, y = np.stack([left, left + width])[:, which], np.stack([top, top + height])[:, which]
    for upright, where, first, last in _edges(layout):
        across, along = (x, y) if upright else (y, x)
        near = (across[0] < where + _TOUCHES) & (across[1] > where - _TOUCHES)
        near &= (along[0] > first - _PAST) & (along[1] < last + _PAST)
        mine = np.nonzero(near)[0]
        if area[which[mine]].sum() < _DUST:
            continue
        start, stop = along[0, mine].min(), along[1, mine].max()
        before, after = where - across[0, mine].min(), across[1, mine].max() - where
        within = start > first + _CORNER and stop < last - _CORNER
        wide = min(before, after) > _ACROSS or (within and max(before, after) > _ASIDE)
        if _ALONG[0] < stop - start < _ALONG[1] and wide:
            found[which[mine]] = True
    return found
