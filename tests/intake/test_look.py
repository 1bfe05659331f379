from __future__ import annotations

import functools
import math
import random
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from forms.layout import layout
from intake.by_rules import by_rules
from intake.look import look
from intake.match import Guess
from intake.register import LINES
from intake.separator import SeparatorKind, draw
from intake.thumb import thumb
from models.page import CUT, MORE, Form, PageImage, PageLook, Pixels
from samples import faces, papers
from samples.printing import Press
from samples.scan import make, scan_page
from samples.scanners import SCANNERS
from samples.style import Style

#: inches: what a registration by rules is held to, and half a row of print
EXACT, HALF_ROW = 0.03, 1 / 12
CLAIMS = (Form.CMS1500, Form.UB04)


def font() -> str:
    return next(iter(faces.installed(("liberation-mono", "dejavu-mono"))), faces.BUILT_IN)


def scanned(form: Form, style: Style, seed: int = 5) -> tuple[PageImage, NDArray[np.float64]]:
    """A page, and where its form lies: inches to pixels."""
    pixels, truth = make(form, seed, style)
    placed = np.array(truth["placed"]) @ np.diag([300, 300, 1.0])
    across, down = SCANNERS[style.scan].dpi
    dpi = float(across)
    if down < across / 1.5:
        # a standard fax, made square as `open_scan` does; its truth is
        size = (pixels.shape[1], round(pixels.shape[0] * across / down))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return PageImage(pixels, 0.0 if SCANNERS[style.scan].photo else dpi, 1), placed


def apply(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    mapped = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(mapped[:, :2] / mapped[:, 2:3], np.float64)


def off(seen: PageLook, form: Form, placed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inches across and down by which each field's box was missed."""
    assert seen.registration is not None
    boxes = np.array([field.box for field in layout(form).fields.values()])
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    put = apply(np.linalg.inv(placed) @ seen.registration.to_scan, middle)
    return np.asarray(put - middle, np.float64)


@pytest.mark.parametrize("form", CLAIMS)
@pytest.mark.parametrize(
    ("axis", "first", "last"),
    [(1, 3 / 6, 0.0), (1, 0.0, -2 / 6), (1, -1 / 6, 1 / 6), (0, 0.2, -0.15), (0, 0.0, 0.25)],
)
def test_a_form_taken_for_longer_or_wider_is_laid_exactly(
    form: Form, axis: int, first: float, last: float
) -> None:
    """Its ends some rows off, or some columns, inches."""
    page, placed = scanned(form, Style(font(), "black", "photo-220"))
    small = thumb(page)
    stretch = np.eye(3)
    stretch[axis, axis] = 1 + (last - first) / (8.5, 11.0)[axis]
    stretch[axis, 2] = first
    taken = np.linalg.inv(small.to_scan) @ placed @ stretch
    found = by_rules(small, (), [Guess(form, 0, taken / taken[2, 2], 0.6)], LINES)
    assert found is not None
    seen = PageLook(found.form, found.turns, found.confidence, found.registration)
    assert np.abs(off(seen, form, placed)).max() < EXACT


@pytest.mark.parametrize("form", CLAIMS)
@pytest.mark.parametrize(
    ("ink", "scan"),
    [
        ("red", "office-150"),
        ("red", "clean-300"),
        ("red", "fax-dirty"),
        ("black", "fax-standard"),
        ("black", "bitonal-200-light"),
        ("black", "office-300-dark"),
        ("red", "photo-220"),
        ("black", "pale-200"),
    ],
)
def test_a_form_with_rules_is_laid_exactly(form: Form, ink: Any, scan: str) -> None:
    page, placed = scanned(form, Style(font(), ink, scan))
    seen = look(page)
    assert (seen.form, seen.quarter_turns) == (form, 0)
    assert seen.registration is not None
    assert seen.registration.method == "rules"
    assert np.abs(off(seen, form, placed)).max() < EXACT
    assert seen.registration.error_in < EXACT
    assert seen.confidence > 0.9


@pytest.mark.parametrize("form", CLAIMS)
@pytest.mark.parametrize(("scan", "seed"), [("fax-200", 1), ("bitonal-300", 2), ("fax-200", 3)])
def test_a_form_that_dropped_out_is_laid_by_its_print(form: Form, scan: str, seed: int) -> None:
    page, placed = scanned(form, Style(font(), "dropout", scan, points=10), seed)
    seen = look(page)
    assert (seen.form, seen.quarter_turns) == (form, 0)
    assert seen.registration is not None
    assert seen.registration.method == "print"
    # print may lie beside its box, nobody can see by how much; never in the next row
    assert np.abs(off(seen, form, placed)[:, 1]).max() < HALF_ROW


def test_a_shimmer_of_rules_after_a_drop_out_is_enough() -> None:
    page, placed = scanned(Form.UB04, Style(font(), "dropout", "low-jpeg", points=10), 1)
    seen = look(page)
    assert seen.form == Form.UB04
    assert np.abs(off(seen, Form.UB04, placed)[:, 1]).max() < HALF_ROW


@pytest.mark.parametrize("form", CLAIMS)
@pytest.mark.parametrize("ink", ["red", "dropout"])
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_any_side_may_be_up(form: Form, ink: Any, turns: int) -> None:
    page, placed = scanned(form, Style(font(), ink, "office-200", points=10, turns=turns))
    seen = look(page)
    assert seen.form == form
    # `turns` is how it was laid on the scanner: what is left of a whole turn puts it upright
    assert seen.quarter_turns == (4 - turns) % 4
    assert np.abs(off(seen, form, placed)[:, 1]).max() < HALF_ROW


@pytest.mark.parametrize("form", CLAIMS)
@pytest.mark.parametrize(("share", "degrees"), [(0.97, -3.0), (1.03, 2.5)])
def test_scale_and_skew(form: Form, share: float, degrees: float) -> None:
    page, placed = scanned(form, Style(font(), "black", "clean-300-grey"))
    size = (page.width, page.height)
    flat = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), degrees, share)
    pixels = cv2.warpAffine(page.pixels, flat, size, borderValue=255)
    seen = look(PageImage(np.asarray(pixels, np.uint8), 300.0, 1))
    assert seen.form == form
    moved = np.vstack([flat, [0, 0, 1]]) @ placed
    assert np.abs(off(seen, form, moved)).max() < EXACT


