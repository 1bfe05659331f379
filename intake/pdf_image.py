"""A picture inside a PDF as pixels, lying as the page shows it. Runs in the decoding child."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
import pikepdf
from pikepdf import Matrix, Name
from PIL import Image

from intake.errors import TooLargeError
from intake.pdf_marks import Box
from intake.raster import as_pixels
from models.page import Pixels

_Turn = Image.Transpose
#: how a picture is laid: signs of its right and of its down, and whether they change places,
#: to what puts the pixels as the page shows them
_TURNS: Final[dict[tuple[bool, bool, bool], _Turn | None]] = {
    (True, True, False): None,
    (False, False, False): _Turn.ROTATE_180,
    (False, True, False): _Turn.FLIP_LEFT_RIGHT,
    (True, False, False): _Turn.FLIP_TOP_BOTTOM,
    (True, True, True): _Turn.TRANSPOSE,
    (False, False, True): _Turn.TRANSVERSE,
    (True, False, True): _Turn.ROTATE_270,
    (False, True, True): _Turn.ROTATE_90,
}
#: colour spaces whose numbers are the grey or the colour itself
_PLAIN: Final = {"/DeviceGray": 1, "/DeviceRGB": 3, "/CalGray": 1, "/CalRGB": 3}
#: share of a picture's side by which its frame may lean before it counts as skewed
_LEAN: Final = 0.002


@dataclass(frozen=True, slots=True)
class View:
    """A page as a viewer shows it: crop box cut, turned; points from its top left, y down.

    Attributes:
        box: the crop box in the page's own points.
        rotation: degrees clockwise, 0, 90, 180 or 270.
        unit: inches a point times 72 (UserUnit).
    """

    box: Box
    rotation: int
    unit: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as shown, points."""
        width, height = self.box[2] - self.box[0], self.box[3] - self.box[1]
        return (height, width) if self.rotation % 180 else (width, height)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of the page, as shown."""
        right, down = x - self.box[0], self.box[3] - y
        width, height = self.box[2] - self.box[0], self.box[3] - self.box[1]
        match self.rotation:
            case 90:
                return height - down, right
            case 180:
                return width - right, height - down
            case 270:
                return down, width - right
            case _:
                return right, down


def view_of(page: pikepdf.Page) -> View:
    """The view of a page."""
    media = [float(value) for value in page.mediabox]
    crop = [float(value) for value in page.cropbox]
    media = [*map(min, media[:2], media[2:]), *map(max, media[:2], media[2:])]
    crop = [*map(min, crop[:2], crop[2:]), *map(max, crop[:2], crop[2:])]
    low = [max(a, b) for a, b in zip(media[:2], crop[:2], strict=True)]
    high = [min(a, b) for a, b in zip(media[2:], crop[2:], strict=True)]
    box = (low[0], low[1], high[0], high[1])
    if low[0] >= high[0] or low[1] >= high[1]:
        box = (media[0], media[1], media[2], media[3])
    rotation = int(page.rotation) // 90 * 90 % 360
    return View(box, rotation, float(page.obj.get(Name.UserUnit, 1)))


@dataclass(frozen=True, slots=True)
class Placed:
    """How a picture lies on a page as shown.

    Attributes:
        frame: points from the page's top left, y down.
        turn: what to do with its pixels; None for nothing.
    """

    frame: Box
    turn: _Turn | None


def place(matrix: Matrix, view: View) -> Placed | None:
    """Where and how a picture's unit square lies; None where it is skewed."""
    corner = view.point(*matrix.transform((0, 1)))
    right = view.point(*matrix.transform((1, 1)))
    down = view.point(*matrix.transform((0, 0)))
    across = (right[0] - corner[0], right[1] - corner[1])
    along = (down[0] - corner[0], down[1] - corner[1])
    on_side = abs(across[1]) > abs(across[0])
    straight = (across[1], along[0]) if on_side else (across[0], along[1])
    lean = (across[0], along[1]) if on_side else (across[1], along[0])
    if not all(straight) or max(map(abs, lean)) > _LEAN * min(map(abs, straight)):
        return None
    turn = _TURNS[straight[0] > 0, straight[1] > 0, on_side]
    opposite = (right[0] + along[0], right[1] + along[1])
    left, below = sorted((corner[0], opposite[0])), sorted((corner[1], opposite[1]))
    return Placed((left[0], below[0], left[1], below[1]), turn)


