"""How much of a field's print a scan still shows: nobody reads what is not on it."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from forms.layout import layout
from models.page import Form, Matrix, Pixels
from samples.blank import DPI

#: of the layer of ink, what is print for sure
_PRINTED = 160
#: of a scan of two tones, what is ink; pixels by which a thin stroke may have moved
_BLACK = 128
_MOVED = 3
#: inches around a field's box where its print may stand
_AROUND = 0.06


def kept(
    form: Form,
    ink: Pixels,
    offset: tuple[float, float],
    scan: Pixels,
    place: Matrix,
    names: Iterable[str],
) -> dict[str, float]:
    """Of each field's print, the share that a scan of two tones has as ink.

    Args:
        form: which form.
        ink: (rows, columns) the layer of ink at 300 dpi as it would be with a fresh ribbon.
        offset: inches by which the print sits right of the boxes and below them.
        scan: (rows, columns) 0 ink, 255 paper.
        place: pixels of the layer to pixels of the scan.
        names: the fields that are printed.
    """
    height, width = ink.shape
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpPerspective(scan, place, (width, height), flags=flags, borderValue=(255,))
    black = (laid < _BLACK).astype(np.uint8)
    black = np.asarray(cv2.dilate(black, np.ones((_MOVED, _MOVED), np.uint8)), np.uint8)
    shares = {}
    for name in names:
        x0, y0, x1, y1 = layout(form).fields[name].box
        left, right = (round((x + offset[0]) * DPI) for x in (x0 - _AROUND, x1 + _AROUND))
        top, bottom = (round((y + offset[1]) * DPI) for y in (y0 - _AROUND, y1 + _AROUND))
        where = (slice(max(0, top), bottom), slice(max(0, left), right))
        print_ = ink[where] > _PRINTED
        if print_.any():
            shares[name] = round(float(black[where][print_].mean()), 3)
    return shares