@pytest.mark.parametrize("form", CLAIMS)
def test_a_cut_margin_and_a_wrong_resolution(form: Form) -> None:
    page, placed = scanned(form, Style(font(), "red", "office-200-colour"))
    edge = 60
    pixels = np.ascontiguousarray(page.pixels[edge:, edge:])
    seen = look(PageImage(pixels, 240.0, 1))
    assert seen.form == form
    moved = np.array([[1, 0, -edge], [0, 1, -edge], [0, 0, 1.0]]) @ placed
    assert np.abs(off(seen, form, moved)).max() < EXACT


def test_dirt_does_not_fill_a_claim_whose_print_lies_a_row_off() -> None:
    """What is left of its lines tells where the form lies; the print fits a row lower."""
    rng = random.Random(2)
    fields = {}
    for field in layout(Form.UB04).fields.values():
        if field.id.startswith(("4", "50", "51", "58", "6", "1.", "8", "9", "76.")):
            money = f"{rng.randint(10, 99999)}.{rng.randint(0, 99):02}"
            letters = (rng.choice("ABEHKM23579") for _ in range(min(field.length or 9, 12)))
            fields[field.id] = money if field.kind == "money" else "".join(letters)
    style = Style(font(), "red", "fax-dirty", points=12, offset=(-0.016, 0.1434))
    press = Press(Form.UB04, style, random.Random(2))
    press.fields(fields)
    sheet, placed = scan_page(Form.UB04, press.finish(), style, random.Random(2))
    seen = look(PageImage(sheet.pixels, 200.0, 1))
    assert np.abs(off(seen, Form.UB04, placed @ np.diag([300, 300, 1.0]))).max() < EXACT


