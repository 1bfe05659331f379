"""Lessons written straight from fonts: no page, no form, but as many hands as there are letters.

Each writer has letters of one font or of several, bent in a way of their own, a slope, a pen and a
pace; each character is another time a little different. What they write is what claims say
(`bench.rewording`). `bench.teach` wears the strips as scans are worn.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from bench import penned
from bench.corpus import HAND, PRINT
from bench.lesson_faces import extra
from bench.rewording import anything, as_printed, reworded
from extractors.readers.recogniser import ALPHABET, HEIGHT, fitted
from forms.layout import layout
from models.page import Form, Pixels
from samples import claims, faces
from samples.faces import Glyph
from samples.scan import TODAY
from samples.style import MoneyStyle
from samples.wording import random_wording

#: pixels: how high capitals are written, before a strip is brought to the reader's height
_CAPS = (36, 56)
#: shares: writers by hand, of them with figures that somebody wrote, with letters of several
_HAND, _PENNED, _LENT, _LENDERS = 0.7, 0.35, 0.5, 10
#: of hands, those who bend letters in a way of their own; pixels at a capital of 48, how far
_OWN, _FAR = 0.6, (0.5, 3.2)
#: shares of claims' fields whose words no claim would have
_ODD = 0.45
#: strips wider than this, at the reader's height, are no lessons
_WIDEST = 700
#: pixels of paper around what is turned, and around a line
_PAD, _AROUND = 4, 40


def texts(rng: random.Random) -> list[str]:
    """The lines of one claim in other words, in any order."""
    form = rng.choice((Form.CMS1500, Form.UB04))
    made = claims.make(form, rng, random_wording(rng), today=TODAY)
    claim = anything(reworded(made, rng), rng, _ODD)
    plan, money = layout(form).fields, rng.choice(get_args(MoneyStyle))
    lines = [
        " ".join(line.split())
        for page in claim.pages
        for name, text in page.items()
        if not plan[name].choices
        for line in as_printed(plan[name].kind, text, money).split("\n")
    ]
    rng.shuffle(lines)
    return [line for line in lines if line and set(line) <= set(ALPHABET)]


def _field(shape: tuple[int, int], chance: np.random.Generator, far: float) -> NDArray[np.float32]:
    rows = max(2, shape[0] // 14), max(2, shape[1] // 14)
    coarse = chance.normal(0, far, (2, *rows)).astype(np.float32)
    moved = [cv2.resize(axis, shape[::-1], interpolation=cv2.INTER_CUBIC) for axis in coarse]
    return np.asarray(np.stack(moved), np.float32)


class Writer:
    """Somebody who fills in one claim.

    Args:
        hands: faces written by hand that lessons may have.
        prints: the printed ones.
        figures: MNIST's folder, or None.
        seed: tells one writer from another.
    """

    def __init__(
        self, hands: Sequence[str], prints: Sequence[str], figures: Path | None, seed: str
    ) -> None:
        self._rng = rng = random.Random(seed)
        self._chance = np.random.default_rng(rng.randrange(2**32))
        self.hand = rng.random() < _HAND
        names = hands if self.hand else prints
        self._caps = rng.uniform(*_CAPS)
        self._name = rng.choice(names)
        self._lent: dict[str, str] = {}
        self._figures: penned.Hand | None = None
        if self.hand and rng.random() < _LENT:
            self._lent = penned.lent(rng.sample(names, min(_LENDERS, len(names))), rng)
        if self.hand and figures is not None and rng.random() < _PENNED:
            self._figures = penned.Hand(figures, self._chance, "train")
        self._far = rng.uniform(*_FAR) if self.hand and rng.random() < _OWN else 0.0
        self._slope = rng.gauss(0, 0.15) if self.hand else 0.0
        self._wide = rng.uniform(0.75, 1.3) if self.hand else rng.uniform(0.85, 1.15)
        self._pace = rng.uniform(0.8, 1.25) if self.hand else 1.0
        self._cell = rng.uniform(0.85, 1.5) if rng.random() < 0.15 else 0.0
        self._pen = rng.choice((-1, 0, 0, 0, 1, 1, 2)) if self.hand else rng.choice((-1, 0, 0, 1))
        self._turn, self._size = rng.uniform(1, 5), rng.uniform(0.02, 0.1)
        self._up = rng.uniform(0.01, 0.07) if self.hand else 0.005
        self._glyphs: dict[str, Glyph] = {}

    def covers(self, text: str) -> bool:
        """Whether all of a text can be written."""
        own = "".join(c for c in text if c not in self._lent)
        return faces.face(self._name, 40.0).covers(own)

    def _glyph(self, character: str) -> Glyph:
        """A character as this writer has it."""
        if self._figures is not None and character in string.digits:
            return self._figures.write(int(character), round(self._caps))
        if character not in self._glyphs:
            face = penned.as_high(self._lent.get(character, self._name), round(self._caps))
            self._glyphs[character] = self._own(face.glyph(character))
        return self._glyphs[character]

    def _own(self, glyph: Glyph) -> Glyph:
        """A font's character bent, sloped and widened as the writer does."""
        height, width = glyph.ink.shape
        if height <= 1 or width <= 1:
            return glyph
        pad = 6 + round(abs(self._slope) * self._caps / 2)
        wide = max(2, round(width * self._wide))
        ink = cv2.resize(glyph.ink, (wide, height), interpolation=cv2.INTER_AREA)
        slope = np.array(
            [[1, -self._slope, pad - self._slope * (glyph.top + self._caps / 2)], [0, 1, pad]],
            np.float32,
        )
        size = (wide + 2 * pad, height + 2 * pad)
        ink = cv2.warpAffine(ink, slope, size)
        if self._far and min(height, wide) > self._caps / 4:
            rows, columns = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
            by = _field((size[1], size[0]), self._chance, self._far * self._caps / 48)
            ink = cv2.remap(ink, columns + by[0], rows + by[1], cv2.INTER_LINEAR)
        left = round(glyph.left * self._wide) - pad
        return Glyph(np.asarray(ink, np.uint8), left, glyph.top - pad, glyph.advance * self._wide)

    def _this_time(self, glyph: Glyph) -> Pixels:
        """A character's ink as it comes out this time, with more paper around."""
        rng = self._rng
        height, width = glyph.ink.shape
        middle = (width / 2, height / 2)
        turn = cv2.getRotationMatrix2D(middle, rng.gauss(0, self._turn), rng.gauss(1, self._size))
        turn[:, 2] += _PAD
        turn[0, 1] += rng.gauss(0, 0.04)
        size = (width + 2 * _PAD, height + 2 * _PAD)
        return np.asarray(cv2.warpAffine(glyph.ink, turn, size), np.uint8)

    def write(self, text: str) -> Pixels:
        """A line as a strip, paper 255, as `extractors.strips` would cut it."""
        sheet = laid_out(self._placed(text))
        if self._pen > 0:
            sheet = np.asarray(cv2.dilate(sheet, np.ones((self._pen + 1,) * 2, np.uint8)), np.uint8)
        elif self._pen < 0:
            sheet = np.asarray(cv2.erode(sheet, np.ones((2, 2), np.uint8)), np.uint8)
        return self._cut(sheet)

    def _placed(self, text: str) -> list[tuple[int, int, Pixels]]:
        """Each character's ink, and the pixels it lies right of and below where the line begins."""
        rng, caps = self._rng, self._caps
        drift = rng.gauss(0, 0.01) if self.hand else 0.0
        loose = self.hand and not self._cell
        placed, x, base = [], 0.0, 0.0
        for character in text:
            glyph = self._glyph(character)
            step = self._cell * caps if self._cell else glyph.advance * self._pace
            if character == " ":
                x += max(step, 0.25 * caps) * (rng.uniform(0.8, 1.8) if loose else 1)
                continue
            ink, pad = (self._this_time(glyph), _PAD) if self.hand else (glyph.ink, 0)
            at = x + (step - glyph.advance) / 2 if self._cell else x
            off = rng.gauss(0, self._up) * caps
            placed.append((round(at + glyph.left - pad), round(base + glyph.top - pad + off), ink))
            step *= rng.gauss(1, 0.05) if self.hand else 1
            x += step
            base += step * drift
        return placed

    def _cut(self, sheet: Pixels) -> Pixels:
        """Trimmed to the ink, with some paper around, at the reader's height."""
        rng = self._rng
        rows, columns = np.nonzero(sheet > 100)
        if not len(rows):
            return np.full((HEIGHT, 8), 255, np.uint8)
        y0, y1 = int(rows.min()), int(rows.max()) + 1
        x0, x1 = int(columns.min()), int(columns.max()) + 1
        high = max(y1 - y0, round(self._caps * rng.uniform(0.5, 1)))
        above, below = (rng.choice((0.04, 0.08, 0.1, 0.2, 0.35)) * high for _ in range(2))
        beside = rng.uniform(0.05, 0.25) * high
        middle = (y0 + y1) / 2
        top, bottom = round(middle - high / 2 - above), round(middle + high / 2 + below)
        part = sheet[max(0, top) : bottom, max(0, round(x0 - beside)) : round(x1 + beside)]
        return 255 - fitted(part, rng.uniform(0.6, 0.85))


