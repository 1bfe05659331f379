"""A made-up claim, printed and scanned: the picture and the truth about it."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.page import Form, Matrix, Pixels
from samples import claims, damage, raster
from samples.blank import Blank, blank
from samples.claims import MadeClaim
from samples.files import Sheet
from samples.kept import kept
from samples.printing import Press
from samples.scanners import SCANNERS, Scanner
from samples.scanning import scan
from samples.style import Style

#: the day on which claims are made up, unless told another: the same seed, the same claim
TODAY = dt.date(2026, 9, 30)
_RED, _TINT = (208, 40, 60), (250, 222, 226)
#: of red ink, what a grey scanner sees: some have a red lamp, and then the form all but vanishes
_RED_GREY = (70, 105, 130)
_BLUE, _BLACK = (38, 52, 140), (22, 22, 24)
_NO_RED = 0.35
#: ratio of the two resolutions from which pixels are made square, as `intake` does
_OBLONG = 1.15


@dataclass(frozen=True, slots=True, eq=False)
class Scanned:
    """A scan of one or more pages, and the truth about each."""

    sheets: tuple[Sheet, ...]
    truths: tuple[dict[str, Any], ...]


def make(
    form: Form,
    seed: int,
    style: Style,
    *,
    faults: tuple[str, ...] = (),
    today: dt.date = TODAY,
) -> tuple[Pixels, dict[str, Any]]:
    """The first page of a made-up claim as scanned, grey or RGB, and its truth file.

    Raises:
        KeyError: `form` is not one that we can draw, or a fault is unknown.
    """
    scanned = make_scan(form, seed, style, faults=faults, today=today)
    return scanned.sheets[0].pixels, scanned.truths[0]


def make_scan(
    form: Form,
    seed: int,
    style: Style,
    *,
    faults: tuple[str, ...] = (),
    today: dt.date = TODAY,
) -> Scanned:
    """All pages of a made-up claim, as `make`."""
    rng = random.Random(f"{seed} {form}")
    claim = claims.make(form, rng, style.wording, today=today, faults=faults)
    return scan_claim(claim, seed, style)


def scan_claim(
    claim: MadeClaim, seed: int, style: Style, scanner: Scanner | None = None
) -> Scanned:
    """Print and scan a claim; with `scanner` instead of the style's, where one is given."""
    rng = random.Random(f"{seed} {claim.form} print")
    sheets, truths = [], []
    for fields in claim.pages:
        press = Press(claim.form, style, rng)
        press.fields(fields)
        sheet, place = scan_page(claim.form, press.finish(), style, rng, scanner)
        sheets.append(sheet)
        truth = {
            "form": claim.form.value,
            "style": style.json(seed),
            "hand": style.hand,
            "faults": ",".join(claim.faults),
            "placed": (_squared(sheet.dpi) @ place).tolist(),
            "fields": fields,
        }
        if sheet.bitonal:
            truth["kept"] = kept(claim.form, press.fresh, style.offset, sheet.pixels, place, fields)
        truths.append(truth)
    return Scanned(tuple(sheets), tuple(truths))


def _squared(dpi: tuple[int, int]) -> Matrix:
    """Pixels of a scan to those of the picture that readers and people look at.

    A standard fax has 204 dots an inch across and 98 down: before anything looks at it, its
    lines are repeated until its pixels are square. Nearly square ones (204 x 196) stay.
    """
    if not all(dpi) or max(dpi) < _OBLONG * min(dpi):
        return np.eye(3)
    return np.diag([max(dpi) / dpi[0], max(dpi) / dpi[1], 1.0])


def scan_page(
    form: Form,
    ink: Pixels,
    style: Style,
    rng: random.Random,
    scanner: Scanner | None = None,
) -> tuple[Sheet, Matrix]:
    """A form with `ink` (a layer) printed on it, as scanned, and where it came to lie."""
    scanner = scanner or SCANNERS[style.scan]
    page = _paper(blank(form), ink, style, scanner, rng)
    for name in style.damage:
        damage.damage(page, name, form, rng)
    return _sheet(page, scanner, style, rng)


def scan_sheet(page: Pixels, style: Style, rng: random.Random) -> Sheet:
    """Any other page (grey, 300 dpi), as scanned."""
    scanner = SCANNERS[style.scan]
    if scanner.mode == "colour":
        page = raster.merged([page] * 3)
    return _sheet(page, scanner, style, rng)[0]


def _sheet(
    page: Pixels, scanner: Scanner, style: Style, rng: random.Random
) -> tuple[Sheet, Matrix]:
    pixels, place, dpi = scan(page, scanner, style.turns, style.bed, rng)
    dpi = (0, 0) if scanner.photo else dpi
    return Sheet(pixels, dpi, scanner.mode == "bitonal", scanner.quality or 80), place


def _paper(form: Blank, ink: Pixels, style: Style, scanner: Scanner, rng: random.Random) -> Pixels:
    """Form and print on white paper, grey or RGB as the scanner sees it."""
    black = ink
    if style.form == "dropout":
        black = raster.brighter(ink, form.black) if rng.random() < 0.5 else ink
        if rng.random() < _NO_RED:
            black = raster.brighter(black, raster.scaled(form.ink, rng.uniform(0.03, 0.12)))
    else:
        black = raster.brighter(ink, form.black)
    pen = _BLUE if style.blue else _BLACK
    if scanner.mode != "colour":
        return _grey(form, black, style, pen, rng)
    channels = [_channel(form, black, style, c, pen[c]) for c in range(3)]
    return raster.merged(channels)


def _grey(
    form: Blank, black: Pixels, style: Style, pen: tuple[int, int, int], rng: random.Random
) -> Pixels:
    page = np.full(black.shape, 255, np.uint8)
    if style.form != "dropout":
        red = style.form == "red"
        line, tint = (rng.choice(_RED_GREY), 236) if red else (30, 228)
        page = _over(page, form.shade, tint)
        page = _over(page, form.ink, line)
    return _over(page, black, sum(pen) // 3)


def _channel(form: Blank, black: Pixels, style: Style, channel: int, pen: int) -> Pixels:
    page = np.full(black.shape, 255, np.uint8)
    if style.form != "dropout":
        red = style.form == "red"
        page = _over(page, form.shade, _TINT[channel] if red else 228)
        page = _over(page, form.ink, _RED[channel] if red else 30)
    return _over(page, black, pen)


def _over(page: Pixels, cover: Pixels, ink: int) -> Pixels:
    """Lay ink of a grey level over a page, as thickly as `cover` (0 to 255) says: both multiply."""
    return raster.product(page, raster.scaled(cover, -(255 - ink) / 255, 255.0))
