"""Separator sheets: put between papers before scanning, they say where a document begins.

What our sheets carry: `PAPERCLAIM:1:DOCUMENT` before a claim or another document of its own,
`PAPERCLAIM:1:ATTACHMENT` before papers that belong to the document in front,
`PAPERCLAIM:1:BATCH:25` before a batch of which 25 pages were counted. The first number is the
version of this syntax: whoever reads a higher one than they know leaves the sheet alone.

A reply sheet, which comes back from a provider in front of an answer, is no separator but a page
of the answer: `PAPERCLAIM:1:REPLY:26327P0000012M:1`, with the claim's control number and the
number of the request.
"""

from __future__ import annotations

import enum
import io
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from forms.layout import PAPER
from models import dcn as control_numbers
from models.page import Barcode

_OURS: Final = "PAPERCLAIM"
_VERSION: Final = "1"
#: dots an inch of a sheet as drawn
_DPI: Final = 300
#: a sheet is known by either of two square codes or the long one: one may be torn or stamped over
_SQUARE_IN: Final = 2.0
_LONG_IN: Final = (6.5, 1.0)
_MARGIN_IN: Final = 0.75


class SeparatorKind(enum.StrEnum):
    """What begins after the sheet."""

    DOCUMENT = "document"
    ATTACHMENT = "attachment"
    BATCH = "batch"


#: sheets of other products that mailrooms have at hand (Code 39): the end of a claim is where the
#: next document begins, the end of a document within a claim is where the next attachment begins
_FOREIGN: Final = {
    "ENDCLM": SeparatorKind.DOCUMENT,
    "ENDDOC": SeparatorKind.ATTACHMENT,
}
_TITLES: Final = {
    SeparatorKind.DOCUMENT: "New document",
    SeparatorKind.ATTACHMENT: "Attachment",
    SeparatorKind.BATCH: "New batch",
}
_HINTS: Final = {
    SeparatorKind.DOCUMENT: "Put this sheet in front of each claim or letter.",
    SeparatorKind.ATTACHMENT: "Put this sheet in front of papers that belong to the claim before.",
    SeparatorKind.BATCH: "Put this sheet in front of the batch.",
}
_COUNTED: Final = re.compile(rf"{_OURS}:{_VERSION}:BATCH:(\d{{1,5}})")


def payload(kind: SeparatorKind, pages: int | None = None) -> str:
    """What the bar codes of a sheet say.

    Args:
        kind: of the sheet.
        pages: of a batch, as they were counted.
    """
    said = f"{_OURS}:{_VERSION}:{kind.value.upper()}"
    return said if pages is None else f"{said}:{pages}"


def counted(text: str) -> int | None:
    """How many pages a batch sheet says that were counted; None where it doesn't say."""
    found = _COUNTED.fullmatch(text.strip().upper())
    return int(found[1]) if found else None


def meaning(barcode: Barcode) -> SeparatorKind | None:
    """What a bar code separates, None where it is not one of a separator sheet."""
    text = barcode.text.strip().upper()
    if barcode.symbology.startswith("Code39") and text in _FOREIGN:
        return _FOREIGN[text]
    return _ours(text)


def _ours(text: str) -> SeparatorKind | None:
    if counted(text) is not None:
        return SeparatorKind.BATCH
    return next((kind for kind in SeparatorKind if text == payload(kind)), None)


def begins(text: str) -> SeparatorKind | None:
    """What begins after a sheet whose bar code has this text; None where it separates nothing."""
    text = text.strip().upper()
    return _ours(text) or _FOREIGN.get(text)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply sheet answers: the claim's control number, and which request about it."""

    dcn: str
    request: int


_REPLY: Final = re.compile(rf"{_OURS}:{_VERSION}:REPLY:([0-9A-Z]{{14}}):(\d{{1,4}})")


def reply_payload(reply: Reply) -> str:
    """What the bar codes of a reply sheet say."""
    return f"{_OURS}:{_VERSION}:REPLY:{reply.dcn}:{reply.request}"


def reply_of(text: str) -> Reply | None:
    """What the text of a bar code answers; None where it is not one of a reply sheet."""
    found = _REPLY.fullmatch(text.strip().upper())
    if found is None:
        return None
    try:
        return Reply(control_numbers.parse(found[1]), int(found[2]))
    except control_numbers.DcnError:
        return None


def draw(kind: SeparatorKind, pages: int | None = None) -> Image.Image:
    """A sheet, black on white, letter paper at 300 dpi.

    Args:
        kind: what begins after it.
        pages: of a batch, as they were counted.
    """
    says = payload(kind, pages)
    sheet = Image.new("1", _dots(PAPER), 1)
    pen = ImageDraw.Draw(sheet)
    square = _code(says, zxingcpp.BarcodeFormat.QRCode, (_SQUARE_IN, _SQUARE_IN))
    long = _code(says, zxingcpp.BarcodeFormat.Code128, _LONG_IN)
    margin = round(_MARGIN_IN * _DPI)
    sheet.paste(square, (margin, margin))
    sheet.paste(
        square, (sheet.width - margin - square.width, sheet.height - margin - square.height)
    )
    middle = sheet.width // 2
    sheet.paste(long, (middle - long.width // 2, round(6.6 * _DPI)))
    for text, points, at in (
        (_TITLES[kind], 54, 4.3),
        (_HINTS[kind], 16, 5.2),
        (
            "It can be used again and again; print it at full size."
            if pages is None
            else f"{pages} pages were counted. Print it at full size.",
            12,
            5.6,
        ),
        (says, 12, 7.8),
    ):
        font = ImageFont.load_default(points * _DPI / 72)
        pen.text((middle, at * _DPI), text, fill=0, font=font, anchor="mm")
    return sheet


def draw_pdf(kind: SeparatorKind, pages: int | None = None) -> bytes:
    """A sheet to print."""
    buffer = io.BytesIO()
    draw(kind, pages).save(buffer, "PDF", resolution=_DPI)
    return buffer.getvalue()


def _dots(inches: tuple[float, float]) -> tuple[int, int]:
    return round(inches[0] * _DPI), round(inches[1] * _DPI)


def _code(text: str, symbology: zxingcpp.BarcodeFormat, inches: tuple[float, float]) -> Image.Image:
    """A bar code as large as fits, every bar a whole number of dots."""
    linear = symbology == zxingcpp.BarcodeFormat.Code128
    options = {} if linear else {"ec_level": "H"}  # three tenths may be unreadable
    code = zxingcpp.create_barcode(text, symbology, **options)
    plain = Image.fromarray(np.array(code.to_image(scale=1, add_quiet_zones=False)))
    width, height = _dots(inches)
    times = width // plain.width
    size = (plain.width * times, height if linear else plain.height * times)
    return plain.resize(size, Image.Resampling.NEAREST).convert("1", dither=Image.Dither.NONE)
