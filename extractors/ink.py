"""The ink of a claim: a page laid on its form, the form's own print taken away.

The page is resampled once onto the form's inches (the *canvas*), evened out to black on white,
and cleared of rules and captions without eating the print that crosses them. What is left is
cut into connected components, which `extractors.place` hands to the fields.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.channel import one_channel
from extractors.creases import without_creases
from extractors.limit import SHADE, limits
from extractors.mend import mend
from extractors.overprint import overprint
from extractors.parts import Mask, Parts
from extractors.patches import blots, darken, uncover, without_blocks
from extractors.preprinted import (
    caption_mask,
    caption_parts,
    captions_show,
    sides,
    solids,
    with_edges,
)
from extractors.rules import ruling
from extractors.specks import not_print
from extractors.streaks import without_streaks
from extractors.stuck import stuck
from extractors.unstick import unstick
from forms.layout import PAPER, Layout
from intake.halftone import halftoned, shaded, two_toned
from models.bend import Bend
from models.page import Matrix, PageImage, Pixels, Registration

#: pixels an inch: nothing is read better above it
_MAX_PPI = 300.0
_MIN_PPI = 100.0
#: share of the page's own paper under which nothing is paper in the shade
_BLACKED = 0.35
#: pixels of the canvas from which to which a bent sheet is taken for straight
_MESH = 16


#: (rows, columns) pixels of a scan, not whole ones
Course: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A page laid on its form.

    Attributes:
        grey: (rows, columns) evened out, 255 paper, 0 ink, the form's print still in it.
        darkest: of a colour page the darkest of its colours, in which ink of every colour shows.
        ink: 1 where the claim's own ink is.
        taken: 1 where ink was taken away as the form's own print, or as a streak.
        ruled: 1 where that print was a ruling line, which print may have run along.
        blocks: 1 where it was a black block, which hides what is printed over it.
        lines: (rows, columns) the ruling lines as they would look with nothing printed over them,
            255 elsewhere, and where nothing would show through.
        patches: 1 where nothing can be read: beyond the scan, dark all over, or under a note.
        strokes: 1 where something pale and level was divided out that may be a pen's stroke; None
            where nothing was.
        labels: component of each pixel, 0 for none.
        boxes: (components + 1, 5) x, y, width, height, area of each component.
        ppi: pixels an inch.
        to_scan: canvas pixels to pixels of the page as scanned, where it lies flat.
        bend: how the sheet lies off a flat one.
        floor: grey of the darkest ink, for weighing strokes.
        two_tone: nothing between black and white was scanned.
    """

    grey: Pixels
    darkest: Pixels | None
    ink: Mask
    taken: Mask
    ruled: Mask
    blocks: Mask
    lines: Pixels
    patches: Mask
    strokes: Mask | None
    labels: NDArray[np.int32]
    boxes: NDArray[np.int32]
    ppi: float
    to_scan: Matrix
    bend: Bend | None
    floor: float
    two_tone: bool

    def px(self, inches: float) -> int:
        """Inches in whole pixels, at least 1."""
        return max(1, round(inches * self.ppi))

    def scanned(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels of the canvas, (n, 2), in pixels of the page as scanned."""
        if self.bend is not None:
            points = self.bend.bent(points / self.ppi) * self.ppi
        return np.asarray(cv2.perspectiveTransform(points[None], self.to_scan)[0], np.float64)

    def among(self, labels: NDArray[np.int32], parts: Sequence[int]) -> NDArray[np.bool_]:
        """Where `labels` are those of `parts`."""
        found = np.zeros(len(self.boxes), np.bool_)
        found[parts] = True
        return np.asarray(found[labels], np.bool_)


def _resolution(to_scan: Matrix) -> float:
    """Pixels an inch of the scan, the finer direction, in the middle of the form."""
    middle = np.array([[4.25, 5.5, 1.0], [5.25, 5.5, 1.0], [4.25, 6.5, 1.0]]) @ to_scan.T
    points = middle[:, :2] / middle[:, 2:]
    return float(max(np.hypot(*(points[1] - points[0])), np.hypot(*(points[2] - points[0]))))


def _even(grey: Pixels, patches: Mask, ppi: float) -> Pixels:
    """Shading divided out, paper at 255; pages of two tones pass unchanged.

    Marks as patches what is darker than any shade on paper: it comes out white.
    """
    small = cv2.resize(grey, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    side = max(3, round(SHADE * ppi / 8) | 1)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    paper = cv2.GaussianBlur(paper, (side | 1, side | 1), 0)
    if float(paper.min()) >= 250:  # noqa: PLR2004 - white all over
        return grey
    hidden = (paper < _BLACKED * float(np.median(paper))).astype(np.uint8)
    if hidden.any():
        larger = cv2.resize(hidden, grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
        np.maximum(patches, np.asarray(larger, np.uint8), out=patches)
    paper = cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(grey, np.maximum(paper, 1), scale=255), np.uint8)


def _bent(bend: Bend, warp: Matrix, size: tuple[int, int], ppi: float) -> tuple[Course, Course]:
    """Where each pixel of a canvas lies on a scan of a sheet that isn't flat: columns, rows."""
    # the middles of cells, one more at each end
    x, y = ((np.arange(-1, math.ceil(side / _MESH) + 1) + 0.5) * _MESH - 0.5 for side in size)
    mesh = np.stack([c.ravel() for c in np.meshgrid(x, y)], axis=1)
    flat = (bend.bent(mesh / ppi) * ppi)[None]
    seen = cv2.perspectiveTransform(flat, warp)[0].reshape(len(y), len(x), 2).astype(np.float32)
    whole = (len(x) * _MESH, len(y) * _MESH)
    inside = (slice(_MESH, _MESH + size[1]), slice(_MESH, _MESH + size[0]))
    columns, rows = (
        np.asarray(
            cv2.resize(np.ascontiguousarray(part), whole, interpolation=cv2.INTER_LINEAR)[inside],
            np.float32,
        )
        for part in (seen[..., 0], seen[..., 1])
    )
    return columns, rows


def _laid(
    grey: Pixels, registration: Registration, ppi: float, native: float
) -> tuple[Pixels, Mask]:
    """(the page on the form's inches, 1 where the form lies beyond the scan)."""
    to_scan = registration.to_scan @ np.diag([1 / ppi, 1 / ppi, 1.0])
    size = (round(PAPER[0] * ppi), round(PAPER[1] * ppi))
    warp = to_scan
    if native > 1.4 * ppi:  # a finer scan: average, don't skip pixels
        shrink = ppi / native
        grey = np.asarray(
            cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
        )
        warp = np.diag([shrink, shrink, 1.0]) @ to_scan
    paper = np.zeros(grey.shape, np.uint8)
    if registration.bend is not None:
        columns, rows = _bent(registration.bend, warp, size, ppi)
        laid = cv2.remap(grey, columns, rows, cv2.INTER_LINEAR, borderValue=(255,))
        beyond = cv2.remap(paper, columns, rows, cv2.INTER_LINEAR, borderValue=(1,))
        return np.asarray(laid, np.uint8), np.asarray(beyond, np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpPerspective(
        grey, warp, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,)
    )
    beyond = cv2.warpPerspective(paper, warp, size, flags=flags, borderValue=(1,))
    return np.asarray(laid, np.uint8), np.asarray(beyond, np.uint8)


def _toned(page: PageImage, ppi: float) -> tuple[Pixels, bool]:
    """(the page as one channel, whether it has but two tones)."""
    grey = one_channel(page.pixels, ppi)
    if not two_toned(page.pixels):
        return grey, False
    return (shaded(grey, ppi), False) if halftoned(grey) else (grey, True)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A page laid on its form and evened out.

    Attributes:
        laid: (rows, columns) 255 paper, without streaks, creases and a marker's ink.
        patches: 1 where nothing can be read.
        streaks: the streaks alone, 255 elsewhere; None where there are none.
        strokes: see `Canvas`.
        two_tone: nothing between black and white was scanned.
        darkest: see `Canvas`.
    """

    laid: Pixels
    patches: Mask
    streaks: Pixels | None
    strokes: Mask | None
    two_tone: bool
    darkest: Pixels | None


def _seen(
    page: PageImage, registration: Registration, layout: Layout, ppi: float, native: float
) -> _Seen:
    grey, two_tone = _toned(page, native)
    ruled = layout if registration.method == "rules" else None
    clean = without_streaks(grey, ruled, registration.to_scan, native)
    laid, patches = _laid(clean, registration, ppi, native)
    laid = _even(laid, patches, ppi)
    strokes = None
    if not two_tone:
        laid, strokes = without_creases(laid, ruled, ppi)
        notes = stuck(page.pixels, native)
        if notes is not None:
            under, _ = _laid(np.asarray(255 * (1 - notes), np.uint8), registration, ppi, native)
            patches |= (under == 0).astype(np.uint8)
    streaks = None
    if clean is not grey:
        off = np.asarray(cv2.bitwise_not(cv2.absdiff(clean, grey)), np.uint8)
        streaks, _ = _laid(off, registration, ppi, native)
    darkest = None
    if page.pixels.ndim > 2:  # noqa: PLR2004 - colour
        of_all = functools.reduce(np.minimum, cv2.split(page.pixels))
        darkest, _ = _laid(np.asarray(of_all, np.uint8), registration, ppi, native)
    return _Seen(laid, patches, streaks, strokes, two_tone, darkest)


def canvas(page: PageImage, registration: Registration, layout: Layout) -> Canvas:
    """`page` laid on its form, and the claim's own ink."""
    native = _resolution(registration.to_scan)
    ppi = float(np.clip(native, _MIN_PPI, _MAX_PPI))
    to_scan = registration.to_scan @ np.diag([1 / ppi, 1 / ppi, 1.0])
    seen = _seen(page, registration, layout, ppi, native)
    laid, patches, two_tone = seen.laid, seen.patches, seen.two_tone
    limit, floor = limits(laid, layout, ppi, two_tone=two_tone)
    ink = (laid < limit).astype(np.uint8)
    blots(ink, patches, ppi)
    taken = np.zeros_like(ink)
    ruled, blocks, lines = np.zeros_like(ink), np.zeros_like(ink), np.full_like(laid, 255)
    if registration.method == "rules":
        shown = captions_show(ink, layout, ppi)
        greys = None if two_tone else limit
        ruled, lines = ruling(ink, laid, layout, ppi, shown=shown, limit=greys)
        if two_tone:
            lines[:] = 255
        blocks, thin, followed = solids(ink, layout, ppi)
        captions = caption_mask(layout, ink.shape, ppi, followed, rough=two_tone)
        bare = caption_mask(layout, ink.shape, ppi, followed, around=0.0, rough=two_tone) > 0
        without_blocks(patches, layout, blocks, ppi)
        over = overprint(laid, blocks, ink & (1 - (ruled | blocks)), layout, ppi)
        for mask in (blocks, captions, bare):
            mask[over] = 0
        if shown:
            # print that runs into a parenthesis is read with and without it, as into a line
            ruled |= thin
        else:
            # what is printed beside the frame, where no claim is, is bold and stays longest
            left, right = (round(v * ppi) for v in sides(layout))
            captions[:, left:right] = 0
        taken = ruled | blocks
        ink &= 1 - taken
    parts = Parts.of(ink)
    uncover(parts, patches, ppi)
    own = stumps = np.zeros(len(parts.stats), np.bool_)
    if registration.method == "rules":
        # what touches a parenthesis that was followed is no stump of it
        rest = taken.copy() if followed else taken
        for where, bowed in followed.values():
            rest[where] &= 1 - bowed
        own, stumps = caption_parts(parts, rest, captions, bare, ppi)
        if shown:
            own, stumps = with_edges(parts, own, stumps, bare, layout)
        del captions, bare
    gone = not_print(parts, ink, taken, own, stumps, ppi) | darken(patches, parts, ppi)
    gone[0] = True
    erased = parts.erase(gone)
    taken.ravel()[erased] = 1
    ink.ravel()[erased] = 0
    unstick(parts, ppi)
    mend(parts, ppi)
    if seen.streaks is not None:
        taken |= (seen.streaks < limit) & (ink == 0)
    return Canvas(
        grey=laid,
        darkest=seen.darkest,
        ink=ink,
        taken=taken,
        ruled=ruled,
        blocks=blocks,
        lines=lines,
        patches=patches,
        strokes=seen.strokes,
        labels=parts.labels,
        boxes=parts.stats,
        ppi=ppi,
        to_scan=to_scan,
        bend=registration.bend,
        floor=floor,
        two_tone=two_tone,
    )
