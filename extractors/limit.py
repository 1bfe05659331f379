"""How dark ink is: the grey below which a pixel is ink, and where print fades, place by place."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.parts import LETTER, Mask, window
from forms.layout import Layout
from models.page import Pixels

#: inches: shading and shadows vary slower than this
SHADE = 0.22
#: grey levels by which a stroke is darker than what is around it
_CONTRAST = 18
#: pixels of strokes that tell how dark a page's print is, and a part's
_ENOUGH, _SOME = 200, 150
#: the lightest grey that is ever taken for ink
_LIGHTEST = 228.0
#: every so many pixels are looked at
_STEP = 3
#: inches of a part; grey levels by which print is paler there than on most of the page, and how
#: many such parts a page has whose print fades: of 71 pages of which it doesn't none has one
_PART, _PALER, _FADING = 1.4, 30, 3
#: characters from which on a part's darkest is print
_FEW = 5
#: inches around the form's own print, which tells nothing of the claim's
_OWN = 0.03


def _limit(floor: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """The grey below which a pixel is ink, of that of full ink."""
    return np.asarray(np.clip(floor + 0.55 * (255 - floor), 120.0, _LIGHTEST), np.float64)


def _inside(layout: Layout, shape: tuple[int, ...], ppi: float) -> Mask:
    inside = np.zeros(shape, np.uint8)
    for spec in layout.fields.values():
        x0, y0, x1, y1 = (max(0, round(edge * ppi)) for edge in spec.box)
        inside[y0 : y1 + 1, x0 : x1 + 1] = 1
    return inside


def _alone(inside: Mask, layout: Layout, ppi: float) -> Mask:
    """`inside` the fields, but for what lies near to the form's own print."""
    alone = inside.copy()
    for mark in layout.preprinted:
        alone[window(mark.box, _OWN, ppi)] = 0
    for rule in layout.rules:
        alone[window((rule.x0, rule.y0, rule.x1, rule.y1), _OWN, ppi)] = 0
    return alone


def _print(grey: Pixels, alone: Mask, limit: float, ppi: float) -> bool:
    """Whether what is darker than `limit` in a part of a page is characters, and no tint's dots.

    Where it is the claim's (`alone`, every so many pixels).
    """
    claims = cv2.resize(alone, grey.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    ink = ((grey < limit) & claims).astype(np.uint8)
    width, height, area = cv2.connectedComponentsWithStats(ink)[2][1:, 2:].T
    high, low = LETTER[1] * ppi, LETTER[0] * ppi
    large = (height > low) & (height < high) & (width < 2 * high)
    return int(large.sum()) >= _FEW and bool(2 * area[large].sum() > area.sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """The grey of full ink in every part of a page, and whether enough is printed there to say."""

    floors: NDArray[np.float64]
    known: NDArray[np.bool_]

    @classmethod
    def of(
        cls, grey: Pixels, stroke: NDArray[np.bool_], alone: Mask, floor: float, ppi: float
    ) -> _Parts:
        """Of a page.

        Args:
            grey: of it.
            stroke: 1 where a stroke may be, every so many of its pixels.
            alone: 1 where it is none of the form's.
            floor: the grey of full ink on most of it.
            ppi: its pixels an inch.
        """
        small = grey[::_STEP, ::_STEP]
        side = _PART * ppi / _STEP
        rows, columns = (
            np.linspace(0, n, max(1, round(n / side)) + 1).astype(int) for n in small.shape
        )
        floors = np.zeros((len(rows) - 1, len(columns) - 1))
        known = np.zeros(floors.shape, np.bool_)
        for i, j in np.ndindex(floors.shape):
            part = (slice(rows[i], rows[i + 1]), slice(columns[j], columns[j + 1]))
            values = small[part][stroke[part] & (alone[part] > 0)]
            if len(values) < _SOME:
                continue
            floors[i, j] = np.percentile(values, 25)
            top, foot, left, right = (
                edge * _STEP for edge in (rows[i], rows[i + 1], columns[j], columns[j + 1])
            )
            limit = float(_limit(floors[i, j]))
            known[i, j] = floors[i, j] < floor + _PALER or _print(
                grey[top:foot, left:right], alone[part], limit, ppi
            )
        return cls(floors, known)

    def everywhere(self, floor: float) -> NDArray[np.float64]:
        """That grey where print fades, `floor` elsewhere; of a part without print as around it."""
        pale = self.known & (self.floors > floor + _PALER)
        if int(pale.sum()) < _FADING:
            return np.full((1, 1), floor)
        known = self.known.astype(np.float64)
        border = cv2.BORDER_CONSTANT
        near = cv2.blur(known, (3, 3), borderType=border)
        around = cv2.blur(self.floors * known, (3, 3), borderType=border)
        rest = np.where(near > 0, around / np.maximum(near, 0.01), floor)
        return np.maximum(np.where(self.known, self.floors, rest), floor)


def limits(
    grey: Pixels, layout: Layout, ppi: float, *, two_tone: bool = False
) -> tuple[Pixels, float]:
    """(the grey below which a pixel is ink, the grey of full ink).

    Weighed where the claim is printed, inside the fields: a pale ribbon on a dark form would
    otherwise be taken for paper. Where print fades across a page, so does the limit; where
    but two tones were scanned, none shows how pale it was.
    """
    small = np.ascontiguousarray(grey[::_STEP, ::_STEP])
    scale = ppi / _STEP
    inside = _inside(layout, small.shape, scale)
    side = max(3, round(SHADE * scale) | 1)
    stroke = np.asarray(cv2.subtract(cv2.blur(small, (side, side)), small) > _CONTRAST, np.bool_)
    values = small[stroke & (inside > 0)]
    if len(values) < _ENOUGH:
        values = small[stroke]
    floor = float(np.percentile(values, 25)) if len(values) else 0.0
    everywhere = np.full((1, 1), floor)
    if not two_tone:
        alone = _alone(inside, layout, scale)
        everywhere = _Parts.of(grey, stroke, alone, floor, ppi).everywhere(floor)
    found = np.ceil(_limit(everywhere)).astype(np.uint8)
    return np.asarray(cv2.resize(found, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)), floor
