"""Tesseract, the witness: many strips in one call, because a call costs 80 ms whatever it reads.

The strips are stacked on one sheet, a line each. Its own confidence separates poorly; what
counts is whether it agrees with the first reader.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import cv2
import numpy as np
import pytesseract

from extractors.sighting import Position, Sighting
from extractors.strip import Strip
from models.page import Pixels

#: pixels of paper between two strips, and around them: Tesseract needs air
_AIR = 14
#: pixels: strips are brought to at most this height, never enlarged
_HEIGHT = 44
#: seconds: a sheet that takes longer is given up; the first reader's word stands alone
_TIMEOUT = 60.0
#: one block of lines; single-line modes are worse on print
_OPTIONS = "--psm 6 --oem 1 -c tessedit_do_invert=0 -c load_system_dawg=0 -c load_freq_dawg=0"


def _shrink(pixels: Pixels) -> Pixels:
    height, width = pixels.shape
    if height <= _HEIGHT:
        return pixels
    size = (max(1, round(width * _HEIGHT / height)), _HEIGHT)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


class TesseractReader:
    """Debian's Tesseract 5 through pytesseract."""

    name = "tesseract"

    def __init__(self) -> None:
        # with more threads libgomp spins for seconds on a busy machine
        os.environ["OMP_THREAD_LIMIT"] = "1"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        """One sighting a strip, in order; empty where Tesseract sees nothing."""
        if not strips:
            return []
        images = [_shrink(s.pixels) for s in strips]
        width = max(i.shape[1] for i in images) + 2 * _AIR
        height = sum(i.shape[0] + _AIR for i in images) + _AIR
        sheet = np.full((height, width), 255, np.uint8)
        tops: list[int] = []
        y = _AIR
        for image in images:
            sheet[y : y + image.shape[0], _AIR : _AIR + image.shape[1]] = image
            tops.append(y)
            y += image.shape[0] + _AIR
        try:
            data = pytesseract.image_to_data(
                sheet,
                config=_OPTIONS,
                output_type=pytesseract.Output.DICT,
                timeout=_TIMEOUT,
            )
        except (pytesseract.TesseractError, RuntimeError, UnicodeDecodeError):
            # a witness that falls silent is no reason to lose the page
            return [Sighting(self.name, ()) for _ in strips]
        words: list[list[tuple[int, int, str, float]]] = [[] for _ in strips]
        starts = np.array(tops)
        for text, conf, x, top, w, h in zip(
            *(data[k] for k in ("text", "conf", "left", "top", "width", "height")), strict=True
        ):
            if not text.strip() or float(conf) < 0:
                continue
            at = int(np.searchsorted(starts, top + h / 2, side="right")) - 1
            words[max(0, at)].append((x - _AIR, w, text.strip(), max(0.01, float(conf) / 100)))
        return [
            self._sighting(found, image.shape[1])
            for found, image in zip(words, images, strict=True)
        ]

    def _sighting(self, words: list[tuple[int, int, str, float]], width: int) -> Sighting:
        positions: list[Position] = []
        for x, w, text, conf in sorted(words):
            if positions:
                positions.append(Position(((" ", 0.9),), positions[-1].x1, x / width))
            step = w / len(text)
            for i, character in enumerate(text):
                x0, x1 = (x + i * step) / width, (x + (i + 1) * step) / width
                positions.append(Position(((character, conf),), max(0.0, x0), min(1.0, x1)))
        return Sighting(self.name, tuple(positions))
