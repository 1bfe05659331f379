"""Page images for programs and for screens, from the page as it lies in the store."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np

#: pixels across a page on screen: about 200 dpi, sharp at twice the size a field is shown
SCREEN_WIDTH = 1700
_QUALITY = 82
_TURNS = {
    1: cv2.ROTATE_90_CLOCKWISE,
    2: cv2.ROTATE_180,
    3: cv2.ROTATE_90_COUNTERCLOCKWISE,
}
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Picture:
    """An image file: its bytes and media type."""

    content: bytes
    media_type: str


def as_scanned(stored: bytes) -> Picture:
    """The page as scanned, every pixel, as PNG or JPEG."""
    for signature, media_type in _SIGNATURES.items():
        if stored.startswith(signature):
            return Picture(stored, media_type)
    return Picture(_encode(_decode(stored), ".png"), "image/png")


@functools.lru_cache(maxsize=24)
def for_screen(stored: bytes, quarter_turns: int) -> Picture:
    """The page upright and no wider than a screen needs, as JPEG; the last few are kept.

    Args:
        stored: the page's image file.
        quarter_turns: clockwise, what puts it upright.
    """
    image = _decode(stored)
    turn = _TURNS.get(quarter_turns % 4)
    if turn is not None:
        image = cv2.rotate(image, turn)
    height, width = image.shape[:2]
    if width > SCREEN_WIDTH:
        size = (SCREEN_WIDTH, round(height * SCREEN_WIDTH / width))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return Picture(_encode(image, ".jpg", cv2.IMWRITE_JPEG_QUALITY, _QUALITY), "image/jpeg")


def piece(stored: bytes, quarter_turns: int, box: tuple[float, float, float, float]) -> Picture:
    """A piece of a page, with a little of what stands around it, as PNG.

    Args:
        stored: the page's image file.
        quarter_turns: clockwise, what puts it upright.
        box: x0, y0, x1, y1 as shares of the upright page.
    """
    image = _upright(stored, quarter_turns)
    height, width = image.shape[:2]
    around = 0.006 * height
    left, right = int(box[0] * width - 1.5 * around), round(box[2] * width + 1.5 * around)
    top, bottom = int(box[1] * height - around / 2), round(box[3] * height + around / 2)
    cut = image[max(0, top) : max(1, bottom), max(0, left) : max(1, right)]
    return Picture(_encode(cut, ".png"), "image/png")


@functools.lru_cache(maxsize=6)
def _upright(stored: bytes, quarter_turns: int) -> cv2.typing.MatLike:
    """The pages that were decoded last: their pieces are asked for one after another."""
    image = _decode(stored)
    turn = _TURNS.get(quarter_turns % 4)
    return image if turn is None else cv2.rotate(image, turn)


def _decode(stored: bytes) -> cv2.typing.MatLike:
    image = cv2.imdecode(np.frombuffer(stored, np.uint8), cv2.IMREAD_ANYCOLOR)
    if image is None:
        raise ValueError("not an image")
    return image


def _encode(image: cv2.typing.MatLike, suffix: str, *options: int) -> bytes:
    done, content = cv2.imencode(suffix, image, options)
    if not done:
        raise ValueError(suffix)
    return content.tobytes()
