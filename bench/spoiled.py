"""Scans spoiled further, in ways that the corpus does not know: what other people's scanners do.

    python -m bench.spoiled OUT FOLDER [--per 8] [--only curled,faint]

takes clean scans of FOLDER that have their truth beside them (by default the real forms of
../shared/scans), spoils `--per` of them in each way, and writes them to OUT with their truth,
whose `scan` is the way's name. `bench.examine` and `bench.score --by scan` do the rest. Nothing
here is how `samples` scans, which taught the product.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from intake.limits import Limits
from intake.scan import open_page
from models.page import Matrix, Pixels
from samples.files import Sheet, write

#: where the real forms are, and the scans among them that nothing was done to
_REAL = Path("../shared/scans")
_CLEAN = ("clean", "office")
_DPI = 200
Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Spoiled:
    """A spoiled page.

    Attributes:
        pixels: (rows, columns) or with RGB.
        move: pixels of the page before to these.
        two_tone: it is black and white alone.
        dpi: as its file says; 0 where it doesn't.
        quality: of its JPEG.
    """

    pixels: Pixels
    move: Matrix
    two_tone: bool = False
    dpi: int = _DPI
    quality: int = 75


Spoil = Callable[[Pixels, random.Random], Spoiled]
_STILL = np.eye(3)


def _bytes(values: NDArray[Any]) -> Pixels:
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def _grey(page: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)


def _blurred(page: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(page, (0, 0), sigma), np.uint8)


def _shade(page: Pixels, factor: NDArray[Any]) -> Spoiled:
    return Spoiled(_bytes(page * (factor if factor.ndim == 3 else factor[..., None])), _STILL)


def _mesh(page: Pixels) -> tuple[Rows, Rows]:
    """Shares of the page's width and height, at each pixel."""
    rows, columns = page.shape[:2]
    across, down = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    return across, down


def _level(low: float, high: float, gamma: float = 1.0) -> Spoil:
    def spoil(page: Pixels, _: random.Random) -> Spoiled:
        return Spoiled(_bytes(low + (high - low) * (page / 255) ** gamma), _STILL)

    return spoil


def _tinted(*colours: tuple[float, float, float]) -> Spoil:
    def spoil(page: Pixels, rng: random.Random) -> Spoiled:
        return _shade(page, np.array(rng.choice(colours))[None, None])

    return spoil


def _inked(red: float, green: float, blue: float) -> Spoil:
    def spoil(page: Pixels, _: random.Random) -> Spoiled:
        level = _grey(page)[..., None] / 255
        ink = np.array((red, green, blue))
        return Spoiled(_bytes(255 * (ink + (1 - ink) * level)), _STILL, quality=85)

    return spoil


def _smeared(sigma: float) -> Spoil:
    return lambda page, _: Spoiled(_blurred(page, sigma), _STILL)


def _jpeg(quality: int) -> Spoil:
    return lambda page, _: Spoiled(page, _STILL, quality=quality)


def _halftone(page: Pixels, _: random.Random) -> Spoiled:
    dots = Image.fromarray(_grey(page)).convert("1")
    return Spoiled(_bytes(np.asarray(dots) * 255.0), _STILL, two_tone=True)


def _adaptive(page: Pixels, _: random.Random) -> Spoiled:
    method, kind = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY
    two = cv2.adaptiveThreshold(_grey(page), 255, method, kind, 31, 25)
    return Spoiled(np.asarray(two, np.uint8), _STILL, two_tone=True)


def _otsu(page: Pixels) -> Pixels:
    kind = cv2.THRESH_BINARY + cv2.THRESH_OTSU
    return np.asarray(cv2.threshold(_grey(page), 0, 255, kind)[1], np.uint8)


def _negative(page: Pixels, rng: random.Random) -> Spoiled:
    two = rng.random() < 0.5
    return Spoiled(_bytes(255 - (_otsu(page) if two else page)), _STILL, two_tone=two)


