"""Strips that a reader learns from, many in one array, each with what it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractors.readers.recogniser import ALPHABET, FRAME, HEIGHT
from models.page import Pixels

_CODES = {character: place + 1 for place, character in enumerate(ALPHABET)}


def shard(path: Path) -> list[tuple[Pixels, str]]:
    """What `bench.lessons` wrote into one file: strips, each with what it says."""
    with np.load(path) as kept:
        found = np.split(kept["pixels"], np.cumsum(kept["widths"])[:-1], axis=1)
        return list(zip(found, kept["labels"].tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Strips:
    """Strips at the reader's height, and what they say.

    Attributes:
        columns: (columns, 48) uint8, all strips' pixels one after the other, paper 255.
        widths: how many columns each has.
        codes: what they say one after the other, 1 and more: places in the reader's alphabet.
        lengths: how many characters each says.
    """

    columns: Pixels
    widths: NDArray[np.int32]
    codes: NDArray[np.uint8]
    lengths: NDArray[np.int32]

    @classmethod
    def of(cls, strips: list[tuple[Pixels, str]]) -> Strips:
        """Those that are wide enough for what they say."""
        kept = [(p, label) for p, label in strips if len(label) + 1 < p.shape[1] / FRAME]
        columns = [np.ascontiguousarray(p.T) for p, _ in kept]
        said = [[_CODES[c] for c in label] for _, label in kept]
        return cls(
            np.concatenate([np.zeros((0, HEIGHT), np.uint8), *columns]),
            np.array([len(c) for c in columns], np.int32),
            np.array([code for codes in said for code in codes], np.uint8),
            np.array([len(codes) for codes in said], np.int32),
        )

    @classmethod
    def load(cls, path: Path) -> Strips:
        """A shard of `bench.lessons`."""
        return cls.of(shard(path))

    def texts(self) -> list[str]:
        """What each says."""
        texts = "".join(ALPHABET[code - 1] for code in self.codes)
        ends = np.cumsum(self.lengths).tolist()
        return [texts[end - n : end] for end, n in zip(ends, self.lengths.tolist(), strict=True)]