def test_a_full_claim_that_dropped_out_is_no_letter() -> None:
    """All 22 lines, and what is mostly empty filled in with them."""
    fields = {
        field.id: "987654.32" if field.kind == "money" else "1234567890AB"[: field.length or 9]
        for field in layout(Form.UB04).fields.values()
    }
    style = Style(font(), "dropout", "office-200", points=10)
    press = Press(Form.UB04, style, random.Random(1))
    press.fields(fields)
    sheet, placed = scan_page(Form.UB04, press.finish(), style, random.Random(1))
    seen = look(PageImage(sheet.pixels, 200.0, 1))
    assert seen.form == Form.UB04
    assert seen.confidence > 0.9
    assert np.abs(off(seen, Form.UB04, placed @ np.diag([300, 300, 1.0]))[:, 1]).max() < HALF_ROW


@pytest.mark.parametrize("form", CLAIMS)
def test_a_claim_with_little_on_it_is_still_laid_in_its_rows(form: Form) -> None:
    page, placed = scanned(form, Style(font(), "dropout", "clean-300-grey", points=10), 8)
    sparse = page.pixels.copy()
    keep = np.zeros(sparse.shape, bool)
    for number, field in enumerate(layout(form).fields.values()):
        if number % 2:
            x0, y0, x1, y1 = field.box
            corners = np.array([[x0 - 0.08, y0 - 0.04], [x1 + 0.08, y1 + 0.04]])
            (left, top), (right, bottom) = apply(placed, corners).astype(int)
            keep[max(top, 0) : bottom, max(left, 0) : right] = True
    sparse[~keep] = 255
    seen = look(PageImage(sparse, page.dpi, 1))
    assert seen.form == form
    assert np.abs(off(seen, form, placed)[:, 1]).max() < HALF_ROW


def test_the_old_1500_is_named() -> None:
    rng = random.Random(3)
    style = Style(font(), "black", "office-200")
    press = Press(Form.CMS1500, style, rng)
    press.fields({"2": "DOE, JANE", "5.city": "SPRINGFIELD", "24.1.procedure": "99213"})
    sheet, _ = scan_page(Form.CMS1500_0805, press.finish(), style, rng)
    seen = look(PageImage(sheet.pixels, 200.0, 1))
    assert seen.form == Form.CMS1500_0805
    assert seen.registration is not None
    assert seen.registration.method == "rules"


def test_the_code_in_the_corner_tells_the_new_1500() -> None:
    page, _ = scanned(Form.CMS1500, Style(font(), "black", "clean-300"))
    seen = look(page)
    assert [code.symbology for code in seen.barcodes] == ["QRCode"]
    assert seen.confidence > 0.99


