"""Readers: strips in, sightings out. Loaded once a process, before the fork."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from extractors.confidence import ERROR_RATE
from extractors.sighting import Sighting
from extractors.strip import Strip


class Reader(Protocol):
    """What a reader can do; `tests/extractors/readers` has those that crash, hang and lie."""

    name: str

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        """One sighting a strip, in order."""


@dataclass(frozen=True, slots=True)
class Readers:
    """The first reader reads every strip; the second is a witness where it earns its time.

    Attributes:
        first: reads every strip.
        witness: the second.
        error_rate: wrong fields tolerated among those accepted with nobody looking.
    """

    first: Reader
    witness: Reader
    error_rate: float = ERROR_RATE


def load(error_rate: float = ERROR_RATE) -> Readers:
    """The readers of the product, loaded and warm (about 0.5 CPU seconds).

    Args:
        error_rate: the dial: wrong fields tolerated among accepted ones.
    """
    from extractors.readers.ppocr import PaddleReader  # noqa: PLC0415 - onnxruntime is heavy
    from extractors.readers.tesseract import TesseractReader  # noqa: PLC0415

    return Readers(first=PaddleReader(), witness=TesseractReader(), error_rate=error_rate)
