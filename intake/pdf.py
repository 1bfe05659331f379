"""Pages out of a PDF. Runs in the decoding child."""

from __future__ import annotations

import contextlib
import itertools
import math
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import numpy as np
import pdf2image
import pikepdf
from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPopplerTimeoutError
from pikepdf import Name
from PIL import Image

from intake.errors import (
    BrokenScanError,
    DecoderError,
    DynamicFormError,
    EmptyScanError,
    EncryptedPdfError,
    FilesInsideError,
    NoSuchPageError,
    ScanTimeoutError,
    TooLargeError,
    TooManyPagesError,
)
from intake.formats import SUFFIXES
from intake.limits import Limits
from intake.pdf_image import Placed, View, is_grey, pixels_of, place, view_of
from intake.pdf_marks import pictures, sole_image
from intake.pdf_text import words_of
from intake.raster import plausible_dpi
from intake.wire import Answer
from models.page import Pixels

#: dots an inch at which a page is drawn that has no resolution of its own
_DPI: Final = 300.0
#: and at most, where its picture has more
_DPI_MOST: Final = 600.0
#: and at least, where the page is so large that the limits would be broken
_DPI_LEAST: Final = 100.0
#: share of a resolution that is less than a pixel on any page
_HAIR: Final = 2e-5
#: the least resolution of a picture that a page is drawn at: below it is no scan of a page
_DPI_OWN: Final = 90.0
#: share of both sides of a page that a scan covers at least
_COVERS: Final = 0.8
#: share of the longer side by which it may leave the page
_LEAVES: Final = 0.01
#: ratio of the resolutions across and down up to which a picture has the shape of the page
_SHAPE: Final = 1.15
#: pictures looked at for the resolution to draw a page at
_PICTURES_MAX: Final = 200
#: what a damaged list of a PDF may raise
_DAMAGED: Final = (pikepdf.PdfError, AttributeError, RuntimeError, TypeError, ValueError)
#: the end of a PDF; what may stand between it and the next one, and how much of that
_PDF_END: Final = b"%%EOF"
_BLANKS: Final = b"\0\t\n\f\r \x1a"
_BETWEEN: Final = 64
#: annotations that show nothing of their own
_SILENT: Final = frozenset({"/Link", "/Popup"})