def laid_out(placed: Sequence[tuple[int, int, Pixels]]) -> Pixels:
    """One sheet with all of some ink, each where it lies."""
    left, top = (min((each[axis] for each in placed), default=0) for axis in (0, 1))
    right = max((x + ink.shape[1] for x, _, ink in placed), default=1)
    bottom = max((y + ink.shape[0] for _, y, ink in placed), default=1)
    sheet = np.zeros((bottom - top + 2 * _AROUND, right - left + 2 * _AROUND), np.uint8)
    for x, y, ink in placed:
        part = sheet[y - top + _AROUND :, x - left + _AROUND :][: ink.shape[0], : ink.shape[1]]
        np.maximum(part, ink, out=part)
    return sheet


def written(seed: int, number: int, figures: Path | None) -> Iterator[tuple[Pixels, str]]:
    """The lines of one claim by one writer, each with what it says."""
    hands, prints = (
        _here((*every["train"], *extra(hand=hand)))
        for every, hand in ((HAND, True), (PRINT, False))
    )
    writer = Writer(hands, prints, figures, f"writer {seed} {number}")
    for text in texts(random.Random(f"written {seed} {number}")):
        if writer.covers(text):
            strip = writer.write(text)
            if strip.shape[1] <= _WIDEST:
                yield strip, text


def _here(names: Sequence[str]) -> list[str]:
    """Those of some faces that this machine has, or the one that is everywhere."""
    return faces.installed(n for n in names if n in faces.known()) or [faces.BUILT_IN]