def pixels_of(image: pikepdf.Stream, placed: Placed, most: int) -> tuple[Pixels, bytes] | None:
    """The picture's pixels as the page shows them, and its JPEG where that is the same.

    None where only a renderer knows what the picture looks like.

    Raises:
        TooLargeError: it has more than `most` pixels.
    """
    if int(image.get(Name.Width, 0)) * int(image.get(Name.Height, 0)) > most:
        raise TooLargeError("The page is larger than the limits allow.")
    if any(key in image for key in (Name.SMask, Name.Mask)) or image.get(Name.ImageMask, False):
        return None
    filters = _filters(image)
    jpeg = b""
    if filters == ["/DCTDecode"]:
        opened = _jpeg(image, most)
        if opened is None:
            return None
        picture, jpeg = opened
    elif {"/JBIG2Decode", "/JPXDecode", "/DCTDecode"}.isdisjoint(filters):
        plain = _sampled(image)
        if plain is None:
            return None
        picture = plain
    else:
        return None
    if placed.turn is None:
        return as_pixels(picture), jpeg
    return as_pixels(picture.transpose(placed.turn)), b""


def _filters(image: pikepdf.Stream) -> list[str]:
    found: object = image.get(Name.Filter, [])
    return [str(one) for one in found] if isinstance(found, pikepdf.Array) else [str(found)]


def _jpeg(image: pikepdf.Stream, most: int) -> tuple[Image.Image, bytes] | None:
    """The picture of a JPEG stream, and the stream."""
    if Name.Decode in image or image.get(Name.DecodeParms, None) is not None:
        return None
    raw = image.read_raw_bytes()
    picture = Image.open(io.BytesIO(raw), formats=("JPEG",))
    if picture.width * picture.height > most:
        raise TooLargeError("The page is larger than the limits allow.")
    components = {"L": 1, "RGB": 3}.get(picture.mode)
    if components is None or _components(image) != components:
        return None
    oriented = picture.getexif().get(274, 1) != 1  # a PDF viewer does not heed it
    picture.load()
    return picture, b"" if oriented else raw


def _components(image: pikepdf.Stream) -> int:
    """Numbers a pixel, 0 where they are not the grey or the colour itself."""
    space = image.get(Name.ColorSpace, None)
    if isinstance(space, pikepdf.Array) and len(space) > 1 and space[0] == Name.ICCBased:
        return int(space[1].get(Name.N, 0))
    name = str(space[0]) if isinstance(space, pikepdf.Array) and len(space) else str(space)
    return _PLAIN.get(name, 0)


def _sampled(image: pikepdf.Stream) -> Image.Image | None:
    """The picture of a stream that pikepdf knows: G4, Flate, LZW, run lengths, none."""
    if Name.Decode in image and not _is_default(image):
        return None
    indexed = isinstance(image.get(Name.ColorSpace, None), pikepdf.Array) and (
        image.ColorSpace[0] == Name.Indexed
    )
    if not indexed and _components(image) not in {1, 3}:
        return None
    try:
        picture = pikepdf.PdfImage(image).as_pil_image()
        picture.load()
    except (pikepdf.PikepdfError, NotImplementedError, ValueError, OSError):
        return None
    return picture


def _is_default(image: pikepdf.Stream) -> bool:
    """The Decode array says what would hold without it."""
    values = [float(value) for value in image.Decode]
    return values == [0.0, 1.0] * (len(values) // 2)


def is_grey(pixels: Pixels) -> bool:
    """Every pixel of an RGB page is grey."""
    return bool(
        np.array_equal(pixels[..., 0], pixels[..., 1])
        and np.array_equal(pixels[..., 1], pixels[..., 2])
    )
