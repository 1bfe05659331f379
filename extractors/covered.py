"""Fields under a redaction bar, a label or a blot: nobody knows what stands there."""

from __future__ import annotations

import numpy as np

from extractors.ink import Canvas
from extractors.place import Placed, boxed
from forms.layout import Layout

#: share of a field's box that is dark: print, however bold, is a quarter of it
_COVERED = 0.45
_DARK = 110
#: every so many pixels are looked at
_STEP = 3


def covered(canvas: Canvas, layout: Layout, placed: Placed) -> set[str]:
    """Fields of print whose box is more dark than paper."""
    dark = np.asarray(canvas.grey[::_STEP, ::_STEP] < _DARK, np.bool_)
    scale = canvas.ppi / _STEP
    found = set()
    for spec in layout.fields.values():
        if spec.choices:
            continue
        x0, y0, x1, y1 = (max(0, round(edge * scale)) for edge in boxed(spec, placed))
        window = dark[y0:y1, x0:x1]
        if window.size and float(window.mean()) > _COVERED:
            found.add(spec.id)
    return found
