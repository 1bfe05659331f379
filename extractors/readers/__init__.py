"""Readers: strips in, sightings out. Loaded once a process, before the fork."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from extractors.sighting import Sighting
from extractors.strip import Strip


class Reader(Protocol):
    """What a reader can do; `tests/extractors/readers` has those that crash, hang and lie."""

    name: str

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        """One sighting a strip, in order."""


@dataclass(frozen=True, slots=True)
class Readers:
    """The first reader reads every strip; the second is a witness where it earns its time."""

    first: Reader
    witness: Reader


def load() -> Readers:
    """The readers of the product, loaded and warm (about 0.5 CPU seconds)."""
    from extractors.readers.ppocr import PaddleReader  # noqa: PLC0415 - onnxruntime is heavy
    from extractors.readers.tesseract import TesseractReader  # noqa: PLC0415

    return Readers(first=PaddleReader(), witness=TesseractReader())
