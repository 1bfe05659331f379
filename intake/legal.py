"""The back of a form: legal text, and no claim. Told by a few of its first words."""

from __future__ import annotations

import os
import re

import cv2
import numpy as np
import pytesseract
from numpy.typing import NDArray

from intake.thumb import DPI, Thumb
from intake.upright import level

#: what the backs of claim forms speak of; a letter about a patient uses few of these words
_STEMS = (
    "assign", "authoriz", "benefit", "certif", "civil", "conceal", "criminal", "false", "falsif",
    "fine", "fraud", "government", "guilty", "imprison", "incomplete", "insured", "insurer",
    "knowing", "law", "mislead", "misrepresent", "notice", "penalt", "prison", "privacy",
    "program", "prosecut", "punish", "signature", "statement", "submit", "true",
)  # fmt: skip
#: so many of them, and so few figures among the letters, make a back
_ENOUGH, _FIGURES = 5, 0.04
#: inches of text that are read, from its first line; and how wide the lines of a back are
_READ, _WIDE = 1.5, 5.0
#: dots an inch at which it is read
_READ_DPI = 150
#: seconds
_TIMEOUT = 20.0


def is_legal(small: Thumb, marks: NDArray[np.float64], turns: int) -> bool:
    """Whether a page of text is the back of a form.

    Args:
        small: the page.
        marks: boxes of its letters (`intake.letters.boxes`).
        turns: quarter turns that put it upright.
    """
    flat = level(marks, turns)
    first = float(np.percentile(flat[:, 1], 2))
    top = flat[flat[:, 1] < first + _READ * DPI]
    spread = float(np.percentile(top[:, 2], 95) - np.percentile(top[:, 0], 5))
    if spread < _WIDE * DPI:
        return False
    page = np.rot90(small.full, -turns)
    scale = page.shape[0] / np.rot90(small.grey, -turns).shape[0]
    # `level` turns about the corner: what has gone above it comes back by the picture's height
    height, width = small.grey.shape
    shift = (0, 0, height, width)[turns]
    start = max(0, round((first + shift - 0.1 * DPI) * scale))
    part = page[start : start + round((_READ + 0.1) * DPI * scale)]
    factor = min(1.0, _READ_DPI / DPI / scale)
    size = (max(1, round(part.shape[1] * factor)), max(1, round(part.shape[0] * factor)))
    strip = cv2.resize(np.ascontiguousarray(part), size, interpolation=cv2.INTER_AREA)
    # with more threads libgomp spins for seconds on a busy machine
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    try:
        text = pytesseract.image_to_string(strip, config="--psm 6", timeout=_TIMEOUT).lower()
    except RuntimeError:  # pytesseract's word for a timeout: somebody will look at it
        return False
    letters = len(re.findall(r"[a-z]", text))
    figures = len(re.findall(r"[0-9]", text))
    found = sum(re.search(rf"\b{stem}", text) is not None for stem in _STEMS)
    return found >= _ENOUGH and figures < _FIGURES * max(letters, 1)