def test_a_form_that_only_its_code_names_goes_to_a_person() -> None:
    page, placed = scanned(Form.CMS1500, Style(font(), "black", "clean-300"))
    left = page.pixels.copy()
    bottom = int(apply(placed, np.array([[0.5, 0.85]]))[0, 1])
    left[bottom:] = 255
    left[:bottom, page.width // 3 :] = 255
    seen = look(PageImage(np.ascontiguousarray(np.rot90(left)), page.dpi, 1))
    assert (seen.form, seen.quarter_turns) == (Form.CMS1500, 1)
    assert seen.registration is not None
    assert (seen.registration.method, seen.registration.quality) == ("none", 0.0)


def paper(pixels: Pixels) -> PageImage:
    return PageImage(pixels, 300.0, 1)


@pytest.mark.parametrize("form", CLAIMS)
@pytest.mark.parametrize("turns", [0, 2, 3])
def test_the_back_of_a_form_is_no_claim(form: Form, turns: int) -> None:
    seen = look(paper(np.ascontiguousarray(np.rot90(papers.back(form), turns))))
    assert seen.form == Form.BACK
    assert seen.quarter_turns == turns
    assert seen.registration is None


def test_a_blank_sheet_is_blank_whatever_dirt_lies_on_it() -> None:
    sheet = papers.blank_sheet().copy()
    assert look(paper(sheet)).form == Form.BLANK
    rng = np.random.default_rng(1)
    height, width = sheet.shape[:2]
    sheet[rng.integers(0, height, 300), rng.integers(0, width, 300)] = 0  # specks
    sheet[300:360, 100:160] = 0  # a punched hole
    sheet[:, -40:] = 20  # what lies beyond the paper
    seen = look(paper(sheet))
    assert (seen.form, seen.quarter_turns, seen.registration) == (Form.BLANK, 0, None)


def through(page: PageImage, share: float) -> PageImage:
    """The other side of a page, as it shines through."""
    level = page.pixels.astype(np.float32)[:, ::-1]
    blurred = cv2.GaussianBlur(level, (0, 0), 1.5)
    return PageImage((255 - (255 - blurred) * share).astype(np.uint8), page.dpi, 1)


@pytest.mark.parametrize("form", CLAIMS)
@pytest.mark.parametrize("ink", ["black", "dropout"])
def test_what_shines_through_is_blank_and_faint_print_is_not(form: Form, ink: Any) -> None:
    page, placed = scanned(form, Style(font(), ink, "clean-300-grey"))
    for share in (0.06, 0.1, 0.15):
        assert look(through(page, share)).form == Form.BLANK
    for share in (0.1, 0.15):
        faint = (255 - (255 - page.pixels.astype(np.float32)) * share).astype(np.uint8)
        seen = look(PageImage(faint, page.dpi, 1))
        assert seen.form == form
        assert np.abs(off(seen, form, placed)).max() < HALF_ROW


@functools.cache
def letter() -> Pixels:
    """A note of a visit, upright."""
    truth = make(Form.CMS1500, 4, Style(font(), "black", "clean-300"))[1]
    return papers.progress_note(truth["fields"], random.Random(2))


@pytest.mark.parametrize("degrees", [0, 10, -14])
@pytest.mark.parametrize("share", [1.0, 0.12])
def test_a_letter_that_lies_askew_or_is_faint_is_no_claim(degrees: int, share: float) -> None:
    height, width = letter().shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.9)
    turned = cv2.warpAffine(
        letter().astype(np.float32), turn, (width, height), borderValue=(255.0,)
    )
    seen = look(paper((255 - (255 - turned) * share).astype(np.uint8)))
    assert not seen.form.is_claim
    assert degrees or seen.form == Form.ATTACHMENT


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_letter_is_an_attachment_and_put_upright(turns: int) -> None:
    seen = look(paper(np.ascontiguousarray(np.rot90(letter(), turns))))
    assert (seen.form, seen.quarter_turns) == (Form.ATTACHMENT, turns)


def test_a_separator_sheet_is_one() -> None:
    for kind in SeparatorKind:
        sheet = np.array(draw(kind).convert("L"))
        seen = look(paper(sheet))
        assert seen.form == Form.SEPARATOR
        assert seen.barcodes


def beside(*pages: Pixels) -> Pixels:
    """Pages side by side on one picture."""
    height = max(page.shape[0] for page in pages)
    return np.concatenate(
        [
            np.pad(page, ((0, height - page.shape[0]), (0, 0)), constant_values=255)
            for page in pages
        ],
        axis=1,
    )


def test_another_paper_on_the_same_picture_is_told_of() -> None:
    style = Style(font(), "black", "office-200")
    claims = [scanned(form, style)[0] for form in (Form.CMS1500, Form.CMS1500, Form.UB04)]
    truth = make(Form.CMS1500, 4, style)[1]
    note = papers.progress_note(truth["fields"], random.Random(2))
    small = cv2.resize(note, None, fx=2 / 3, fy=2 / 3, interpolation=cv2.INTER_AREA)
    first, second, other = (page.pixels for page in claims)
    for pages in ((first, second), (first, other), (first, np.asarray(small, np.uint8))):
        seen = look(PageImage(beside(*pages), 200.0, 1))
        assert seen.form in CLAIMS
        assert seen.doubts == (MORE,)
    assert look(claims[0]).doubts == ()


@pytest.mark.parametrize("form", CLAIMS)
@pytest.mark.parametrize("dpi", [200.0, 0.0])
def test_a_coarse_fax_whose_dots_were_taken_for_square_ones(form: Form, dpi: float) -> None:
    page, placed = scanned(form, Style(font(), "black", "office-200"))
    low = cv2.resize(page.pixels, None, fx=1, fy=98 / 204, interpolation=cv2.INTER_AREA)
    seen = look(PageImage(np.asarray(low, np.uint8), dpi, 1))
    assert seen.form == form
    assert np.abs(off(seen, form, np.diag([1, 98 / 204, 1]) @ placed)).max() < HALF_ROW