def _copied(page: Pixels, rng: random.Random) -> Spoiled:
    grey = _grey(np.asarray(cv2.resize(page, None, fx=1.5, fy=1.5), np.uint8))
    for _ in range(2):
        grey = _bytes(np.where(_blurred(grey, 1.6) < rng.uniform(150, 185), 0, 255))
    small = cv2.resize(grey, page.shape[1::-1], interpolation=cv2.INTER_AREA)
    return Spoiled(_bytes(np.where(small < 160, 0, 255)), _STILL, two_tone=True)


def _salted(page: Pixels, rng: random.Random) -> Spoiled:
    chance = np.random.default_rng(rng.randrange(2**31)).random(page.shape[:2])
    two = _otsu(page)
    two[chance < 0.004], two[chance > 0.996] = 0, 255
    return Spoiled(two, _STILL, two_tone=True)


def _lines_lost(page: Pixels, rng: random.Random) -> Spoiled:
    """A fax's line was bad: rows are lost, and others stand there askew."""
    rows = []
    for row in _otsu(page):
        chance = rng.random()
        if chance > 0.004:
            rows.append(np.roll(row, rng.randint(-40, 40)) if chance > 0.996 else row)
    return Spoiled(np.array(rows), _STILL, two_tone=True)


def _remapped(page: Pixels, off: Rows) -> Spoiled:
    rows, columns = page.shape[:2]
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    y = y + off.astype(np.float32)
    moved = cv2.remap(page, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Spoiled(np.asarray(moved, np.uint8), _STILL)


def _slipped(page: Pixels, rng: random.Random) -> Spoiled:
    _, down = _mesh(page)
    return _remapped(page, rng.uniform(4, 7) * np.sin(down * 8 + rng.random() * 6))


def _curled(page: Pixels, _: random.Random) -> Spoiled:
    across, _down = _mesh(page)
    seen = _remapped(page, 11 * (2 * across - 1) ** 2)
    return _shade(seen.pixels, 1 - 0.3 * (2 * across - 1) ** 2)


def _placed(page: Pixels, corners: Rows, size: tuple[float, float], ground: int) -> Spoiled:
    """The page with its corners at shares of its size, in a picture `size` times as large."""
    rows, columns = page.shape[:2]
    sides = np.array([columns, rows], np.float32)
    flat = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32) * sides
    move = cv2.getPerspectiveTransform(flat, (corners * sides).astype(np.float32))
    whole = (round(columns * size[0]), round(rows * size[1]))
    seen = cv2.warpPerspective(page, move, whole, flags=cv2.INTER_AREA, borderValue=(ground,) * 3)
    return Spoiled(np.asarray(seen, np.uint8), np.asarray(move, np.float64))


def _photographed(page: Pixels, rng: random.Random) -> Spoiled:
    near = np.array([rng.uniform(0, 0.05) for _ in range(8)]).reshape(4, 2)
    corners = np.array([(0.07, 0.05), (1.03, 0.05), (1.09, 1.08), (0.05, 1.07)]) + near * 0.8
    seen = _placed(page, corners, (1.16, 1.14), rng.choice((60, 110)))
    across, down = _mesh(seen.pixels)
    light = _shade(seen.pixels, (0.62 + 0.38 * (across * rng.random() + down / 2)).clip(0, 1.05))
    return Spoiled(_blurred(light.pixels, 0.8), seen.move, dpi=0)


def _steep(page: Pixels, rng: random.Random) -> Spoiled:
    far = rng.uniform(0.08, 0.13)
    corners = np.array([(0.1 + far, 0.08), (1.1 - 0.8 * far, 0.06), (1.13, 1.08), (0.06, 1.1)])
    seen = _placed(page, corners, (1.2, 1.15), 80)
    return Spoiled(seen.pixels, seen.move, dpi=0)


