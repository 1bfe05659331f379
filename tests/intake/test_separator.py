"""Separator sheets, printed, scanned, turned, faxed."""

from __future__ import annotations

import io
import random
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from intake.barcodes import read_barcodes
from intake.limits import Limits
from intake.scan import open_scan
from intake.separator import SeparatorKind, draw, draw_pdf, meaning, payload
from models.page import Barcode, Pixels
from tests.intake.conftest import sheet

SHEETS = {kind: np.asarray(draw(kind).convert("L")) for kind in SeparatorKind}


def kinds_on(pixels: Pixels) -> set[SeparatorKind | None]:
    return {meaning(barcode) for barcode in read_barcodes(pixels)}


def faxed(page: Pixels, dpi: int, seed: int) -> Pixels:
    """Skewed, small, noisy, black and white, with the streaks of a dirty glass."""
    chance = np.random.default_rng(seed)
    scale = dpi / 300
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), chance.uniform(-5, 5), 0.95)
    turned = cv2.warpAffine(small, turn, (width, height), borderValue=(255,))
    grey = cv2.GaussianBlur(turned.astype(np.float64), (0, 0), 1.0) + chance.normal(
        0, 25, small.shape
    )
    bitonal = np.where(grey > chance.uniform(100, 160), 255, 0).astype(np.uint8)
    bitonal[chance.random(bitonal.shape) < 0.01] = 0
    for column in chance.integers(0, width - 2, 3):
        bitonal[:, column : column + 2] = 0
    return bitonal


@pytest.mark.parametrize("kind", SeparatorKind)
@pytest.mark.parametrize("dpi", [100, 200, 300])
@pytest.mark.parametrize("turns", range(4))
def test_a_fax_of_a_sheet_is_understood(kind: SeparatorKind, dpi: int, turns: int) -> None:
    page = np.rot90(faxed(SHEETS[kind], dpi, seed=dpi + turns), turns)
    assert kind in kinds_on(page)
    assert kinds_on(page) <= {kind, None}


def test_one_code_that_is_left_is_enough() -> None:
    kind = SeparatorKind.ATTACHMENT
    page = SHEETS[kind].copy()
    height = page.shape[0]
    codes = sorted(read_barcodes(page), key=lambda one: one.box[1])
    assert {one.symbology for one in codes} == {"QRCode", "Code128"}
    for keep in codes:
        torn = np.full_like(page, 255)
        top, bottom = max(0, keep.box[1] - 60), min(height, keep.box[3] + 60)
        torn[top:bottom] = page[top:bottom]
        assert kinds_on(torn) == {kind}


def test_the_box_of_a_code_is_where_it_lies() -> None:
    page = SHEETS[SeparatorKind.DOCUMENT]
    top = min(read_barcodes(page), key=lambda one: one.box[1])
    left, upper, right, lower = top.box
    assert page[:, :left].min() == 255 or left > 200
    assert (left, upper) == pytest.approx((225, 225), abs=12)
    assert right - left == pytest.approx(580, abs=30)
    assert lower - upper == pytest.approx(580, abs=30)


@pytest.mark.parametrize("symbology", ["QRCode", "Code128", "Code39", "DataMatrix", "PDF417"])
def test_codes_of_letters_and_mailrooms(symbology: str) -> None:
    """A code as a letter prints it: bars of 0.015 to 0.02 in, on a page with print, 300 dpi."""
    code = zxingcpp.create_barcode("26327P0000012X", zxingcpp.BarcodeFormat[symbology])
    drawn = np.array(code.to_image(scale=5))
    page = np.asarray(sheet("L", (2550, 3300))).copy()
    page[2600 : 2600 + drawn.shape[0], 700 : 700 + drawn.shape[1]] = drawn
    (found,) = read_barcodes(page)
    assert found.text == "26327P0000012X"
    assert found.box[0] >= 690
    assert found.box[3] <= 2600 + drawn.shape[0] + 10


def test_print_and_rules_are_no_codes() -> None:
    chance = random.Random(1)
    page = np.asarray(sheet("L", (1700, 2200))).copy()
    for _ in range(200):
        top, left = chance.randrange(2100), chance.randrange(1500)
        page[top : top + 3, left : left + 150] = 0
        page[top : top + 90, left : left + 3] = 0
    assert read_barcodes(page) == ()


@pytest.mark.parametrize(
    ("symbology", "text", "expected"),
    [
        ("QRCode", "PAPERCLAIM:1:DOCUMENT", SeparatorKind.DOCUMENT),
        ("Code128", " paperclaim:1:attachment ", SeparatorKind.ATTACHMENT),
        ("QRCode", "PAPERCLAIM:2:DOCUMENT", None),
        ("QRCode", "PAPERCLAIM:1:SOMETHING", None),
        ("QRCode", "PAPERCLAIM:1:DOCUMENT:MORE", None),
        ("Code39", "ENDCLM", SeparatorKind.DOCUMENT),
        ("Code39", "ENDDOC", SeparatorKind.ATTACHMENT),
        ("QRCode", "ENDCLM", None),
        ("QRCode", "https://example.org/", None),
        ("Code128", "", None),
    ],
)
def test_what_codes_mean(symbology: str, text: str, expected: SeparatorKind | None) -> None:
    assert meaning(Barcode(symbology, text, (0, 0, 1, 1))) is expected


@pytest.mark.parametrize("kind", SeparatorKind)
def test_a_sheet_to_print_comes_back_through_the_door(tmp_path: Path, kind: SeparatorKind) -> None:
    path = tmp_path / "separator.pdf"
    path.write_bytes(draw_pdf(kind))
    (page,) = open_scan(path, Limits())
    assert page.dpi == pytest.approx(300)
    assert kinds_on(page.pixels) == {kind}
    assert payload(kind) in {barcode.text for barcode in read_barcodes(page.pixels)}


def test_in_colour_and_in_any_size() -> None:
    picture = draw(SeparatorKind.DOCUMENT).convert("RGB")
    assert kinds_on(np.asarray(picture)) == {SeparatorKind.DOCUMENT}
    assert kinds_on(np.asarray(picture.resize((600, 776)))) == {SeparatorKind.DOCUMENT}
    assert read_barcodes(np.asarray(Image.new("L", (3, 3)))) == ()
    buffer = io.BytesIO(draw_pdf(SeparatorKind.DOCUMENT))
    assert len(buffer.getvalue()) < 100_000