@pytest.mark.parametrize("form", CLAIMS)
def test_a_form_of_which_the_picture_shows_a_part_is_told_of(form: Form) -> None:
    page = scanned(form, Style(font(), "black", "office-200"))[0].pixels
    for part in (page[: page.shape[0] * 2 // 3], page[:, : page.shape[1] * 4 // 5]):
        seen = look(PageImage(np.ascontiguousarray(part), 200.0, 1))
        assert (seen.form, seen.doubts) == (form, (CUT,))


def test_what_lies_around_a_sheet_is_no_other_paper() -> None:
    style = Style(font(), "black", "office-200")
    page = scanned(Form.CMS1500, style)[0].pixels
    ground = np.full((page.shape[0] + 600, page.shape[1] + 1400), 40, np.uint8)
    ground[300 : 300 + page.shape[0], 900 : 900 + page.shape[1]] = page
    for light in (False, True):
        seen = look(PageImage(np.where(ground == 40, 255, ground) if light else ground, 200.0, 1))
        assert (seen.form, seen.doubts) == (Form.CMS1500, ())


@pytest.mark.parametrize("share", [0.04, 0.1])
def test_a_page_that_is_nearly_black_is_nothing_we_know(share: float) -> None:
    """The lamp failed, and there may be a claim on it: it is not dropped as an empty sheet."""
    page, _ = scanned(Form.CMS1500, Style(font(), "black", "office-200"))
    dark = np.asarray(page.pixels * share, np.uint8)
    seen = look(PageImage(dark, page.dpi, 1))
    assert (seen.form, seen.registration) == (Form.UNKNOWN, None)
    assert look(PageImage(np.zeros_like(dark), page.dpi, 1)).form is Form.UNKNOWN


def test_a_picture_of_something_else_is_nothing_we_know() -> None:
    y, x = np.mgrid[0:1650, 0:1275]
    waves = 127 + 60 * np.sin(x / 37 + np.cos(y / 51)) + 60 * np.sin((x + 2 * y) / 83)
    seen = look(PageImage(np.stack([waves] * 3, axis=-1).astype(np.uint8), 72.0, 1))
    assert seen.form in (Form.UNKNOWN, Form.BLANK)
    assert seen.registration is None


@pytest.mark.parametrize("form", CLAIMS)
def test_half_a_form_gets_no_confident_place(form: Form) -> None:
    page, placed = scanned(form, Style(font(), "black", "office-200"))
    torn = page.pixels.copy()
    torn[: math.floor(torn.shape[0] * 0.7)] = 255
    seen = look(PageImage(torn, page.dpi, 1))
    if seen.registration is not None and seen.form == form:
        assert np.abs(off(seen, form, placed)).max() < HALF_ROW
        assert seen.registration.quality < 0.7


@pytest.mark.parametrize("turns", [0, 1])
def test_a_ub92_is_named_and_goes_to_a_person(turns: int) -> None:
    # our own drawing of some form with many boxes: its name is all that we know of the UB-92
    sheet = Image.new("L", (1700, 2200), 255)
    pen = ImageDraw.Draw(sheet)
    face = ImageFont.load_default(26)
    rows, columns = range(150, 2050, 76), range(100, 1601, 125)
    for y in rows:
        pen.line((100, y, 1600, y), 0, 3)
    for x in columns:
        pen.line((x, 150, x, 2050), 0, 3)
    for number, y in enumerate(rows[:-1]):
        for x in columns[:-1:2]:
            pen.text((x + 8 + 37 * number % 90, y + 20), f"Box {number}", 0, face)
    pen.text((110, 2060), "UB-92 HCFA-1450      the other side is part of this bill", 0, face)
    pixels = np.ascontiguousarray(np.rot90(np.array(sheet), turns))
    seen = look(PageImage(pixels, 200.0, 1))
    assert (seen.form, seen.quarter_turns) == (Form.UB92, turns)
    assert seen.registration is not None
    assert seen.registration.method == "none"
