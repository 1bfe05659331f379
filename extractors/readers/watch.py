"""A reader is not trusted: one that crashes, hangs or answers amiss fails by name, and in time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final, Protocol

from extractors.sighting import Sighting
from extractors.strip import Strip
from models.errors import NoRoomError, PaperclaimError, out_of_room

#: seconds for the strips of a page, which take one: two of it fit in the time of a worker's job
PATIENCE: Final = 100.0


class ReaderError(PaperclaimError):
    """A reader failed on the strips of a page."""

    code = "reader.failed"
    remedy = "Look at the page; if it happens again, run `paperclaim doctor`."


class ReaderSilentError(ReaderError):
    """A reader did not answer in time."""

    code = "reader.silent"


class ReaderAmissError(ReaderError):
    """A reader's answers are not about the strips that it was given."""

    code = "reader.amiss"


class Reader(Protocol):
    """What a reader can do; tests have those that crash, hang and lie."""

    name: str

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        """One sighting a strip, in order."""


class Watched:
    """A reader whose calls end: with an answer of the right shape, or a `ReaderError`.

    A call runs in a thread of its own. One that hangs is left behind: it can't be stopped, and
    ends with the process, which a worker has for each page.
    """

    def __init__(self, reader: Reader, patience: float) -> None:
        self.name = reader.name
        self._reader = reader
        self._patience = patience

    @classmethod
    def over(cls, reader: Reader, patience: float) -> Watched:
        """`reader` watched; one that is already is not watched twice."""
        return reader if isinstance(reader, cls) else cls(reader, patience)

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        """One sighting a strip, in order.

        Raises:
            ReaderError: the reader failed, fell silent, or answered amiss.
            MemoryError: the machine has none left; the page may be read another time.
            NoRoomError: nor has the disk any for its files.
        """
        if not strips:
            return []
        answers: list[list[Sighting]] = []
        failures: list[BaseException] = []

        def call() -> None:
            try:
                answers.append(self._reader.read(strips))
            except BaseException as error:  # noqa: BLE001 - told to the caller, by its type
                failures.append(error)

        thread = threading.Thread(target=call, name=f"reader {self.name}", daemon=True)
        thread.start()
        thread.join(self._patience)
        if failures and isinstance(failures[0], MemoryError):
            raise failures[0]
        if failures and out_of_room(failures[0]):
            raise NoRoomError(f"There is no room for what the reader {self.name} writes.")
        if failures:  # what it says may hold print
            kind = type(failures[0]).__name__
            raise ReaderError(f"The reader {self.name} failed ({kind}).")
        if not answers:
            raise ReaderSilentError(f"The reader {self.name} did not answer in time.")
        seen = answers[0]
        if len(seen) != len(strips) or not all(isinstance(s, Sighting) for s in seen):
            raise ReaderAmissError(f"The reader {self.name} did not answer for every strip.")
        return seen
