"""Pages that are no claim form: blank, backs, attachments, pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.legal import is_legal
from intake.letters import boxes
from intake.reading import read_lines
from intake.rules import Rules
from intake.thumb import DPI, Thumb
from intake.upright import level, upright
from models.page import Form, Pixels

#: grey levels that ink must be darker than the paper around it
_CONTRAST = 40
#: inches: the height of a letter, at least and at most
_LETTER_MIN, _LETTER_MAX = 0.05, 0.35
#: small pixels: a speck is smaller
_SPECK = 10
#: share of ink below which a page is blank; and of drawing, above which it is not
_NOTHING, _DRAWN = 0.0001, 0.006
#: small pixels of the shortest streak
_STREAK = 30
#: small pixels of a square in which dots belong together, and the share of it that they fill
_WORD, _DENSE = 11, 0.08
#: this many letters make a page worth looking at
_LETTERS_BLANK = 6
#: a page of running text has this many letters
LETTERS_TEXT = 60
#: the back of a form has many more
_LETTERS_BACK = 350
#: lines of text stand out this much more than columns of it
_CLEAR = 1.3


#: a form has at least so many lines each way; its name stands so many inches above the last print
_RULED, _FOOT = 12, 0.5
_UB92 = re.compile(r"\bub[\s.-]{0,2}92\b|\bhcfa[\s.-]{0,2}1450\b")


@dataclass(frozen=True, slots=True)
class Ink:
    """What lies on a page, before anyone knows what it means.

    Attributes:
        share: share of the page that is ink, 0 to 1.
        letters: number of marks of the size of letters.
        blank: whether there is nothing on it worth looking at.
        confidence: probability that `blank` is right.
    """

    share: float
    letters: int
    blank: bool
    confidence: float


def ink_of(grey: Pixels) -> Ink:
    """Measure the ink of a small page (`intake.thumb`)."""
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    mask = cv2.threshold(cv2.subtract(closed, grey), _CONTRAST, 255, cv2.THRESH_BINARY)[1]
    share = cv2.countNonZero(mask) / mask.size
    if share < _NOTHING:
        return Ink(share, 0, blank=True, confidence=0.995)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, wide, tall, area = (stats[1:, i] for i in range(5))
    letter = (
        (np.maximum(tall, wide) >= _LETTER_MIN * DPI)
        & (tall <= _LETTER_MAX * DPI)
        & (wide <= 4 * _LETTER_MAX * DPI)
        & (area >= _SPECK)
    )
    count = int(letter.sum())
    height, width = mask.shape
    # the scanner's own edges, punched holes and shadows touch the border or are few and big
    inner = (left > 0) & (top > 0) & (left + wide < width) & (top + tall < height)
    drawn = float(area[inner & ~letter & (area >= _SPECK)].sum()) / mask.size
    blank = count < _LETTERS_BLANK and max(drawn, _dotted(np.asarray(mask, np.uint8))) < _DRAWN
    return Ink(share, count, blank=blank, confidence=0.98 if count == 0 else 0.9)


def _dotted(mask: Pixels) -> float:
    """Share of a page covered by print that has fallen to dots: specks don't keep together."""
    streaks = cv2.bitwise_or(
        cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((_STREAK, 1), np.uint8)),
        cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, _STREAK), np.uint8)),
    )
    dots = cv2.subtract(mask, cv2.dilate(streaks, np.ones((5, 5), np.uint8)))
    together = np.asarray(cv2.blur(dots, (_WORD, _WORD))) > _DENSE * 255
    return float(np.mean(together))


def without_form(small: Thumb, rules: Rules, ink: Ink) -> tuple[Form, int, float]:
    """What a page is on which no claim form was found, its quarter turns, and how sure that is.

    A UB-92, whose layout nobody here knows, is told by its name at its foot.
    """
    marks = boxes(small.grey, rules.across | rules.down)
    if ink.letters < LETTERS_TEXT or len(marks) < LETTERS_TEXT:
        return Form.UNKNOWN, 0, 0.6
    turns, clear = upright(marks, _larger(small))
    if min(len(rules.across_ends), len(rules.down_ends)) >= _RULED:
        flat = level(marks, turns)
        foot = float(flat[:, 3].max()) + (0, 0, *small.grey.shape)[turns]
        text = read_lines(small, turns, foot - _FOOT * DPI, foot + 0.1 * DPI)
        if _UB92.search(text):
            return Form.UB92, turns, 0.9
    if clear < _CLEAR:
        return Form.UNKNOWN, 0, 0.6
    if len(marks) >= _LETTERS_BACK and is_legal(small, marks, turns):
        return Form.BACK, turns, 0.95
    return Form.ATTACHMENT, turns, 0.85


def _larger(small: Thumb) -> NDArray[np.float64]:
    """Letters seen twice as large, in the pixels of the small page: heads and feet show better."""
    size = (2 * small.grey.shape[1], 2 * small.grey.shape[0])
    shrink = cv2.INTER_AREA if small.full.shape[0] > size[1] else cv2.INTER_CUBIC
    larger = np.asarray(cv2.resize(small.full, size, interpolation=shrink), np.uint8)
    return boxes(larger, dpi=2 * DPI) / 2
