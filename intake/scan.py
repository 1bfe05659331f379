"""Open a scan: a file of any kind to page images, decoded where it can do no harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from intake.errors import (
    BrokenScanError,
    DecoderError,
    EmptyScanError,
    TooLargeError,
    UnsupportedScanError,
)
from intake.formats import Format, format_of
from intake.limits import Limits
from intake.negative import negative
from intake.pdf import PdfFile
from intake.raster import Raster
from intake.sandbox import Sandbox
from intake.wire import Answer, Serve
from intake.words import unpack
from models.page import PageImage

#: the request for the number of pages; others are page numbers
_COUNT = 0
_NO_PAGE = -1


def open_scan(path: Path, limits: Limits) -> Iterator[PageImage]:
    """The pages of a scan, in order, one at a time.

    Raises:
        ScanError: it can't be turned into pages, by its code; pages before the fault were given.
    """
    with _child(path, limits) as child:
        last = _count(child, limits)
        for number in range(1, last + 1):
            image = _image(child.ask(number), number)
            if number == last:
                child.close()  # what it used counts for this page, not for whoever asks for more
            yield image


def open_page(path: Path, number: int, limits: Limits) -> PageImage:
    """One page of a scan, counted from 1.

    Raises:
        ScanError: it can't be turned into pages, or there is no such page.
    """
    with _child(path, limits) as child:
        return _image(child.ask(number if number > 0 else _NO_PAGE), number)


def _count(child: Sandbox, limits: Limits) -> int:
    """The number of pages; one that the child should have refused is none to believe."""
    untrusted_count = child.ask(_COUNT).value
    if not 1 <= untrusted_count <= limits.pages:
        raise DecoderError("The file could not be decoded.")
    return untrusted_count


def _child(path: Path, limits: Limits) -> Sandbox:
    """A child that has the file before it."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise BrokenScanError("The file can't be read.") from error
    if not size:
        raise EmptyScanError("The file is empty.")
    if size > limits.bytes:
        raise TooLargeError("The file is larger than the limits allow.")

    def opening() -> Serve:
        kind = format_of(path)
        if kind is None:
            raise UnsupportedScanError("The file is neither PDF, TIFF, JPEG nor PNG.")
        opened = PdfFile(path, limits) if kind is Format.PDF else Raster(path, kind, limits)

        def serve(request: int) -> Answer:
            return Answer(opened.pages) if request == _COUNT else opened.page(request)

        return serve

    return Sandbox(opening, limits, path)


def _image(answer: Answer, number: int) -> PageImage:
    if answer.pixels is None:
        raise BrokenScanError("The page could not be decoded.")
    height, width = answer.pixels.shape[:2]
    words = unpack(answer.words, width, height)
    if negative(answer.pixels):
        return PageImage(np.asarray(255 - answer.pixels, np.uint8), answer.dpi, number, words)
    return PageImage(answer.pixels, answer.dpi, number, words, answer.jpeg)
