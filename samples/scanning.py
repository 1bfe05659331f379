"""Scan a page: where it comes to lie, what the machine makes of its greys."""

from __future__ import annotations

import math
import random

import cv2
import numpy as np

from models.page import Matrix, Pixels
from samples import raster
from samples.blank import DPI, SHAPE
from samples.scanners import Scanner

_RGB = 3
#: side of the square of noise that is laid over a page again and again
_TILE = 512


def scan(
    page: Pixels, scanner: Scanner, turns: int, bed: tuple[float, float], rng: random.Random
) -> tuple[Pixels, Matrix, tuple[int, int]]:
    """A page at 300 dpi as `scanner` sees it.

    It lies `turns` clockwise quarter turns off, on a `bed` so many inches wide and high.

    Returns:
        The scan, uint8, grey or RGB (bitonal scans hold 0 and 255); where the form came to lie:
        3x3, pixels of the page to pixels of the scan, turns included; and the dots an inch
        across and down.
    """
    chance = np.random.default_rng(rng.randrange(2**32))
    place, size = _place(scanner, bed, rng)
    image = _lay(page, place, size, scanner)
    image = _see(image, scanner, chance, rng)
    return _turn(image, place, scanner.dpi, turns)


def _place(
    scanner: Scanner, bed: tuple[float, float], rng: random.Random
) -> tuple[Matrix, tuple[int, int]]:
    """Where the page comes to lie, and the size of the scan (width, height)."""
    across, down = (d / DPI for d in scanner.dpi)
    width, height = (round(b * d) for b, d in zip(bed, scanner.dpi, strict=True))
    zoom = max(0.97, min(1.03, rng.gauss(1, 0.006)))
    angle = math.radians(max(-1.0, min(1.0, rng.gauss(0, 0.45))) * scanner.skew)
    cos, sin = zoom * math.cos(angle), zoom * math.sin(angle)
    middle = np.array([SHAPE[1] / 2, SHAPE[0] / 2])
    turned = np.array([[cos, -sin], [sin, cos]])
    shift = middle - turned @ middle + [rng.gauss(0, 12), rng.gauss(0, 12)]
    place = np.eye(3)
    place[:2, :2], place[:2, 2] = turned, shift
    if scanner.photo:
        width, height = round(SHAPE[1] * across), round(SHAPE[0] * down)
        return _camera(width, height, rng) @ place, (round(width * 1.1), round(height * 1.1))
    return np.diag([across, down, 1.0]) @ place, (width, height)


def _camera(width: int, height: int, rng: random.Random) -> Matrix:
    """A sheet on a table seen from above, not quite straight: page pixels to photo pixels."""
    bend = 0.02
    corners = [(0.05, 0.05), (1.05, 0.05), (1.05, 1.05), (0.05, 1.05)]
    seen = [
        ((x + rng.uniform(-bend, bend)) * width, (y + rng.uniform(-bend, bend)) * height)
        for x, y in corners
    ]
    flat = [(0, 0), (SHAPE[1], 0), (SHAPE[1], SHAPE[0]), (0, SHAPE[0])]
    matrix = cv2.getPerspectiveTransform(np.array(flat, np.float32), np.array(seen, np.float32))
    return np.asarray(matrix, np.float64)


def _lay(page: Pixels, place: Matrix, size: tuple[int, int], scanner: Scanner) -> Pixels:
    across, down = (max(0.0, DPI / d - 1) * 0.45 for d in scanner.dpi)
    if across or down:  # as a sensor, which adds up what falls on it
        page = raster.blurred(page, across or 0.01, down or 0.01)
    edge = (scanner.edge,) * 3
    laid = cv2.warpPerspective(page, place, size, flags=cv2.INTER_LINEAR, borderValue=edge)
    return np.asarray(laid, np.uint8)


