"""Page images as they are kept: nothing of a page is lost, and nothing is computed twice."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image

from intake.errors import BrokenScanError, TooLargeError
from intake.limits import Limits
from intake.raster import upright_pixels
from intake.sandbox import Sandbox
from intake.wire import Answer, Serve
from models.page import PageImage, Pixels

TIFF: Final = "image/tiff"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
_JPEG_STARTS: Final = b"\xff\xd8\xff"


def encode(page: PageImage) -> tuple[bytes, str]:
    """A page as bytes to keep, and their media type; `decode` gives the same pixels back.

    The JPEG that a page came from stays as it is. Black and white becomes TIFF G4 (25 kB a page),
    everything else PNG at its quickest level.
    """
    if page.jpeg:
        return page.jpeg, JPEG
    image = Image.fromarray(page.pixels)
    buffer = io.BytesIO()
    dpi = (page.dpi, page.dpi) if page.dpi else None
    options = {"dpi": dpi} if dpi else {}
    if is_bitonal(page.pixels):
        black_and_white = image.convert("1", dither=Image.Dither.NONE)
        black_and_white.save(buffer, "TIFF", compression="group4", **options)
        return buffer.getvalue(), TIFF
    image.save(buffer, "PNG", compress_level=1, **options)
    return buffer.getvalue(), PNG


def decode(data: bytes, limits: Limits) -> Pixels:
    """The pixels of an image that `encode` made.

    A JPEG came from outside and is decoded in a child; the others we wrote ourselves.

    Raises:
        ScanError: the image is damaged, or larger than the limits allow.
    """
    if not data.startswith(_JPEG_STARTS):
        return _decoded(data, limits)

    def opening() -> Serve:
        return lambda _: Answer(pixels=_decoded(data, limits))

    with Sandbox(opening, limits) as child:
        pixels = child.ask(1).pixels
    if pixels is None:
        raise BrokenScanError("The page image is damaged.")
    return pixels


def is_bitonal(pixels: Pixels) -> bool:
    """Every pixel is black or white."""
    if pixels.ndim > 2:  # noqa: PLR2004 - rows, columns, colours
        return False
    few = pixels[::16, ::16]  # tells a grey scan at once
    return all(bool(((some == 0) | (some == 255)).all()) for some in (few, pixels))  # noqa: PLR2004


def _decoded(data: bytes, limits: Limits) -> Pixels:
    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before any pixel is decoded
    try:
        with Image.open(io.BytesIO(data), formats=("TIFF", "JPEG", "PNG")) as image:
            if image.width * image.height > limits.pixels:
                raise TooLargeError("The page image is larger than the limits allow.")
            return np.ascontiguousarray(upright_pixels(image))
    except (OSError, SyntaxError, ValueError) as error:
        raise BrokenScanError("The page image is damaged.") from error
