"""Pages out of TIFF, JPEG and PNG. Runs in the decoding child."""

from __future__ import annotations

import contextlib
import importlib
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from intake.errors import (
    BrokenScanError,
    EmptyScanError,
    MorePicturesError,
    NoSuchPageError,
    TooLargeError,
    TooManyPagesError,
)
from intake.formats import Format
from intake.limits import Limits
from intake.tiff import directories
from intake.wire import DPI_MAX, Answer
from models.page import Pixels

#: Pillow's decoders by format; JPEG opens phones' files of several pictures (MPO), too
_DECODERS: Final = {
    Format.TIFF: ("TIFF",),
    Format.JPEG: ("JPEG",),
    Format.PNG: ("PNG",),
}
# Every decoder is loaded here, once: in the child each scan would load it anew.
Image.preinit()
for _decoder in ("MpoImagePlugin", "TiffImagePlugin"):
    importlib.import_module(f"PIL.{_decoder}")
#: inches of the longer side that paper has; what is outside of it is a made-up resolution
_PAPER_IN: Final = (3.0, 40.0)
#: pictures of a JPEG that are looked at
_PICTURES_MAX: Final = 50
#: EXIF and TIFF tag of the orientation; from 5 on, the picture lies on its side
_ORIENTATION: Final = 274
_ON_ITS_SIDE: Final = 5
#: ratio of the two resolutions from which pixels are made square: a fax has 204 x 98 dots an inch
_OBLONG: Final = 1.15
#: how many times as long as wide paper is: letter 1.29, A4 1.41, legal 1.65
_PAPER: Final = (1.15, 1.8)
#: grey levels of 12 bits
_TWELVE_BITS: Final = 4096
#: TIFF tags of the resolution across and down and of its unit; the unit that is none
_ACROSS: Final = 282
_DOWN: Final = 283
_UNIT: Final = 296
_NO_UNIT: Final = 1
#: how many times as long as wide a pixel may be: a fax has 2.1; else it is nonsense
_LONGEST_PIXEL: Final = 4.0
#: pixels across of a fax (ITU-T T.4: A4, B4, A3), its coarse dots an inch, and the height of a
#: sheet by its width from which it has square ones: letter has 1.3, and 0.6 in coarse dots
_FAX_WIDTHS: Final = (1728, 2048, 2432)
_COARSE: Final = (204.0, 98.0)
_LOW: Final = 0.8


class Raster:
    """A TIFF, JPEG or PNG file.

    Attributes:
        pages: how many it has.
    """

    def __init__(self, path: Path, kind: Format, limits: Limits) -> None:
        Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before any pixel is decoded
        self._path = path
        self._kind = kind
        self._limits = limits
        self._frames = [0]
        if kind is Format.TIFF:
            found = directories(path, limits.pages)
            # Some writers mark every page as reduced: then they are pages all the same.
            self._frames = [one.frame for one in found if one.is_page] or [
                one.frame for one in found
            ]
            if not self._frames:
                raise EmptyScanError("The TIFF has no directory.")
        elif _more_pictures(path, kind):
            raise MorePicturesError("The file holds more than one picture of a page.")
        self.pages = len(self._frames)
        if self.pages > limits.pages:
            raise TooManyPagesError("The TIFF has more pages than the limits allow.")

    def page(self, number: int) -> Answer:
        """Page `number`, from 1.

        Raises:
            NoSuchPageError: there are fewer.
            TooLargeError: it has more pixels than are taken.
        """
        if not 1 <= number <= self.pages:
            raise NoSuchPageError("The file has no page of that number.")
        with Image.open(self._path, formats=_DECODERS[self._kind]) as image:
            if self._kind is Format.TIFF:
                image.seek(self._frames[number - 1])
            if image.width * image.height > self._limits.pixels:
                raise TooLargeError("The page is larger than the limits allow.")
            resolution = _resolution(image)
            oblong = max(resolution) > _OBLONG * min(resolution) > 0
            if oblong and _made_square(image.size, resolution):
                resolution, oblong = (0.0, 0.0), False
            pixels = upright_pixels(image)
            if oblong:
                pixels = _squared(pixels, resolution, self._limits)
            plain = self._kind is Format.JPEG and not oblong and image.mode in {"L", "RGB"}
        dpi = plausible_dpi(max(resolution), max(pixels.shape[:2]))
        return Answer(0, pixels, dpi, b"", self._path.read_bytes() if plain else b"")


def _more_pictures(path: Path, kind: Format) -> bool:
    """Whether a JPEG or PNG holds further pictures as large as the first one.

    Phones put smaller ones behind it, of depth or of light, and those are no pages.
    """
    with Image.open(path, formats=_DECODERS[kind]) as image:
        size, many = image.size, getattr(image, "n_frames", 1)
        if kind is Format.PNG:
            return bool(many > 1)  # all on one canvas
        # one that is damaged is no page
        with contextlib.suppress(OSError, SyntaxError, ValueError, KeyError, TypeError):
            for number in range(1, min(many, _PICTURES_MAX)):
                image.seek(number)
                if image.size == size:
                    return True
    return False


