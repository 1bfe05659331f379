"""The back of a form: legal text, and no claim; and English at all. Told by a few of its words."""

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
#: words that hardly an English page does without, and a mirrored one has none of
_COMMON = frozenset({
    "the", "and", "for", "was", "with", "from", "this", "that", "not", "are", "has", "have",
    "you", "your", "date", "name", "patient", "number", "claim", "please", "address", "phone",
})  # fmt: skip
#: so many of them
_SOME = 4
#: so many of those, and so few figures among the letters, make a back
_ENOUGH, _FIGURES = 5, 0.04
#: inches of text that are read, from its first line; and how wide the lines of a back are
_READ, _WIDE = 1.5, 5.0


def is_english(small: Thumb, turns: int) -> bool:
    """Whether a page can be read: print that shines through from its other side can't.

    Args:
        small: the page.
        turns: quarter turns that put it upright.
    """
    text = read_lines(small, turns, 0, small.grey.shape[turns % 2])
    return len(_COMMON & set(re.findall(r"[a-z]+", text))) >= _SOME


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