def _turned(*degrees: float, larger: float = 1.3, ground: int = 60) -> Spoil:
    def spoil(page: Pixels, rng: random.Random) -> Spoiled:
        rows, columns = page.shape[:2]
        angle = np.radians(rng.choice(degrees))
        flat = (np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) - 0.5) * (columns, rows)
        turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
        return _placed(page, flat @ turn / (columns, rows) + larger / 2, (larger,) * 2, ground)

    return spoil


def _sized(across: float, down: float, *, same_paper: bool = False) -> Spoil:
    def spoil(page: Pixels, _: random.Random) -> Spoiled:
        corner = (0.03, 0.03) if same_paper else (0.0, 0.0)
        ends = (corner[0] + across, corner[1] + down)
        corners = np.array([corner, (ends[0], corner[1]), ends, (corner[0], ends[1])])
        return _placed(page, corners, (1.0, 1.0) if same_paper else (across, down), 255)

    return spoil


def _folded(page: Pixels, _: random.Random) -> Spoiled:
    across, down = _mesh(page)
    shade = np.ones(page.shape[:2])
    for third in (1 / 3, 2 / 3):
        away = (down - third - 0.004 * across) * page.shape[0]
        shade *= 1 - 0.45 * np.exp(-((away / 6) ** 2)) - 0.12 * np.exp(-((away / 60) ** 2))
    return _shade(page, shade)


def _half_in_shadow(page: Pixels, rng: random.Random) -> Spoiled:
    across, down = _mesh(page)
    shadow = (across * rng.uniform(0.6, 1.4) + 0.4 * down < 0.6).astype(np.float32)
    return _shade(page, 1 - 0.5 * np.asarray(cv2.GaussianBlur(shadow, (0, 0), 12)))


def _shining_through(page: Pixels, _: random.Random) -> Spoiled:
    back = _blurred(_grey(np.ascontiguousarray(page[:, ::-1])), 1.5) / 255
    return _shade(page, 0.72 + 0.28 * back)


def _marked(page: Pixels, rng: random.Random) -> Spoiled:
    colours = ((1, 1, 0.45), (1, 0.55, 0.8), (0.55, 1, 0.6), (0.5, 0.85, 1))
    factor, colour = np.ones(page.shape), rng.choice(colours)
    for _ in range(7):
        top, left = rng.randrange(200, 2000), rng.randrange(50, 900)
        factor[top : top + 34, left : left + rng.randrange(200, 700)] = colour
    return _shade(page, factor)


def _marked_in_grey(page: Pixels, rng: random.Random) -> Spoiled:
    return Spoiled(_grey(_marked(page, rng).pixels), _STILL)


def _noted(page: Pixels, rng: random.Random) -> Spoiled:
    page, (left, top) = page.copy(), (rng.randrange(200, 1000), rng.randrange(1000, 1500))
    page[top : top + 500, left : left + 500] = (250, 240, 120)
    at = (left + 40, top + 100)
    cv2.putText(page, "call provider", at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 2, (40, 40, 60), 3)
    return Spoiled(page, _STILL)


def _stained(page: Pixels, rng: random.Random) -> Spoiled:
    rows, columns = page.shape[:2]
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    away = np.hypot(x - rng.randrange(400, 1300), y - rng.randrange(400, 1800))
    brown = 0.4 * np.exp(-(((away - 300) / 14) ** 2)) + 0.12 * (away < 300)
    return _shade(page, 1 - brown[..., None] * np.array([0.5, 0.8, 1]))


def _headed(page: Pixels, _: random.Random) -> Spoiled:
    two = _otsu(page)
    words = "NOV-29-2026 10:22  FROM MERCY BILLING  TO 9165550123  P.003/012"
    cv2.putText(two, words, (60, 28), cv2.FONT_HERSHEY_PLAIN, 1.6, (0,), 2)
    return Spoiled(two, _STILL, two_tone=True)


