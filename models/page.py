"""A page: its pixels, what it is, and how the form's inches lie on it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.bend import Bend

Pixels: TypeAlias = NDArray[np.uint8]
Matrix: TypeAlias = NDArray[np.float64]
#: x0, y0, x1, y1
BoxPx: TypeAlias = tuple[int, int, int, int]
#: x0, y0, x1, y1 in inches from the top left corner of the paper
BoxIn: TypeAlias = tuple[float, float, float, float]


#: the kind of a page of form `unknown` that is a CMS-1500 (12/90): named, never read
CMS1500_1290: Final = "cms1500-1290"


class Form(enum.StrEnum):
    """What a page, and so a document, is. The values are the contract's."""

    CMS1500 = "cms1500"
    CMS1500_0805 = "cms1500-0805"
    UB04 = "ub04"
    UB92 = "ub92"
    ATTACHMENT = "attachment"
    SEPARATOR = "separator"
    BACK = "back"
    BLANK = "blank"
    UNKNOWN = "unknown"

    @property
    def is_claim(self) -> bool:
        """A claim form, of whatever version."""
        return self in (Form.CMS1500, Form.CMS1500_0805, Form.UB04, Form.UB92)

    @property
    def family(self) -> Form:
        """The current form whose field ids it shares, where an item means the same."""
        return {Form.CMS1500_0805: Form.CMS1500, Form.UB92: Form.UB04}.get(self, self)


@dataclass(frozen=True, slots=True)
class TextWord:
    """A word that the file itself carries (text layer, form field), in pixels of the page.

    Attributes:
        text: the word; a form field's whole value, X for a ticked box.
        box: where it stands.
        drawn: it is what the page shows. False for the hidden text behind a scan, which is some
            other program's reading of the same ink: evidence at best.
    """

    text: str
    box: BoxPx
    drawn: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class PageImage:
    """A page as scanned, before anything was done to it.

    Attributes:
        pixels: (height, width) grey or (height, width, 3) RGB, uint8, 255 is white paper.
        dpi: dots an inch as the file says; 0.0 where it doesn't say.
        number: 1 for the first page of the scan.
        words: the file's own text, where it has any.
        jpeg: the JPEG that decodes to these pixels, where there is one: it is kept as it is.
    """

    pixels: Pixels
    dpi: float
    number: int
    words: tuple[TextWord, ...] = ()
    jpeg: bytes = b""

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns of pixels."""
        return int(self.pixels.shape[1])

    def around(self, points: NDArray[np.float64]) -> BoxPx:
        """The box around points, (n, 2) x and y in pixels: whole ones, and none off the page."""
        left, top = np.floor(points.min(axis=0)).astype(int)
        right, bottom = np.ceil(points.max(axis=0)).astype(int)
        return (
            int(np.clip(left, 0, self.width)),
            int(np.clip(top, 0, self.height)),
            int(np.clip(right, 0, self.width)),
            int(np.clip(bottom, 0, self.height)),
        )


def corners(box: BoxPx | BoxIn) -> NDArray[np.float64]:
    """The four corners of a box, (4, 2) x and y."""
    x0, y0, x1, y1 = box
    return np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]], np.float64)


@dataclass(frozen=True, slots=True)
class Barcode:
    """A bar code found on a page: its symbology, text, and box in pixels as scanned."""

    symbology: str
    text: str
    box: BoxPx


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """How the form's inches lie on the page as scanned.

    Attributes:
        to_scan: 3x3 homography from form inches (x right, y down, from the paper's top left
            corner, form upright) to pixels of the page *as scanned*, rotation included.
        error_in: root mean square of what the fit leaves over, inches.
        quality: 0 (a guess) to 1 (rules matched all over the page).
        method: `rules`, `print` (no rules left: by where the print lies), or `none`.
        bend: how the sheet lies off a flat one; None where it lies flat.
    """

    to_scan: Matrix
    error_in: float
    quality: float
    method: str
    bend: Bend | None = None


#: doubt of a page: beside the form that was read, more print lies on the picture
MORE: Final = "page.more"
#: doubt of a page: a part of its form lies beyond the picture
CUT: Final = "page.cut"
#: doubt of a page: its words are a claim form's, and where its fields lie nobody can tell
UNLAID: Final = "page.unlaid"
#: doubt of a page: its print is hardly darker than its paper, and some may not show at all
PALE: Final = "page.pale"


@dataclass(frozen=True, slots=True, eq=False)
class PageLook:
    """What a page turned out to be.

    Attributes:
        form: the kind of page.
        quarter_turns: clockwise quarter turns that put the scanned page upright, 0 to 3.
        confidence: probability that `form` is right.
        registration: for claim forms, else None.
        barcodes: all bar codes on the page.
        ink: share of the page that is print, 0 to 1.
        kind: name of a form that is none of ours, where it says it (`CMS1500_1290`).
        doubts: codes of what is amiss with the page as a whole (docs/doubts.md).
    """

    form: Form
    quarter_turns: int
    confidence: float
    registration: Registration | None = None
    barcodes: tuple[Barcode, ...] = field(default=())
    ink: float = 0.0
    kind: str | None = None
    doubts: tuple[str, ...] = ()
