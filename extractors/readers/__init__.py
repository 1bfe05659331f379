"""Readers: strips in, sightings out. Loaded once a process, before the fork."""

from __future__ import annotations

from dataclasses import dataclass

from extractors.confidence import ERROR_RATE
from extractors.readers.watch import PATIENCE, Reader, Watched

__all__ = ["Reader", "Readers", "load"]


@dataclass(frozen=True, slots=True)
class Readers:
    """The first reader reads every strip; the second is a witness where it earns its time.

    Attributes:
        first: reads every strip.
        witness: the second.
        error_rate: wrong fields tolerated among those accepted with nobody looking.
        patience: seconds that each may take for the strips of a page.
        papers: reads papers that are no claims; the first reader, where none is given.
    """

    first: Reader
    witness: Reader
    error_rate: float = ERROR_RATE
    patience: float = PATIENCE
    papers: Reader | None = None

    def __post_init__(self) -> None:
        for name in ("first", "witness", "papers"):
            reader = getattr(self, name)
            if reader is not None:
                object.__setattr__(self, name, Watched.over(reader, self.patience))


def load(error_rate: float = ERROR_RATE, *, warm: bool = False) -> Readers:
    """The readers of the product (about a CPU second).

    Args:
        error_rate: the dial: wrong fields tolerated among accepted ones.
        warm: do what the first pages would wait for, another second: for a process that forks
            one for every page.
    """
    from extractors.language.pipeline import load as load_language  # noqa: PLC0415 - spaCy too
    from extractors.readers.ppocr import PaddleReader  # noqa: PLC0415 - OpenVINO is heavy
    from extractors.readers.tesseract import TesseractReader  # noqa: PLC0415

    load_language()
    first = PaddleReader()
    if warm:
        first.warm()
    return Readers(
        first=first,
        witness=TesseractReader(),
        error_rate=error_rate,
        papers=PaddleReader(alone=True),
    )
