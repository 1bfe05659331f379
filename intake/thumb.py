"""A page made small: about 100 dots an inch, one channel, where layout is looked for quickly."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from intake.halftone import halftoned, shaded, two_toned
from models.page import Matrix, PageImage, Pixels

#: dots an inch of the small image, as far as the page's own resolution is known
DPI = 100.0
#: inches: what a sheet may measure; a file that claims another size doesn't know its resolution
_SHEET_MIN, _SHEET_MAX = 4.0, 18.0
#: how far the small image may be from 100 dots an inch, for the sake of a whole number
_WHOLE = 0.03
#: shares of a page that are surely darker than paper, and surely not lighter than it
_INK_SHARE, _PAPER_SHARE = 0.002, 0.8
#: grey levels between ink and paper: faint print is brought to the last; what is fainter than the
#: first is left alone, and so is what is fainter than the second, unless it is asked for
_FAINTEST, _FAINT, _DARK = 12, 38, 140
#: inches: the long side of a letter sheet, when the file doesn't say
_LONG_SIDE = 11.0


@dataclass(frozen=True, slots=True, eq=False)
class Thumb:
    """A page made small.

    Attributes:
        grey: (height, width) uint8, 255 is white. The green channel: red, blue and black
            ink are all dark in it.
        full: the same channel of the page as scanned; in both, faint print is made dark.
        to_scan: pixels of `grey` to pixels of the page, 3x3.
        sized: whether the page's resolution is known; if not, it is taken to be a letter
            sheet that fills the picture.
    """

    grey: Pixels
    full: Pixels
    to_scan: Matrix
    sized: bool


def green(pixels: Pixels) -> Pixels:
    """The channel of a page in which ink of every usual colour is dark."""
    if pixels.ndim == 2:  # noqa: PLR2004 - grey
        return pixels
    return np.asarray(cv2.extractChannel(pixels, 1), np.uint8)


def thumb(page: PageImage, *, faint: bool = False) -> Thumb:
    """Make a page small.

    Args:
        page: as scanned.
        faint: make even print dark that is hardly there, and what shines through the paper.
    """
    height, width = page.height, page.width
    dpi = page.dpi
    sized = dpi > 0 and all(_SHEET_MIN < side / dpi < _SHEET_MAX for side in (height, width))
    if not sized:
        dpi = max(height, width) / _LONG_SIDE
    grey = green(page.pixels)
    if page.pixels.ndim == 2 and two_toned(grey) and halftoned(grey):  # noqa: PLR2004 - grey
        grey = shaded(grey, dpi)
    factor = dpi / DPI
    whole = max(1, round(factor))
    if abs(factor / whole - 1) < _WHOLE:
        # a whole number of pixels to one is twice as quick; what is left over is paper's edge
        size = (width // whole, height // whole)
        fx = fy = float(whole)
        source = grey[: size[1] * whole, : size[0] * whole]
    else:
        size = (max(8, round(width / factor)), max(8, round(height / factor)))
        fx, fy = width / size[0], height / size[1]
        source = grey
    shrink = cv2.INTER_AREA if factor > 1 else cv2.INTER_CUBIC
    small = (
        source if size == source.shape[1::-1] else cv2.resize(source, size, interpolation=shrink)
    )
    # pixel centres: small (u, v) covers scan u*fx .. (u+1)*fx
    to_scan = np.array([[fx, 0, fx / 2 - 0.5], [0, fy, fy / 2 - 0.5], [0, 0, 1]], dtype=np.float64)
    small = np.asarray(small, dtype=np.uint8)
    table = _stretch(small, _FAINTEST if faint else _FAINT)
    if table is not None:
        small, grey = (np.asarray(cv2.LUT(one, table), np.uint8) for one in (small, grey))
    return Thumb(small, grey, to_scan, sized)


def _stretch(small: Pixels, least: int) -> Pixels | None:
    """A table that makes faint print dark; None where print is dark, or there is hardly any.

    Args:
        small: the page.
        least: grey levels between ink and paper, below which print is left alone.
    """
    count = np.bincount(small.ravel(), minlength=256)
    below = np.cumsum(count) / small.size
    ink = int(np.searchsorted(below, _INK_SHARE))
    paper = int(np.searchsorted(below, _PAPER_SHARE))
    if not least <= paper - ink < _DARK:
        return None
    level = paper - (paper - np.arange(256)) * (_DARK / (paper - ink))
    return np.asarray(np.clip(np.rint(level), 0, 255), np.uint8)