class PdfFile:
    """A PDF.

    Attributes:
        pages: how many it has.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before any pixel is decoded
        self._path = path
        self._limits = limits
        try:
            self._pdf = pikepdf.open(path)
            self.pages = len(self._pdf.pages)
        except pikepdf.PasswordError as error:
            raise EncryptedPdfError("The PDF asks for a password.") from error
        if not self.pages:
            raise EmptyScanError("The PDF has no page.")
        if self._pdf.Root.get(Name.NeedsRendering, False):
            raise DynamicFormError("The PDF is a form that only Adobe's programs can show.")
        inside = any(Path(name).suffix.lower() in SUFFIXES for name in _files_inside(self._pdf))
        if inside or _joined(path):
            raise FilesInsideError("The PDF holds scans as files of their own.")
        if self.pages > limits.pages:
            raise TooManyPagesError("The PDF has more pages than the limits allow.")

    def page(self, number: int) -> Answer:
        """Page `number`, from 1: its own scan where it is one, else drawn.

        Raises:
            NoSuchPageError: there are fewer.
        """
        if not 1 <= number <= self.pages:
            raise NoSuchPageError("The file has no page of that number.")
        page = self._pdf.pages[number - 1]
        view = view_of(page)
        return self._scan(page, view, number) or self._drawn(page, view, number)

    def _scan(self, page: pikepdf.Page, view: View, number: int) -> Answer | None:
        """The one picture that the page is."""
        marks = None if _annotated(page) else sole_image(page)
        placed = marks and _placed(marks.matrix, view)
        if not marks or not placed or marks.image is None:
            return None
        found = pixels_of(marks.image, placed, self._limits.pixels)
        if found is None:
            return None
        pixels, jpeg = found
        left, top, right, bottom = placed.frame
        across = 72.0 * pixels.shape[1] / ((right - left) * view.unit)
        down = 72.0 * pixels.shape[0] / ((bottom - top) * view.unit)
        if max(across, down) > _SHAPE * min(across, down):  # oblong pixels: poppler squares them
            return None
        there = (page, view, placed.frame)
        words = words_of(self._path, number, there, pixels) if marks.text else b""
        dpi = plausible_dpi(round((across + down) / 2, 1), max(pixels.shape[:2]))
        return Answer(0, pixels, dpi, words, jpeg)

    def _drawn(self, page: pikepdf.Page, view: View, number: int) -> Answer:
        """The page as poppler draws it, with what was filled in and noted on it."""
        dpi = self._resolution(page, view)
        pixels = self._draw(number, dpi)
        words = words_of(self._path, number, (page, view, (0.0, 0.0, *view.size)), pixels)
        dpi = 72.0 * pixels.shape[1] / (view.size[0] * view.unit)
        return Answer(0, pixels, plausible_dpi(round(dpi, 1), max(pixels.shape[:2])), words)

    def _resolution(self, page: pikepdf.Page, view: View) -> float:
        """Dots a 72 points to draw a page at: its largest picture's own, within the limits."""
        width, height = view.size
        own = 0.0
        area = width * height
        for image in itertools.islice(pictures(page.resources), _PICTURES_MAX):
            pixels = sorted((int(image.get(Name.Width, 0)), int(image.get(Name.Height, 0))))
            short, long = pixels[0] / min(width, height), pixels[1] / max(width, height)
            if max(short, long) <= _SHAPE * min(short, long):  # else it is no whole page
                # A hair less: poppler gives a picture that ends on a pixel one pixel more.
                own = max(own, 72.0 * min(short, long) * (1 - _HAIR))
        dpi = min(own, _DPI_MOST) if own >= _DPI_OWN else _DPI
        most = 72.0 * math.sqrt(self._limits.pixels / area) * 0.99
        if most < min(dpi, _DPI_LEAST):
            raise TooLargeError("The page is larger than the limits allow.")
        return min(dpi, most)

    def _draw(self, number: int, dpi: float) -> Pixels:
        try:
            drawn = pdf2image.convert_from_path(
                self._path,
                dpi=cast("int", dpi),  # poppler takes fractions, which keep a scan's own pixels
                first_page=number,
                last_page=number,
                use_cropbox=True,
                timeout=math.ceil(self._limits.seconds),
            )
        except PDFPopplerTimeoutError as error:
            raise ScanTimeoutError("Decoding took longer than the limits allow.") from error
        except PDFInfoNotInstalledError as error:
            raise DecoderError("poppler is not there.") from error
        if not drawn:
            raise BrokenScanError("The page can't be drawn.")
        pixels = np.asarray(drawn[0].convert("RGB"))
        return pixels[..., 0] if is_grey(pixels) else pixels


def _files_inside(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Names of the files that a PDF carries: a portfolio's, or clipped to a page."""
    # a list of files that is damaged hides no page
    with contextlib.suppress(*_DAMAGED):
        for name, carried in pdf.attachments.items():
            yield from (name, carried.filename)
    with contextlib.suppress(*_DAMAGED):
        for page in pdf.pages:
            for note in page.obj.get(Name.Annots, []):
                if str(note.get(Name.Subtype, "")) == "/FileAttachment":
                    yield from (str(note.FS.get(key, "")) for key in (Name.UF, Name.F))


def _joined(path: Path) -> bool:
    """Whether a further PDF follows the end of one: only the last of them has pages then."""
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.find(_PDF_END)
        while at >= 0:
            after = at + len(_PDF_END)
            if data[after : after + _BETWEEN].lstrip(_BLANKS).startswith(b"%PDF-"):
                return True
            at = data.find(_PDF_END, after)
    return False


def _placed(matrix: pikepdf.Matrix, view: View) -> Placed | None:
    """How the one picture lies, where it covers the page and does not leave it."""
    placed = place(matrix, view)
    if placed is None:
        return None
    left, top, right, bottom = placed.frame
    width, height = view.size
    leaves = max(-left, -top, right - width, bottom - height) > _LEAVES * max(width, height)
    covers = right - left >= _COVERS * width and bottom - top >= _COVERS * height
    return placed if covers and not leaves else None


def _annotated(page: pikepdf.Page) -> bool:
    """Something lies on the page that was filled in or noted."""
    return any(
        str(note.get(Name.Subtype, "")) not in _SILENT for note in page.obj.get(Name.Annots, [])
    )
