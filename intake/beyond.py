"""Print beside the sheet of the form that was found: a picture may hold more than one paper."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forms.layout import PAPER
from intake.letters import boxes, centres
from intake.template import apply
from intake.thumb import Thumb
from models.page import Registration

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


def _outside(places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which places, in inches of the form, lie beyond its sheet."""
    return np.asarray(((places < -_OFF) | (places > np.asarray(PAPER) + _OFF)).any(axis=1))
