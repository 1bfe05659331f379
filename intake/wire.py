"""What passes between the parent and the child that decodes: numbers of fixed width."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from intake.errors import (
    BrokenScanError,
    DecoderError,
    DynamicFormError,
    EmptyScanError,
    EncryptedPdfError,
    FilesInsideError,
    MorePicturesError,
    NoSuchPageError,
    ScanMemoryError,
    ScanTimeoutError,
    TooLargeError,
    TooManyPagesError,
    UnsupportedScanError,
)
from models.errors import ScanError
from models.page import Pixels

#: errors by the number that the child sends, from 1; 0 says that all is well
ERRORS: Final[tuple[tuple[type[ScanError], str], ...]] = (
    (EncryptedPdfError, "The PDF asks for a password."),
    (DynamicFormError, "The PDF is a form that only Adobe's programs can show."),
    (BrokenScanError, "The file is damaged or cut short."),
    (EmptyScanError, "The file holds no page."),
    (TooLargeError, "The scan is larger than the limits allow."),
    (TooManyPagesError, "The scan has more pages than the limits allow."),
    (ScanTimeoutError, "Decoding took longer than the limits allow."),
    (ScanMemoryError, "Decoding needed more memory than the limits allow."),
    (UnsupportedScanError, "The file is neither PDF, TIFF, JPEG nor PNG."),
    (NoSuchPageError, "The file has no page of that number."),
    (FilesInsideError, "The PDF holds scans as files of their own."),
    (MorePicturesError, "The file holds more than one picture of a page."),
    (DecoderError, "The file could not be decoded."),
)
#: error number, value, height, width, channels, dpi, bytes of pixels, of words, of JPEG
RECORD: Final = struct.Struct("<BqIIBdQQQ")
REQUEST: Final = struct.Struct("<q")
#: bytes of words a page, at most: a page of print has 5,000 characters
WORDS_MAX: Final = 4_000_000
#: bytes of the JPEG that a page came from, at most
JPEG_MAX: Final = 64_000_000
#: dots an inch, at most; NaN fails the comparison too
DPI_MAX: Final = 100_000.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the child has to say to a request: a number, or a page.

    Attributes:
        value: the number asked for.
        pixels: (height, width) or (height, width, 3) uint8, or None.
        dpi: dots an inch.
        words: the page's words, packed.
        jpeg: the JPEG that the pixels came from.
    """

    value: int = 0
    pixels: Pixels | None = None
    dpi: float = 0.0
    words: bytes = b""
    jpeg: bytes = b""


#: turns the number of a request into an answer, in the child
Serve = Callable[[int], Answer]


def failure(kind: type[ScanError]) -> ScanError:
    """An error with its own message: what the child says never becomes text."""
    return kind(next(message for error, message in ERRORS if error is kind))


def number_of(error: BaseException) -> int:
    """The number of an error; what a library raises means that the file is broken."""
    if isinstance(error, MemoryError):
        error = ScanMemoryError("")
    for number, (kind, _) in enumerate(ERRORS, start=1):
        if isinstance(error, kind):
            return number
    return number_of(BrokenScanError(""))