def _see(
    image: Pixels, scanner: Scanner, chance: np.random.Generator, rng: random.Random
) -> Pixels:
    """Optics, sensor, and what the machine does with the greys."""
    if scanner.blur > 0.3:
        image = raster.blurred(image, scanner.blur)
    floor = scanner.paper * (1 - scanner.contrast)
    if scanner.photo:
        image = _shade(image, rng)
    image = raster.scaled(image, (scanner.paper - floor) / 255, floor)
    image = _noisy(image, scanner.noise, chance)
    if scanner.streaks:
        _streak(image, rng.randint(0, scanner.streaks), rng)
    if scanner.mode == "bitonal":
        level = scanner.threshold + rng.randint(-12, 12)
        image = np.asarray(cv2.threshold(image, level, 255, cv2.THRESH_BINARY)[1], np.uint8)
        _speck(image, scanner.specks, chance)
    return image


def _noisy(image: Pixels, sigma: float, chance: np.random.Generator) -> Pixels:
    """The sensor's noise added: one small square of it, again and again."""
    square = (_TILE, _TILE, _RGB) if image.ndim == _RGB else (_TILE, _TILE)
    tile = (chance.standard_normal(square, np.float32) * sigma).astype(np.int16)
    down, across = (-(-side // _TILE) for side in image.shape[:2])
    repeats = (down, across, 1) if image.ndim == _RGB else (down, across)
    noise = np.tile(tile, repeats)[: image.shape[0], : image.shape[1]]
    return np.asarray(cv2.add(image, noise, dtype=cv2.CV_8U), np.uint8)


def _shade(image: Pixels, rng: random.Random) -> Pixels:
    """Light from one side, and the shadow of a hand or a telephone."""
    small = np.zeros((48, 36), np.float32)
    rows, columns = np.mgrid[0:48, 0:36]
    angle = rng.uniform(0, 2 * math.pi)
    small = 1 - rng.uniform(0.05, 0.25) * (
        (np.cos(angle) * (columns / 35 - 0.5) + np.sin(angle) * (rows / 47 - 0.5)) + 0.5
    )
    if rng.random() < 0.4:
        away = np.hypot(columns - rng.uniform(0, 36), rows - rng.uniform(30, 60))
        small *= 1 - rng.uniform(0.1, 0.3) / (1 + np.exp((away - 20) / 2))
    light = (np.clip(small, 0.3, 1) * 255).astype(np.uint8)
    size = (image.shape[1], image.shape[0])
    field = raster.stretched(light, size)
    return raster.product(image, raster.merged([field] * 3) if image.ndim == _RGB else field)


def _streak(image: Pixels, count: int, rng: random.Random) -> None:
    """Vertical lines of dirty glass; rows that the line lost."""
    height, width = image.shape[:2]
    for _ in range(count):
        x = rng.randrange(width)
        dark = rng.random() < 0.6
        y0, y1 = (0, height) if rng.random() < 0.5 else sorted(rng.sample(range(height), 2))
        image[y0:y1, x : x + rng.choice((1, 1, 2))] = 0 if dark else 255
    for _ in range(count):
        y = rng.randrange(height)
        image[y : y + rng.choice((1, 1, 2))] = 255


def _speck(image: Pixels, per_million: float, chance: np.random.Generator) -> None:
    """Dirt: mostly black dots of one to four pixels, some white ones."""
    count = round(image.size / 1e6 * per_million)
    height, width = image.shape[:2]
    ys, xs = chance.integers(0, height - 2, count), chance.integers(0, width - 2, count)
    for y, x, size in zip(ys, xs, chance.integers(1, 3, count), strict=True):
        image[y : y + size, x : x + size] = 0 if (x + y) % 4 else 255


def _turn(
    image: Pixels, place: Matrix, dpi: tuple[int, int], turns: int
) -> tuple[Pixels, Matrix, tuple[int, int]]:
    """The scan as it comes out when the paper went in sideways or upside down.

    A page that was scanned `turns` clockwise quarter turns off its upright place.
    """
    turns %= 4
    for _ in range(turns):
        height = image.shape[0]
        image = np.asarray(cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE), np.uint8)
        # a pixel (x, y) comes to lie at (height - 1 - y, x)
        place = np.array([[0.0, -1.0, height - 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]) @ place
        dpi = (dpi[1], dpi[0])
    return image, place, dpi
