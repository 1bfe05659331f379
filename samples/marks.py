"""Marks in check boxes: what people and programs put there."""

from __future__ import annotations

import math
import random

import cv2
import numpy as np

from models.page import Pixels
from samples.style import MarkStyle

#: cv2 takes coordinates in 1/2**_FINE pixels
_FINE = 4


def mark(canvas: Pixels, kind: MarkStyle, centre: tuple[float, float], rng: random.Random) -> None:
    """Draw one mark on a layer of ink, about as large as its box (45 pixels at 300 dpi)."""
    x, y = centre
    size, width = rng.uniform(15, 24), rng.choice((3, 4, 5))

    def stroke(*points: tuple[float, float]) -> None:
        path = [
            (x + a * size + rng.gauss(0, 1.5), y + b * size + rng.gauss(0, 1.5)) for a, b in points
        ]
        fine = (np.array(path) * 2**_FINE).round().astype(np.int32)
        cv2.polylines(canvas, [fine], False, 255, width, cv2.LINE_AA, _FINE)  # noqa: FBT003

    match kind:
        case "x" | "cross":
            stroke((-1, -1), (0.1, 0.05), (1, 1))
            stroke((1, -1), (-0.1, 0.1), (-1, 1))
        case "tick":
            stroke((-0.8, 0.1), (-0.2, 0.9), (1.3, -1.3))
        case "slash":
            stroke((1, -1), (-1, 1))
        case "filled":
            for step in range(-4, 5):
                stroke((-0.85, step / 5), (0.85, step / 5 + 0.12))
        case "circle":
            turns = [k / 10 * math.pi for k in range(22)]
            stroke(*((1.5 * math.cos(t), 1.25 * math.sin(t)) for t in turns))
