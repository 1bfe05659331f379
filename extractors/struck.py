"""Print that somebody struck through: a reader reads on as if nothing were there."""

from __future__ import annotations

import cv2
import numpy as np

from extractors.ink import Canvas
from extractors.strip import Strip

#: of a line's height: where a stroke through it lies, how long it runs; share of the line it covers
_FROM, _TO, _LONG, _MOST = 0.2, 0.85, 1.5, 0.7
#: times as wide as high, at least: of less, a character's own stroke is as long
_WIDE = 3.0


def struck(canvas: Canvas, strip: Strip) -> bool:
    """Whether one stroke runs through all of a line's characters, level or nearly so."""
    x0, y0, x1, y1 = strip.box
    width, height = x1 - x0, y1 - y0
    if width < _WIDE * height:
        return False
    where = (slice(y0 + int(_FROM * height), y0 + int(_TO * height)), slice(x0, x1))
    ink = canvas.ink[where]
    if canvas.strokes is not None:
        ink = ink | canvas.strokes[where]
    if not ink.any():
        return False
    # one that leans is a staircase
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    run = np.ones((1, round(_LONG * height)), np.uint8)
    stroke = np.asarray(cv2.morphologyEx(thick, cv2.MORPH_OPEN, run), np.uint8)
    return float(stroke.any(axis=0).mean()) > _MOST
