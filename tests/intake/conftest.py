"""Pages and PDFs made on the spot."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw, ImageFont

from intake.limits import Limits

LETTER = (612, 792)


def sheet(mode: str = "L", size: tuple[int, int] = (850, 1100)) -> Image.Image:
    """A page with print, a rule, and a mark in the top left corner that shows how it lies."""
    page = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(size[1] // 30)
    pen.rectangle((0, 0, size[0] // 5, size[1] // 20), fill=(200, 20, 20))
    for line in range(8):
        pen.text((size[0] // 4, size[1] * (line + 2) // 12), f"LINE {line}", "black", font)
    pen.line((0, size[1] // 2, size[0], size[1] // 2), fill="black", width=3)
    return page.convert(mode, dither=Image.Dither.NONE)


def corner(pixels: np.ndarray) -> str:
    """Where the mark of `sheet` lies."""
    grey = pixels if pixels.ndim == 2 else pixels.mean(axis=2)
    height, width = grey.shape
    places = {
        "top left": grey[2:20, 2:20],
        "top right": grey[2:20, width - 20 : width - 2],
        "bottom left": grey[height - 20 : height - 2, 2:20],
        "bottom right": grey[height - 20 : height - 2, width - 20 : width - 2],
    }
    return min(places, key=lambda name: float(places[name].mean()))


def as_bytes(image: Image.Image, form: str, **options: Any) -> bytes:
    """A picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


class PdfMaker:
    """A PDF, page by page."""

    def __init__(self) -> None:
        self.pdf = pikepdf.new()

    def page(self, content: bytes, size: tuple[float, float] = LETTER) -> pikepdf.Page:
        """A page that draws `content`; F1 is Helvetica."""
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        self.pdf.add_blank_page(page_size=size)
        page = self.pdf.pages[-1]
        page.obj[Name.Resources] = Dictionary(
            Font=Dictionary(F1=font), XObject=Dictionary(), ExtGState=Dictionary()
        )
        page.obj[Name.Contents] = self.pdf.make_stream(content)
        return page

    def image(self, data: bytes, size: tuple[int, int], **properties: Any) -> pikepdf.Stream:
        """A picture as a stream."""
        facts = {"Width": size[0], "Height": size[1], "BitsPerComponent": 8, **properties}
        return self.pdf.make_stream(data, Type=Name.XObject, Subtype=Name.Image, **facts)

    def jpeg(self, image: Image.Image) -> pikepdf.Stream:
        """A picture as a JPEG stream."""
        space = Name.DeviceGray if image.mode == "L" else Name.DeviceRGB
        data = as_bytes(image, "JPEG", quality=85)
        return self.image(data, image.size, ColorSpace=space, Filter=Name.DCTDecode)

    def scan(self, image: Image.Image, size: tuple[float, float] = LETTER) -> pikepdf.Page:
        """A page that is one picture."""
        page = self.page(b"q %f 0 0 %f 0 0 cm /Im0 Do Q" % size, size)
        page.obj.Resources.XObject[Name.Im0] = self.jpeg(image)
        return page

    def field(self, page: pikepdf.Page, rect: tuple[float, ...], **facts: Any) -> pikepdf.Object:
        """A form field that is its own widget."""
        widget = self.pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, Rect=Array(rect), F=4, P=page.obj, **facts
            )
        )
        if Name.Annots not in page.obj:
            page.obj[Name.Annots] = Array()
        page.obj.Annots.append(widget)
        root = self.pdf.Root
        if Name.AcroForm not in root:
            font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            root.AcroForm = Dictionary(
                Fields=Array(), DA=b"/Helv 12 Tf 0 g", DR=Dictionary(Font=Dictionary(Helv=font))
            )
        root.AcroForm.Fields.append(widget)
        return widget

    def save(self, path: Path, **options: Any) -> Path:
        """Write the file."""
        self.pdf.save(path, **options)
        return path


@pytest.fixture
def maker() -> PdfMaker:
    return PdfMaker()


@pytest.fixture(scope="session")
def limits() -> Limits:
    return Limits()
