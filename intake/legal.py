"""The back of a form: legal text, and no claim. Told by a few of its first words."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from intake.reading import read_lines
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
    # `level` turns about the corner: what has gone above it comes back by the picture's height
    height, width = small.grey.shape
    start = first + (0, 0, height, width)[turns]
    text = read_lines(small, turns, start - 0.1 * DPI, start + _READ * DPI)
    letters = len(re.findall(r"[a-z]", text))
    figures = len(re.findall(r"[0-9]", text))
    found = sum(re.search(rf"\b{stem}", text) is not None for stem in _STEMS)
    return found >= _ENOUGH and figures < _FIGURES * max(letters, 1)
