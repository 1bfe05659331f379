"""Blank claim forms: rules from `forms/`, captions in our own words from `data/`.

`data/FORM.art.csv` lists what is no ruling line: `text`, `bold`, `italic`, `white` (on black),
`side` (turned), `ghost` (pale), `line`, `dash`, `shade`, `black`, arrows; in inches, size in
points; text with an `x1` is narrowed to end there. A `row-` in front repeats it on each service
line, `line-number` numbers them.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from forms.layout import HALF_BOX, FieldSpec, layout, rules
from models.page import Form, Pixels
from samples.faces import bold_sans, font, sans

#: forms are drawn at this many dots an inch; `placed` in a truth file starts from them
DPI = 300
#: height and width of a letter page
SHAPE = (11 * DPI, 17 * DPI // 2)
#: what our own code says; that of real forms holds the address of their makers, which readers
#: may look for
QR_TEXT = "SAMPLE OF A 1500 02/12 DRAWN BY PAPERCLAIM. FOR REAL ONES SEE WWW.NUCC.ORG"
#: inches: the top left corner of the code, and its side
_QR = (0.283, 0.25, 0.505)
#: rules, pixels wide
_WIDTHS = {"thick": 8, "solid": 2, "light": 2, "dotted": 3}
_GHOST = 36


@dataclass(frozen=True, slots=True, eq=False)
class Blank:
    """A blank form, layer by layer; each (height, width) uint8, 255 where all of it is inked.

    Attributes:
        ink: rules, captions, boxes, in the form's colour.
        shade: tinted bands.
        black: what is black even on a red form.
    """

    ink: Pixels
    shade: Pixels
    black: Pixels


class _Drawing:
    """A layer being drawn, in inches."""

    def __init__(self) -> None:
        self.image = Image.new("L", (SHAPE[1], SHAPE[0]))
        self.pen = ImageDraw.Draw(self.image)

    def line(self, x0: float, y0: float, x1: float, y1: float, width: int) -> None:
        box = [round(v * DPI) for v in (x0, y0, x1, y1)]
        self.pen.line(box, fill=255, width=width)

    def dashes(self, x0: float, y0: float, x1: float, y1: float, lengths: tuple[int, int]) -> None:
        """A line of strokes; `lengths` are those of stroke and period, pixels."""
        start, end = np.array([x0, y0]) * DPI, np.array([x1, y1]) * DPI
        span = float(np.hypot(*(end - start)))
        for at in np.arange(0.0, span, lengths[1]):
            a = start + (end - start) * at / span
            b = start + (end - start) * min(1.0, (at + lengths[0]) / span)
            self.pen.line([*a.round(), *b.round()], fill=255, width=2)

    def fill(self, x0: float, y0: float, x1: float, y1: float, value: int) -> None:
        self.pen.rectangle([round(v * DPI) for v in (x0, y0, x1, y1)], fill=value)


def _font(kind: str, points: float) -> ImageFont.FreeTypeFont:
    px = points * DPI / 72
    return bold_sans(px) if "bold" in kind or kind == "side" else font(sans(), px)


def _caption(layer: _Drawing, x: float, y: float, row: dict[str, str]) -> None:
    """Text whose upper case starts `y` inches down the page."""
    kind, text, points = row["kind"].removeprefix("row-"), row["text"], float(row["size"])
    face = _font(kind, points)
    if kind == "side":
        turned = Image.new("L", (round(face.getlength(text)), round(points * DPI / 72 * 1.2)))
        ImageDraw.Draw(turned).text((0, 0), text, fill=255, font=face)
        turned = turned.rotate(90, expand=True)
        layer.image.paste(255, (round(x * DPI), round(y * DPI)), turned)
        return
    fill = 0 if kind.startswith("white") else _GHOST if kind == "ghost" else 255
    top = face.getbbox("H", anchor="ls")[1]
    if not row["x1"]:
        layer.pen.text((x * DPI, y * DPI - top), text, fill=fill, font=face, anchor="ls")
        return
    x0, y0, x1, y1 = (round(v) for v in face.getbbox(text, anchor="ls"))
    narrow = Image.new("L", (x1 - x0, y1 - y0))
    ImageDraw.Draw(narrow).text((-x0, -y0), text, fill=255, font=face, anchor="ls")
    narrow = narrow.resize((round((float(row["x1"]) - x) * DPI), y1 - y0))
    layer.image.paste(fill, (round(x * DPI), round(y * DPI - top + y0)), narrow)


def _arrow(layer: _Drawing, x: float, y0: float, y1: float) -> None:
    half = 0.045
    points = [(x, y0), (x - half, y1), (x + half, y1)]
    layer.pen.polygon([(round(a * DPI), round(b * DPI)) for a, b in points], fill=255)


def _art(form: Form) -> list[dict[str, str]]:
    table = resources.files("samples") / "data" / f"{form}.art.csv"
    with table.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _fields(form: Form) -> Mapping[str, FieldSpec]:
    return layout(form).fields


def line_tops(form: Form) -> list[float]:
    """Inches from the first service line down to each: six on a 1500, 23 on a UB-04."""
    fields = _fields(form)
    ids = (
        [f"42.{n}" for n in range(1, 24)]
        if form is Form.UB04
        else [f"24.{n}.from" for n in range(1, 7)]
    )
    first = fields[ids[0]].box[1]
    return [fields[i].box[1] - first for i in ids]


def _draw_art(form: Form, ink: _Drawing, shade: _Drawing) -> None:
    tops = line_tops(form)
    for row in _art(form):
        kind = row["kind"].removeprefix("row-")
        repeats = tops if row["kind"].startswith("row-") or kind == "line-number" else [0.0]
        x0, y = float(row["x0"]), float(row["y0"])
        end = (float(row["x1"]), float(row["y1"])) if row["y1"] else (0.0, 0.0)
        for number, down in enumerate(repeats, start=1):
            match kind:
                case "line":
                    ink.line(x0, y + down, end[0], end[1] + down, _WIDTHS["solid"])
                case "dash":
                    ink.dashes(x0, y + down, end[0], end[1] + down, (17, 25))
                case "shade":
                    shade.fill(x0, y + down, end[0], end[1] + down, 255)
                case "black":
                    ink.fill(x0, y, *end, 255)
                case "arrow":
                    _arrow(ink, x0, y, end[1])
                case "whitearrow":
                    ink.fill(x0, y - 0.025, end[0] - 0.08, y + 0.025, 0)
                    tip = [(end[0], y), (end[0] - 0.1, y - 0.06), (end[0] - 0.1, y + 0.06)]
                    ink.pen.polygon([(round(a * DPI), round(b * DPI)) for a, b in tip], fill=0)
                case "number" | "line-number":
                    _caption(ink, x0, y + down, row | {"text": str(number)})
                case _:
                    _caption(ink, x0, y + down, row)


def _draw_rules(form: Form, ink: _Drawing) -> None:
    for rule in rules(form):
        if rule.style == "dotted":
            ink.dashes(rule.x0, rule.y0, rule.x1, rule.y1, (3, 13))
        else:
            ink.line(rule.x0, rule.y0, rule.x1, rule.y1, _WIDTHS[rule.style])


def _draw_boxes(form: Form, ink: _Drawing) -> None:
    half = HALF_BOX + 0.008
    for spec in _fields(form).values():
        for c in spec.choices:
            corner = [round(v * DPI) for v in (c.x - half, c.y - half, c.x + half, c.y + half)]
            ink.pen.rectangle(corner, outline=255, width=2)


def _draw_qr(black: _Drawing) -> None:
    code = zxingcpp.create_barcode(QR_TEXT, zxingcpp.BarcodeFormat.QRCode)
    modules = Image.fromarray(255 - np.array(code.to_image(scale=1, add_quiet_zones=False)))
    x, y, side = (round(v * DPI) for v in _QR)
    black.image.paste(modules.resize((side, side), Image.Resampling.NEAREST), (x, y))


@functools.cache
def blank(form: Form) -> Blank:
    """A blank CMS-1500 (02/12 or 08/05) or UB-04.

    Raises:
        KeyError: another form.
    """
    if form not in (Form.CMS1500, Form.CMS1500_0805, Form.UB04):
        raise KeyError(form)
    ink, shade, black = _Drawing(), _Drawing(), _Drawing()
    _draw_rules(form, ink)
    _draw_art(form, ink, shade)
    _draw_boxes(form, ink)
    if form is Form.CMS1500:
        _draw_qr(black)
    if form is Form.UB04:
        tops = line_tops(form)
        for number, down in enumerate(tops[:-1], start=1):
            if number % 2 == 0:  # every other service line is tinted
                shade.fill(0.147, 3.013 + down, 8.355, 3.013 + down + 1 / 6, 90)
    return Blank(np.asarray(ink.image), np.asarray(shade.image), np.asarray(black.image))
