"""What happens to paper before it is scanned. Each works on the page at 300 dpi, in place."""

from __future__ import annotations

import random
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw

from models.page import Form, Pixels
from samples import raster
from samples.blank import DPI, SHAPE
from samples.faces import bold_sans
from samples.papers import back

#: red, green, blue
_Colour = tuple[int, int, int]
_YELLOW, _BROWN, _GREY, _INK = (255, 243, 120), (196, 160, 112), (205, 205, 205), (70, 60, 150)
_RGB = 3


def damage(page: Pixels, name: str, form: Form, rng: random.Random) -> None:
    """Let `name` (a key of `style.DAMAGE`) happen to a page."""
    _HAPPENINGS[name](page, form, rng)


def tint(page: Pixels, cover: Pixels, corner: tuple[int, int], colour: _Colour) -> None:
    """Multiply the page with `colour` where `cover` (uint8) is, from `corner` (x, y) on."""
    x, y = corner
    height = min(cover.shape[0], page.shape[0] - y)
    width = min(cover.shape[1], page.shape[1] - x)
    part = page[y : y + height, x : x + width]
    share = cover[:height, :width].astype(np.float32) / 255
    if page.ndim == _RGB:
        rgb = 1 - np.array(colour, np.float32) / 255
        part[:] = (part * (1 - share[..., None] * rgb)).astype(np.uint8)
    else:
        grey = 1 - np.dot(colour, (0.299, 0.587, 0.114)) / 255
        part[:] = (part * (1 - share * grey)).astype(np.uint8)


def _punch(page: Pixels, _: Form, rng: random.Random) -> None:
    dark = rng.choice((20, 60, 225))
    top = rng.random() < 0.5
    for place in rng.choice(((2.75, 5.75), (1.25, 5.5, 9.75)))[: 2 if top else 3]:
        x, y = (place, 0.18) if top else (0.1, place)
        cv2.circle(page, (round(x * DPI), round(y * DPI)), 38, (dark,) * 3, -1, cv2.LINE_AA)


def _staple(page: Pixels, _: Form, rng: random.Random) -> None:
    x, y = rng.randint(40, 150), rng.randint(30, 90)
    end = (x + rng.randint(60, 110), y + rng.randint(-30, 60))
    cv2.line(page, (x + 3, y + 5), (end[0] + 3, end[1] + 5), (190,) * 3, 9, cv2.LINE_AA)
    cv2.line(page, (x, y), end, (rng.randint(60, 130),) * 3, 6, cv2.LINE_AA)


def _stain(page: Pixels, _: Form, rng: random.Random) -> None:
    cover = np.zeros((1000, 1000), np.uint8)
    radius = rng.randint(250, 430)
    cv2.ellipse(cover, (500, 500), (radius, round(radius * 0.94)), 0, 0, 360, 150, 26)
    cv2.ellipse(cover, (500, 500), (radius, round(radius * 0.94)), 0, 0, 360, 40, -1)
    corner = (rng.randint(0, SHAPE[1] - 1000), rng.randint(0, SHAPE[0] - 1000))
    tint(page, raster.blurred(cover, 4), corner, _BROWN)


def _highlight(page: Pixels, _: Form, rng: random.Random) -> None:
    for _again in range(rng.randint(1, 3)):
        cover = np.full((rng.randint(45, 65), rng.randint(300, 1200)), 235, np.uint8)
        corner = (rng.randint(50, SHAPE[1] - 1200), rng.randint(400, SHAPE[0] - 200))
        tint(page, cover, corner, _YELLOW)


def _bleed(page: Pixels, form: Form, rng: random.Random) -> None:
    """The other side shines through, mirrored."""
    behind = 255 - np.fliplr(back(form.family))
    strength = rng.uniform(0.06, 0.16)
    tint(page, raster.scaled(raster.blurred(behind, 2), strength), (0, 0), (0, 0, 0))


def _fold(page: Pixels, _: Form, rng: random.Random) -> None:
    y = round(SHAPE[0] * rng.choice((1 / 3, 0.5, 2 / 3))) + rng.randint(-40, 40)
    lower = y + rng.randint(-25, 25)
    cover = np.zeros(SHAPE, np.uint8)
    cv2.line(cover, (0, y), (SHAPE[1], lower), 255, rng.choice((2, 3)), cv2.LINE_AA)
    cv2.line(cover, (0, y + 6), (SHAPE[1], lower + 6), 90, 9, cv2.LINE_AA)
    tint(page, cover, (0, 0), _GREY)


def _corner(page: Pixels, _: Form, rng: random.Random) -> None:
    """A dog ear at the lower right, where nothing is printed."""
    side = rng.randint(60, 110)
    height, width = SHAPE
    ear = np.array([(width, height - side), (width - side, height), (width, height)])
    cv2.fillPoly(page, [ear], (90,) * 3)
    lap = np.array([(width, height - side), (width - side, height), (width - side, height - side)])
    cv2.fillPoly(page, [lap], (238,) * 3)


def _stamp(page: Pixels, form: Form, rng: random.Random) -> None:
    """The mailroom's date, where no field is."""
    text = f"RECEIVED {rng.choice(('MAR', 'JUN', 'SEP'))} {rng.randint(1, 28)} 2026"
    points = 8.5
    face = bold_sans(points * DPI / 72)
    image = Image.new("L", (round(face.getlength(text)) + 40, round(points * 8)))
    pen = ImageDraw.Draw(image)
    pen.text((20, 12), text, fill=210, font=face)
    pen.rectangle((2, 2, image.width - 3, image.height - 3), outline=200, width=4)
    turned = image.rotate(rng.uniform(-4, 4), expand=True)
    corner = (880, 90) if form is Form.CMS1500 else (1300, 3210)
    tint(page, np.array(turned), corner, _INK)


_HAPPENINGS: dict[str, Callable[[Pixels, Form, random.Random], None]] = {
    "punch": _punch,
    "staple": _staple,
    "stain": _stain,
    "highlight": _highlight,
    "bleed": _bleed,
    "fold": _fold,
    "corner": _corner,
    "stamp": _stamp,
}
