"""What the picture of a form does not show, and what it shows beside the form's sheet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forms.layout import PAPER, layout
from intake.letters import boxes, centres
from intake.template import apply
from intake.thumb import Thumb
from models.page import Form, Registration

#: inches by which print lies beyond a sheet: forms may lie on theirs off its middle, or be reduced
_OFF = 0.6


def beyond(small: Thumb, laid: Registration) -> int:
    """How many letters lie beyond the sheet of a form.

    Most pictures hardly reach beyond it: then nothing is looked for.

    Args:
        small: the page.
        laid: the form on it.
    """
    height, width = small.grey.shape
    to_form = np.linalg.inv(laid.to_scan) @ small.to_scan
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64)
    if not _outside(apply(to_form, corners)).any():
        return 0
    return int(_outside(apply(to_form, centres(boxes(small.grey)))).sum())


def cut_off(form: Form, laid: Registration, size: tuple[int, int]) -> frozenset[str]:
    """Fields of a form whose middle lies beyond the picture.

    Args:
        form: a claim form with a layout.
        laid: how it lies.
        size: height and width of the picture.
    """
    fields = list(layout(form).fields.values())
    middles = np.array([[(f.box[0] + f.box[2]) / 2, (f.box[1] + f.box[3]) / 2] for f in fields])
    places = apply(laid.to_scan, middles)
    gone = np.flatnonzero(((places < 0) | (places > np.asarray(size[::-1]))).any(axis=1))
    return frozenset(fields[at].id for at in gone)


def _outside(places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which places, in inches of the form, lie beyond its sheet."""
    return np.asarray(((places < -_OFF) | (places > np.asarray(PAPER) + _OFF)).any(axis=1))