def _resolution(image: Image.Image) -> tuple[float, float]:
    """Dots an inch across and down, as the picture will lie upright; 0.0 where not said.

    Of a TIFF that tells the shape of its pixels alone, two numbers of that ratio, which are too
    small for dots an inch.
    """
    said = image.info.get("dpi", (0.0, 0.0))
    if isinstance(image, TiffImageFile) and (unsized := _unsized(image)) is not None:
        said = unsized
    try:
        across, down = (float(value) for value in said)
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    if not (0 < across < DPI_MAX and 0 < down < DPI_MAX):
        return 0.0, 0.0
    if image.getexif().get(_ORIENTATION, 1) >= _ON_ITS_SIDE:
        return down, across
    return across, down


def _unsized(image: TiffImageFile) -> tuple[float, float] | None:
    """As `_resolution`, of a TIFF that says no unit or no resolution; None of any other.

    Fax servers leave them out. A sheet as wide as a fax is and far too low is one of 204 x 98 dots.
    """
    tags = image.tag_v2
    across, down = (float(tags.get(tag) or 0) for tag in (_ACROSS, _DOWN))
    if not (across > 0 and down > 0):
        low = image.mode == "1" and image.height < _LOW * image.width
        return _COARSE if low and image.width in _FAX_WIDTHS else None
    if tags.get(_UNIT) != _NO_UNIT:
        return None
    ratio = across / down
    return (ratio, 1.0) if 1 / _LONGEST_PIXEL < ratio < _LONGEST_PIXEL else (0.0, 0.0)


def _made_square(size: tuple[int, int], resolution: tuple[float, float]) -> bool:
    """Whether somebody made the pixels of a page square and kept the resolution that it had.

    Then it has the shape of paper as it is, and not as its resolution says.
    """
    said = size[0] / resolution[0], size[1] / resolution[1]
    as_is, told = (max(sides) / min(sides) for sides in (size, said))
    return _PAPER[0] < as_is < _PAPER[1] and not _PAPER[0] < told < _PAPER[1]


def plausible_dpi(dpi: float, longer: int) -> float:
    """`dpi`, or 0.0 where it would make the paper absurdly small or large (cameras say 72)."""
    return dpi if dpi and _PAPER_IN[0] <= longer / dpi <= _PAPER_IN[1] else 0.0


def upright_pixels(image: Image.Image) -> Pixels:
    """The pixels as a viewer shows them: orientation applied, white behind what is transparent.

    Raises:
        BrokenScanError: they are damaged.
    """
    try:
        image.load()
        ImageOps.exif_transpose(image, in_place=True)  # a TIFF was turned while it was loaded
    except (OSError, SyntaxError, ValueError) as error:
        raise BrokenScanError("The pixels of the page are damaged.") from error
    return as_pixels(image)


def as_pixels(image: Image.Image) -> Pixels:
    """A picture of any mode as grey or RGB."""
    if image.mode.startswith("I;16"):
        deep = np.asarray(image)
        # some scanners write the 12 bits that they see as they are
        return (deep >> (4 if deep.max(initial=0) < _TWELVE_BITS else 8)).astype(np.uint8)
    if image.mode in {"I", "F"}:
        values = np.asarray(image, np.float64)
        top = 65535.0 if values.max(initial=0) > 255 else 255.0  # noqa: PLR2004 - 8 or 16 bits
        return np.clip(values * (255.0 / top), 0, 255).astype(np.uint8)
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        paper = Image.new("RGBA", seen.size, "white")
        paper.alpha_composite(seen)
        image = paper.convert("RGB" if image.mode in {"P", "RGBA", "RGB", "PA"} else "L")
    if image.mode == "1":
        image = image.convert("L")
    elif image.mode == "P":
        image = image.convert("RGB")
        if not image.convert("HSV").getchannel("S").getbbox():
            image = image.convert("L")
    elif image.mode not in {"L", "RGB"}:
        image = image.convert("L" if image.mode in {"LA", "La"} else "RGB")
    return np.asarray(image)


def _squared(pixels: Pixels, resolution: tuple[float, float], limits: Limits) -> Pixels:
    """A page of oblong pixels with square ones, as large as the finer direction."""
    finest = max(resolution)
    width = round(pixels.shape[1] * finest / resolution[0])
    height = round(pixels.shape[0] * finest / resolution[1])
    if width * height > limits.pixels:
        raise TooLargeError("The page is larger than the limits allow.")
    whole = Image.fromarray(pixels)
    return np.asarray(whole.resize((width, height), Image.Resampling.BILINEAR))
