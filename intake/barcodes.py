"""Bar codes on a page, wherever and however they lie."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import zxingcpp

from models.page import Barcode, Pixels

_Kind = zxingcpp.BarcodeFormat
#: what mailrooms and letters carry, the quick ones first
_QUICK: Final = (_Kind.QRCode, _Kind.Code128, _Kind.Code39)
_KINDS: Final = (*_QUICK, _Kind.DataMatrix, _Kind.PDF417)
#: searches, the second where the first finds nothing: pixels of the longer side, kinds, and whether
#: to look at a third of that too. 150 dpi of letter paper shows small codes; at 100 and 33 dpi the
#: dirt of a fax is averaged out
_SEARCHES: Final = (
    (1650, _KINDS, False),
    (1100, _QUICK, True),
)
#: characters of the shortest text that counts: shorter ones are found in the rules of forms
_SHORTEST: Final = 3


def read_barcodes(pixels: Pixels) -> tuple[Barcode, ...]:
    """All bar codes of a page, from top to bottom; boxes in pixels of the page as given.

    Found in any quarter turn and some degrees of skew: QR, Code 128, Code 39, Data Matrix and
    PDF417, with bars from 0.013 in on (two pixels at the size that is searched).
    """
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)  # noqa: PLR2004
    longest = max(grey.shape)
    found: list[zxingcpp.Barcode] = []
    for longer, kinds, smaller in _SEARCHES:
        if max(grey.shape) > longer:
            scale = longer / max(grey.shape)
            size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        found = zxingcpp.read_barcodes(
            np.ascontiguousarray(grey),
            # made here: one that outlives the interpreter is complained of at its end
            formats=zxingcpp.BarcodeFormats(list(kinds)),
            try_invert=False,
            try_downscale=smaller,
            text_mode=zxingcpp.TextMode.Plain,
        )
        if found:
            break
    scale = longest / max(grey.shape)
    read = [_barcode(one, scale, pixels) for one in found if len(one.text) >= _SHORTEST]
    return tuple(sorted(read, key=lambda one: (one.box[1], one.box[0])))


def _barcode(found: zxingcpp.Barcode, scale: float, pixels: Pixels) -> Barcode:
    at = found.position
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    across = [round(corner.x * scale) for corner in corners]
    down = [round(corner.y * scale) for corner in corners]
    height, width = pixels.shape[:2]
    # A linear code may be found on a single line of pixels.
    box = (
        max(0, min(across)),
        max(0, min(down)),
        min(width, max(across) + 1),
        min(height, max(down) + 1),
    )
    return Barcode(found.format.name, found.text, box)
