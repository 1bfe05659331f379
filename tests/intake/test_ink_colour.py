"""Originals are red; whether a page is one can be told only where it was scanned in colour."""

from __future__ import annotations

import numpy as np
import pytest

from intake.ink_colour import red_form
from intake.look import look
from models.page import Form, PageImage, Pixels
from samples import faces
from samples.scan import make_scan
from samples.style import Colour, Style


def scanned(form: Form, colour: Colour, scanner: str) -> PageImage:
    face = next(iter(faces.installed(("liberation-mono", "dejavu-mono"))), faces.BUILT_IN)
    (sheet, *_) = make_scan(form, 3, Style(face, colour, scanner)).sheets
    return PageImage(np.asarray(sheet.pixels, np.uint8), float(sheet.dpi[0]), 1)


def tinted(page: PageImage) -> PageImage:
    """A page as a colour scanner sees it: its paper is never quite grey."""
    noise = np.random.default_rng(2).normal(0, 30, (page.height // 8 + 1, page.width // 8 + 1, 3))
    spread = np.kron(noise, np.ones((8, 8, 1)))[: page.height, : page.width]
    pixels: Pixels = np.clip(page.pixels * 0.9 + spread * 0.3, 0, 255).astype(np.uint8)
    return PageImage(pixels, page.dpi, 1)


@pytest.mark.parametrize("form", [Form.CMS1500, Form.UB04])
@pytest.mark.parametrize(("colour", "red"), [("red", True), ("black", False), ("dropout", None)])
def test_a_colour_scan_tells_an_original_from_a_copy(
    form: Form, colour: Colour, *, red: bool | None
) -> None:
    page = tinted(scanned(form, colour, "office-200-colour"))
    assert red_form(page, look(page)) is red


@pytest.mark.parametrize("colour", ["red", "black"])
def test_a_grey_scan_says_nothing_even_in_a_colour_file(colour: Colour) -> None:
    page = scanned(Form.CMS1500, colour, "clean-300-grey")
    seen = look(page)
    assert red_form(page, seen) is None
    grey = PageImage(np.repeat(page.pixels[:, :, None], 3, axis=2), page.dpi, 1)
    assert red_form(grey, seen) is None
