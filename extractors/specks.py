"""What is no print of the claim, and the specks that are: commas, pieces of broken characters."""

from __future__ import annotations

import cv2
import numpy as np

from extractors.parts import LETTER, Marked, Mask, Parts

#: square inches: smaller specks are dust
_SPECK = 0.00012
#: but for those that stand as a comma does, or a hyphen: square inches from which on; inches that
#: they are behind a character, above and below its foot; inches to the next
_MARK = 0.00004
_BEHIND, _ABOVE, _BELOW = 0.09, 0.02, 0.05
_ONWARD = 0.3
#: inches free between the two, and times the gaps that are usual around them, within so many inches
_CLEAR, _WIDER, _AROUND = 0.03, 1.7, 0.6
#: inches by which the character before may hang over a comma
_HANGS = 0.02
#: a hyphen is so many times as wide as high; between which shares of its neighbours' height
_FLAT = 1.8
_MID = (0.35, 0.7)
#: so many specks are dirt all over: none is told from another
_MANY = 5000
#: inches across and down: pieces of a word are no farther from each other
_NEAR = (0.07, 0.024)
#: inches by which a stroke goes on beyond a line
_HANGING = 0.014
#: share of a word's ink that is specks where its characters are broken; and where they are no
#: word at all
_BROKEN, _ALL = 0.06, 0.7


def _dust(parts: Parts, ppi: float) -> Marked:
    """True for components that are as small as dust."""
    return np.asarray(parts.stats[:, cv2.CC_STAT_AREA] < _SPECK * ppi * ppi, np.bool_)


def _marks(parts: Parts, gone: Marked, ppi: float) -> Marked:
    """True for specks that stand as a comma, a point or a hyphen does.

    A fax leaves two pixels of one: behind the foot of a character, or flat at the middle of its
    height, in a gap too wide for two letters of a word.
    """
    x, y, width, height, area = (parts.stats[:, i] / ppi for i in range(5))
    found = np.zeros(len(x), np.bool_)
    area = area / ppi
    specks = np.nonzero((area < _SPECK) & (area >= _MARK) & (area * ppi * ppi > 1))[0]
    tall = np.nonzero(~gone & (height > LETTER[0]) & (height < LETTER[1]))[0]
    if not len(tall) or len(specks) > _MANY:
        return found
    left, right, top, foot = x[tall], (x + width)[tall], y[tall], (y + height)[tall]
    pixel = 1 / ppi
    for i in specks:
        middle = y[i] + height[i] / 2
        low = (middle > foot - _ABOVE) & (middle < foot + _BELOW)
        share = (middle - top) / (foot - top)
        middling = (share > _MID[0]) & (share < _MID[1])
        row = low | (middling & (width[i] > _FLAT * height[i]))
        before = row & (right <= x[i] + _HANGS) & (right > x[i] - _BEHIND)
        after = row & (left >= x[i] + width[i] - pixel) & (left < x[i] + _ONWARD)
        across = row & (left < x[i]) & (right > x[i] + width[i])
        if not before.any() or not after.any() or across.any():
            continue
        gap = left[after].min() - right[before].max()
        beside = np.nonzero(
            (left < x[i] + _AROUND)
            & (right > x[i] - _AROUND)
            & (foot > middle - LETTER[0])
            & (top < middle + LETTER[0])
        )[0]
        beside = beside[np.argsort(left[beside])]
        gaps = left[beside][1:] - right[beside][:-1]
        gaps = gaps[(gaps > 0) & (gaps < gap)]
        usual = float(np.median(gaps)) if len(gaps) else 0.0
        found[i] = gap > max(_CLEAR, _WIDER * usual)
    return found


def _hanging(parts: Parts, taken: Mask, stumps: Marked, ppi: float) -> Marked:
    """True for stumps that go farther from the line than what is left of the line itself.

    Args:
        parts: the components.
        taken: 1 where ink was taken away as the form's own.
        stumps: True for small components that touch it.
        ppi: pixels an inch.
    """
    found = np.zeros_like(stumps)
    rim = np.pad(taken, 1)
    for i in np.nonzero(stumps)[0]:
        x, y, w, h, _ = parts.stats[i]
        level = rim[y : y + h + 2 : h + 1, x + 1 : x + w + 1].any()
        upright = rim[y + 1 : y + h + 1, x : x + w + 2 : w + 1].any()
        found[i] = min(h if level else w, w if upright else h) >= _HANGING * ppi
    return found


def _pieces(parts: Parts, ink: Mask, small: Marked, own: Marked, ppi: float) -> Marked:
    """True for specks that are pieces of broken characters.

    A weak ribbon or a threshold leaves dots of a stroke, each as small as dust. Dust lies
    anywhere; where specks are a good part of a word's ink, and the word as high as print, they
    are its strokes.

    Args:
        parts: the components of `ink`.
        ink: 1 where it is.
        small: True for specks.
        own: True for the form's own print.
        ppi: pixels an inch.
    """
    specks = small & ~own
    specks[0] = False
    if not specks.any():
        return specks
    of = parts.of_ink()
    print_ = ~own[of] & (of > 0)
    where, of = parts.inked[print_], of[print_]
    near = np.zeros_like(ink)
    near.ravel()[where] = 1
    across, down = (round(v * ppi / 2) * 2 + 1 for v in _NEAR)
    near = np.asarray(cv2.dilate(near, np.ones((down, across), np.uint8)), np.uint8)
    try:  # half the memory, but room for no more than 65,535
        count, words = cv2.connectedComponents(near, connectivity=8, ltype=cv2.CV_16U)
    except cv2.error:
        count, words = cv2.connectedComponents(near, connectivity=8)
    word_of = np.zeros(len(small), np.int32)
    word_of[of] = words.ravel()[where]
    area = parts.stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    area[own] = 0
    area[0] = 0
    all_ = np.bincount(word_of, area, count)
    little = np.bincount(word_of, np.where(specks, area, 0), count)
    top, foot = np.full(count, ink.shape[0]), np.zeros(count, np.int64)
    solid = ~small & ~own & (area > 0)
    np.minimum.at(top, word_of[solid], parts.stats[solid, cv2.CC_STAT_TOP])
    np.maximum.at(
        foot,
        word_of[solid],
        (parts.stats[:, cv2.CC_STAT_TOP] + parts.stats[:, cv2.CC_STAT_HEIGHT])[solid],
    )
    high = (foot - top) / ppi
    broken = (little > _BROKEN * all_) & (little < _ALL * all_)
    broken &= (high > LETTER[0]) & (high < 2 * LETTER[1])
    return np.asarray(specks & broken[word_of], np.bool_)


def not_print(
    parts: Parts, ink: Mask, taken: Mask, own: Marked, stumps: Marked, ppi: float
) -> Marked:
    """True for components that are the form's own print, or dust.

    Args:
        parts: the components of `ink`.
        ink: 1 where it is.
        taken: 1 where ink was taken away as the form's own.
        own: True for what looks like the form's own print.
        stumps: True for those among it that are small and touch a line, and may be strokes.
        ppi: pixels an inch.
    """
    small = _dust(parts, ppi)
    strokes = stumps & _hanging(parts, taken, stumps, ppi)
    kept = _pieces(parts, ink, small | strokes, own & ~strokes, ppi)
    kept = kept | (_marks(parts, small | own, ppi) & ~own)
    return np.asarray((own | small) & ~kept, np.bool_)
