"""Pages of two tones whose greys were scattered as dots: a fax's photo mode, a scanner's halftone.

Paper that is not quite white becomes dots all over it, and edges of strokes fray. A little out of
focus, dots are a shade again, and the page is read as any grey one.
"""

from __future__ import annotations

import cv2
import numpy as np

from models.page import Pixels

#: every so many pixels are looked at; grey levels from black and from white, and the share of
#: pixels farther from both in a scan of more than two tones
_EVERY, _NEAR, _BETWEEN = 7, 30, 0.003
#: share of a page that is black dots on their own; dirt and a bad line leave a tenth of it
_DOTTED = 0.01
#: pixels in the middle of a page that are looked at, each way
_LOOKED_AT = 1200
_BLACK = 128
#: inches: standard deviation of the blur, half of what parts two dots
_BLUR = 0.005


def two_toned(pixels: Pixels) -> bool:
    """Whether nothing between black and white was scanned."""
    sample = pixels[::_EVERY, ::_EVERY]
    return float(((sample > _NEAR) & (sample < 255 - _NEAR)).mean()) < _BETWEEN


def halftoned(page: Pixels) -> bool:
    """Whether a page of two tones, (rows, columns), is full of dots on their own."""
    rows, columns = ((side - min(side, _LOOKED_AT)) // 2 for side in page.shape)
    part = page[rows : rows + _LOOKED_AT, columns : columns + _LOOKED_AT]
    black = (part < _BLACK).astype(np.uint8)
    around = cv2.boxFilter(black, cv2.CV_8U, (3, 3), normalize=False)
    return float(((black > 0) & (np.asarray(around) == 1)).mean()) > _DOTTED


def shaded(page: Pixels, ppi: float) -> Pixels:
    """Its dots as shades of grey."""
    return np.asarray(cv2.GaussianBlur(page, (0, 0), _BLUR * ppi), np.uint8)