WAYS: dict[str, Spoil] = {
    "adaptive": _adaptive,
    "blue-ink": _inked(0.15, 0.25, 0.7),
    "copied": _copied,
    "curled": _curled,
    "dark": _level(0, 217, 2.2),
    "defocused": _smeared(1.4),
    "faint": _level(150, 290),
    "fax-header": _headed,
    "folded": _folded,
    "half-in-shadow": _half_in_shadow,
    "halftone": _halftone,
    "jpeg-15": _jpeg(15),
    "lines-lost": _lines_lost,
    "marked": _marked,
    "marked-in-grey": _marked_in_grey,
    "negative": _negative,
    "noted": _noted,
    "pale": _level(110, 217),
    "photographed": _photographed,
    "purple-ink": _inked(0.45, 0.15, 0.6),
    "red-ink": _inked(0.75, 0.0, 0.0),
    "salted": _salted,
    "shining-through": _shining_through,
    "shrunk": _sized(0.9, 0.9, same_paper=True),
    "slipped": _slipped,
    "stained": _stained,
    "steep": _steep,
    "stretched": _sized(1.0, 1.03),
    "tilted": _turned(-15, -8, 8, 12),
    "tinted-paper": _tinted((1, 0.93, 0.7), (0.8, 0.9, 1), (0.75, 1, 0.8)),
}


def _write(page: Spoiled, path: Path) -> Path:
    sheet = Sheet(page.pixels, (page.dpi, page.dpi), page.two_tone, page.quality)
    return write([sheet], path.with_suffix(".tif" if page.two_tone else ".jpg"))


def _clean(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The scans of a folder that nothing was done to yet, with their truth."""
    found = []
    for file in sorted(folder.glob("*.json")):
        truth = json.loads(file.read_text(encoding="utf-8"))
        scans = [path for path in folder.glob(f"{file.stem}.*") if path.suffix != ".json"]
        if scans and str(truth.get("style", {}).get("scan", "")).startswith(_CLEAN):
            found.append((scans[0], truth))
    return found


def spoil(folder: Path, out: Path, per: int, ways: tuple[str, ...]) -> int:
    """Spoil `per` scans of a folder in each way; how many were written."""
    out.mkdir(parents=True, exist_ok=True)
    scans, written = _clean(folder), 0
    for way in ways:
        rng = random.Random(f"spoiled {way}")
        for scan, truth in rng.sample(scans, min(per, len(scans))):
            page = open_page(scan, 1, Limits())
            factor = _DPI / (page.dpi or _DPI)
            shrink = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
            small = cv2.resize(page.pixels, None, fx=factor, fy=factor, interpolation=shrink)
            colour = small if small.ndim == 3 else cv2.cvtColor(small, cv2.COLOR_GRAY2RGB)
            spoiled = WAYS[way](np.asarray(colour, np.uint8), rng)
            path = _write(spoiled, out / f"{scan.stem}-{way}")
            move = spoiled.move @ np.diag([factor, factor, 1.0])
            moved = {"placed": (move @ np.array(truth["placed"])).tolist()}
            told = truth | moved | {"style": truth["style"] | {"scan": way}}
            path.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")
            written += 1
    return written


def main(arguments: list[str] | None = None) -> int:
    """Spoil what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.spoiled", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("folder", type=Path, nargs="?", default=_REAL)
    parser.add_argument("--per", type=int, default=8, help="scans a way")
    parser.add_argument("--only", default="", help="ways, with commas between")
    chosen = parser.parse_args(arguments)
    ways = tuple(filter(None, chosen.only.split(","))) or tuple(WAYS)
    unknown = sorted(set(ways) - WAYS.keys())
    if unknown or not _clean(chosen.folder):
        what = f"no way is called {unknown[0]}" if unknown else f"no clean scans in {chosen.folder}"
        print(f"bench.spoiled: {what}", file=sys.stderr)
        return 2
    print(f"{spoil(chosen.folder, chosen.out, chosen.per, ways)} scans")
    return 0


if __name__ == "__main__":
    sys.exit(main())
