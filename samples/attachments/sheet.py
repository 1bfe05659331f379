"""A sheet of paper being written on, that remembers where each value was put."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.page import BoxPx, Pixels
from samples.blank import DPI, SHAPE
from samples.faces import font

#: inches: right and lower edge of what is written
RIGHT, FOOT = 7.8, 10.4
#: a value within text: `{label|words}`; its words are kept on one line
_VALUE = re.compile(r"\{(\w+)\|([^}]*)\}")
_INK = 25


@dataclass(frozen=True, slots=True)
class Said:
    """A value on a paper: its label, as printed, and its box in pixels of the sheet."""

    label: str
    text: str
    box: BoxPx


@dataclass(frozen=True, slots=True)
class Piece:
    """A word as put on a sheet, and its box in pixels."""

    text: str
    box: BoxPx


def value(label: str, text: str) -> str:
    """Text that is remembered as a value."""
    return f"{{{label}|{text}}}"


def bare(text: str) -> str:
    """Text without the marks of values."""
    return _VALUE.sub(r"\2", text)


class Sheet:
    """Letter paper at 300 dpi; inches from its top left corner, points for type."""

    def __init__(self, face: str, points: float) -> None:
        self.image = Image.new("L", (SHAPE[1], SHAPE[0]), 255)
        self.said: list[Said] = []
        self.pieces: list[Piece] = []
        self.y = 0.7
        self._pen = ImageDraw.Draw(self.image)
        self._face, self.points = face, points

    @property
    def pitch(self) -> float:
        """Inches from line to line."""
        return self.points / 72 * 1.45

    @property
    def full(self) -> bool:
        """No room for another line."""
        return self.y > FOOT

    def width(self, text: str, size: float = 1.0) -> float:
        """Inches that text takes, at a size relative to the sheet's."""
        return float(self._font(size).getlength(bare(text))) / DPI

    def put(self, text: str, x: float, size: float = 1.0, *, down: float = 0.0) -> float:
        """Text on the present line, values in it remembered; where it ends, inches."""
        at = 0
        for found in _VALUE.finditer(text):
            x = self._write(text[at : found.start()], x, size, down)
            start = x
            x = self._write(found[2], x, size, down)
            top = (self.y + down) * DPI
            height = self.points * size * DPI / 72
            box = (round(start * DPI), round(top), round(x * DPI), round(top + height * 1.15))
            self.said.append(Said(found[1], found[2], box))
            at = found.end()
        return self._write(text[at:], x, size, down)

    def lines(self, text: str, x: float, right: float = RIGHT) -> None:
        """Running text over as many lines as it needs."""
        line = ""
        for word in re.findall(r"(?:\{[^}]*\}|[^\s{])+", text):
            longer = f"{line} {word}".strip()
            if line and x + self.width(longer) > right:
                self.put(line, x)
                self.y += self.pitch
                longer = word
            line = longer
        if line:
            self.put(line, x)
            self.y += self.pitch

    def rule(self, left: float, right: float, *, down: float = 0.0, dots: int = 3) -> None:
        """A line across."""
        y = round((self.y + down) * DPI)
        self._pen.line((left * DPI, y, right * DPI, y), fill=60, width=dots)

    def upright(self, x: float, top: float, bottom: float) -> None:
        """A line down."""
        self._pen.line((x * DPI, top * DPI, x * DPI, bottom * DPI), fill=60, width=3)

    def shade(self, left: float, right: float, height: float) -> None:
        """A light grey stripe behind the present line."""
        box = (left * DPI, (self.y - 0.02) * DPI, right * DPI, (self.y + height) * DPI)
        self._pen.rectangle(box, fill=232)

    def pixels(self) -> Pixels:
        """(height, width) grey."""
        return np.array(self.image)

    def _font(self, size: float) -> ImageFont.FreeTypeFont:
        return font(self._face, round(self.points * size * DPI / 72, 1))

    def _write(self, text: str, x: float, size: float, down: float) -> float:
        if not text:
            return x
        face = self._font(size)
        top = (self.y + down) * DPI
        self._pen.text((x * DPI, top), text, fill=_INK, font=face)
        for word in re.finditer(r"\S+", text):
            left = x * DPI + float(face.getlength(text[: word.start()]))
            right = left + float(face.getlength(word[0]))
            high = self.points * size * DPI / 72
            box = (round(left), round(top), round(right), round(top + high))
            self.pieces.append(Piece(word[0], box))
        return x + float(face.getlength(text)) / DPI
