"""Print a claim onto the grid of its form, as practices' printers and pens do."""

from __future__ import annotations

import random

import cv2
import numpy as np

from forms.layout import FieldSpec, layout
from models.page import Form, Pixels
from samples import raster
from samples.blank import DPI, SHAPE
from samples.faces import Face, Glyph, face
from samples.marks import mark
from samples.style import Style

#: inches: where the rule between dollars and cents stands on a 1500
_CENTS = {"charges": 5.787, "28": 6.007, "29": 7.007, "30": 7.91, "20.charges": 7.287}
#: FL38 holds five lines; the first is this far down, inches
_FL38 = 0.13
_PT = DPI / 72
#: characters an inch that the forms are made for
_GRID = 10.0
#: pixels: strokes of a face that prints too thin to be read; printers strike such ones bold
_THIN = 4
#: the least ink that a ribbon leaves, as a share
_FAINTEST = 0.6


class Press:
    """Prints fields on a layer of ink."""

    def __init__(self, form: Form, style: Style, rng: random.Random) -> None:
        self.ink: Pixels = np.zeros(SHAPE, np.uint8)
        #: once finished, what a fresh ribbon would have left
        self.fresh = self.ink
        self.form, self.style = form, style
        self._plan, self._rng = layout(form), rng
        self._face: Face = face(style.font, _em(style))
        #: pixels from a box's left edge to the first character
        self._pad = rng.uniform(0, 0.05) * DPI
        self._gap = rng.uniform(0.015, 0.05) * DPI
        self._shift = rng.gauss(0, 0.02) * DPI
        self._hand = style.hand

    def fields(self, page: dict[str, str]) -> None:
        """Print every field of a page."""
        for name, text in page.items():
            spec = self._plan.fields[name]
            if spec.choices:
                self._choose(spec, text)
            elif spec.kind == "money":
                self._money(spec, text)
            elif parts := self._cells(spec, text):
                for x, part in parts:
                    self._text(x + self._pad, self._middle(spec), part, 0)
            else:
                x0 = spec.box[0] * DPI + self._pad
                self._text(x0, self._middle(spec), text, self._room(spec))

    def say(self, x: float, y: float, text: str) -> None:
        """Print `text` where no field would have it: from `x` on, its capitals centred on `y`.

        Inches, as the form has them.
        """
        self._text(x * DPI, y * DPI, text, 0)

    def width(self, text: str) -> float:
        """Inches that `text` takes."""
        return self._width(text) / DPI

    def finish(self) -> Pixels:
        """The layer of ink with the ribbon's, the nozzle's and the carriage's doing."""
        ink, style = self.ink, self.style
        weight = style.weight + (self._face.stem < _THIN)
        if weight > 0:
            ink = np.asarray(cv2.dilate(ink, np.ones((2, weight + 1), np.uint8)), np.uint8)
        elif weight < 0:
            ink = np.asarray(cv2.erode(ink, np.ones((2, 2), np.uint8)), np.uint8)
        if style.slant or style.stretch != 1:
            turn = cv2.getRotationMatrix2D((0.0, 0.0), style.slant, style.stretch)
            ink = np.asarray(cv2.warpAffine(ink, turn, (SHAPE[1], SHAPE[0])), np.uint8)
        self.fresh = ink
        level = round(255 * style.level)
        if style.ribbon:
            chance = np.random.default_rng(self._rng.randrange(2**32))
            coarse = chance.normal(1 - style.ribbon / 3, style.ribbon / 3, (66, 51))
            field = (np.clip(coarse, _FAINTEST, 1) * level).astype(np.uint8)
            return raster.product(ink, raster.stretched(field, (SHAPE[1], SHAPE[0])))
        if level < 255:
            ink = raster.scaled(ink, level / 255)
        return ink

    def _middle(self, spec: FieldSpec) -> float:
        y = spec.box[1] + _FL38 if spec.id == "38" else (spec.box[1] + spec.box[3]) / 2
        return y * DPI

    def _room(self, spec: FieldSpec) -> float:
        return (spec.box[2] - spec.box[0]) * DPI

    def _cells(self, spec: FieldSpec, text: str) -> list[tuple[float, str]]:
        """Where the parts of a date or a phone number go, pixels, if they are set part by part.

        The 1500 has a cell of 0.3 in for the month, one for the day, brackets of 0.4 in around
        the area code. On the grid of ten an inch the parts fall there by themselves.
        """
        step = {"date": 0.3, "phone": 0.4}.get(spec.kind, 0.0)
        on_grid = self._face.info.fixed and self.style.pitch == _GRID
        if self.form.family is not Form.CMS1500 or not step or " " not in text or on_grid:
            return []
        first, *rest = text.split(" ", 2 if spec.kind == "date" else 1)
        return [((spec.box[0] + step * n) * DPI, part) for n, part in enumerate((first, *rest))]

    def _choose(self, spec: FieldSpec, name: str) -> None:
        choice = next(c for c in spec.choices if c.name == name)
        style, rng = self.style, self._rng
        x = choice.x + style.offset[0] + rng.gauss(0, style.stray)
        y = choice.y + style.offset[1] + rng.gauss(0, style.stray)
        if style.marks == "x" and not self._hand:
            glyph = self._face.glyph("X")
            left = x * DPI - glyph.left - glyph.ink.shape[1] / 2
            self._stamp(glyph, left, y * DPI + self._face.cap_height / 2)
        else:
            mark(self.ink, style.marks, (x * DPI, y * DPI), rng)

    def _money(self, spec: FieldSpec, text: str) -> None:
        y, right = self._middle(spec), spec.box[2] * DPI
        rule = self._cents_rule(spec) * DPI
        dollars, point, cents = text.partition(".")
        if not point:  # words where an amount would stand
            self._text(spec.box[0] * DPI + self._pad, y, text, self._room(spec))
            return
        match self.style.money:
            case "point":
                self._text(right - self._gap - self._width(text), y, text, 0)
            case "rule":
                self._text(rule - self._gap - self._width(dollars), y, dollars, 0)
                room = right - rule - self._width(cents)
                self._text(rule + min(self._gap, max(room, 0.0)), y, cents, 0)
            case "grid" if right - rule > self._width(cents):
                left = rule - self._width(f"{dollars} ") + self._width(" ") / 2 + self._shift
                self._text(left, y, f"{dollars} {cents}", 0)
            case "grid" | "run":  # where there is room for two figures alone, no blank goes before
                self._text(rule - self._width(dollars) + self._shift, y, dollars + cents, 0)

    def _cents_rule(self, spec: FieldSpec) -> float:
        """Inches: the dotted rule in a money box, or where one would stand."""
        if self.form.family is Form.CMS1500:
            return _CENTS["charges" if spec.id.startswith("24.") else spec.id]
        x0, y0, x1, y1 = spec.box
        middle = (y0 + y1) / 2
        for rule in self._plan.rules:
            if rule.style == "dotted" and x0 < rule.x0 < x1 and rule.y0 < middle < rule.y1:
                return rule.x0
        return x1 - 0.25

    def _advance(self, character: str) -> float:
        pitch = self.style.pitch
        if pitch and self._face.info.fixed:
            return DPI / pitch
        if character == " " and not self._hand:
            return self._face.glyph("n").advance
        return self._face.glyph(character).advance

    def _width(self, text: str) -> float:
        return sum(self._advance(c) for c in text)

    def _text(self, x: float, y: float, text: str, room: float) -> None:
        """Print `text` from `x` on, its upper case centred on `y` (pixels, page not yet offset).

        A pen squeezes what would not fit into `room`; a printer does not care.
        """
        style, rng = self.style, self._rng
        x += style.offset[0] * DPI
        base = y + style.offset[1] * DPI + self._face.cap_height / 2
        squeeze = 1.0
        if self._hand:
            base += rng.gauss(0, 3)
            if room and self._width(text) > room:
                squeeze = max(0.7, room / self._width(text))
        drift = rng.gauss(0, 0.012) if self._hand else 0.0
        for character in text:
            if character != " ":
                glyph = self._face.glyph(character)
                at = x
                if style.pitch and self._face.info.fixed:  # centred in its cell
                    at += (self._advance(character) - glyph.advance) / 2
                if self._hand:
                    glyph = _jitter(glyph, rng)
                self._stamp(glyph, at, base)
            step = self._advance(character) * squeeze
            x += step * (rng.gauss(1, 0.04) if self._hand else 1.0)
            base += step * drift

    def _stamp(self, glyph: Glyph, x: float, base: float) -> None:
        left, top = round(x + glyph.left), round(base + glyph.top)
        height, width = glyph.ink.shape
        y0, x0 = max(top, 0), max(left, 0)
        y1, x1 = min(top + height, SHAPE[0]), min(left + width, SHAPE[1])
        if y1 <= y0 or x1 <= x0:
            return
        part = self.ink[y0:y1, x0:x1]
        np.maximum(part, glyph.ink[y0 - top : y1 - top, x0 - left : x1 - left], out=part)


def _em(style: Style) -> float:
    """Pixels to the em: a fixed face never wider than its pitch allows."""
    px = style.points * _PT
    if style.hand:  # hands are as large as they write capitals, whatever their font says
        px *= 0.7 * px / max(1, face(style.font, px).cap_height)
    widest = DPI / style.pitch / 0.6 if style.pitch else px
    return round(min(px, widest) * 2) / 2


def _jitter(glyph: Glyph, rng: random.Random) -> Glyph:
    """One character as a hand writes it this time: turned, stretched, shifted a little."""
    height, width = glyph.ink.shape
    pad = 4
    scale = rng.gauss(1, 0.05)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.gauss(0, 3), scale)
    turn[:, 2] += pad
    turn[0, 1] += rng.gauss(0, 0.05)  # slope
    ink = cv2.warpAffine(glyph.ink, turn, (width + 2 * pad, height + 2 * pad))
    down = round(rng.gauss(0, 1.5))
    return Glyph(np.asarray(ink, np.uint8), glyph.left - pad, glyph.top - pad + down, glyph.advance)
