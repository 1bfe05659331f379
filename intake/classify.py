"""Pages that are no claim form: blank, backs, attachments, pictures."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from intake.thumb import DPI
from models.page import Form, Pixels

#: grey levels that ink must be darker than the paper around it
_CONTRAST = 40
#: inches: the height of a letter, at least and at most
_LETTER_MIN, _LETTER_MAX = 0.03, 0.35
#: small pixels: a speck is smaller
_SPECK = 6
#: share of ink below which a page is blank; and of drawing, above which it is not
_NOTHING, _DRAWN = 0.0001, 0.01
#: this many letters make a page worth looking at
_LETTERS_BLANK = 6
#: a page of running text has this many letters
_LETTERS_TEXT = 60


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
        (tall >= _LETTER_MIN * DPI)
        & (tall <= _LETTER_MAX * DPI)
        & (wide <= 4 * _LETTER_MAX * DPI)
        & (area >= _SPECK)
    )
    count = int(letter.sum())
    height, width = mask.shape
    # the scanner's own edges, punched holes and shadows touch the border or are few and big
    inner = (left > 0) & (top > 0) & (left + wide < width) & (top + tall < height)
    drawn = float(area[inner & ~letter & (area >= _SPECK)].sum()) / mask.size
    blank = count < _LETTERS_BLANK and drawn < _DRAWN
    return Ink(share, count, blank=blank, confidence=0.98 if count == 0 else 0.9)


def without_form(ink: Ink) -> tuple[Form, float]:
    """What a page is on which no claim form was found, and how sure that is."""
    if ink.letters >= _LETTERS_TEXT:
        return Form.ATTACHMENT, 0.7
    return Form.UNKNOWN, 0.5
