"""Claims as cameras, feeders, copiers and markers leave them are read like any other."""

from __future__ import annotations

import random
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from extractors.channel import one_channel
from extractors.creases import without_creases
from extractors.limit import limits
from extractors.offset import Offset
from extractors.readers import Readers
from forms.layout import layout
from models.clock import Stages
from models.page import Form, Matrix, PageImage, Pixels
from pipeline.documents import assemble
from pipeline.scan import read_image
from samples.printing import Press
from samples.scan import scan_page
from samples.style import Style
from tests.extractors.arriving import MONO, Arrived, I, P, arrive, at, claim, middle, service

pytestmark = pytest.mark.xdist_group("readers")

PPI = 200
INK = 165
#: share of fields that print of another size may lose to captions and rules that it lies on
FEW = 0.1
DROPPED = Style(MONO, "dropout", "office-200-colour")
BLACK = Style(MONO, "black", "office-200-colour")
Change = Callable[[Pixels], Pixels]


def seen(
    readers: Readers, style: Style, form: Form, change: Change, dpi: float | None = None
) -> Arrived:
    """A claim printed, scanned, changed as a whole, and read."""
    fields = claim(form) | (service(1) | service(2) if form is P else {})
    press = Press(form, style, random.Random(3))
    press.fields(fields)
    sheet, _ = scan_page(form, press.finish(), style, random.Random(1))
    pixels = change(np.asarray(sheet.pixels, np.uint8))
    page = PageImage(pixels, float(sheet.dpi[0]) if dpi is None else dpi, 1)
    (document,) = assemble([read_image(page, readers, Stages())])
    return Arrived(document, fields, form)


def curled(page: Pixels) -> Pixels:
    """Seen from above, its sides nearer than its middle."""
    height, width = page.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    off = np.float32(10) * (2 * x / width - 1) ** 2
    return np.asarray(cv2.remap(page, x, y + off, cv2.INTER_LINEAR, borderValue=(255,) * 3))


def slipped(page: Pixels) -> Pixels:
    """Fed now faster and now slower."""
    height, width = page.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    off = np.float32(5) * np.sin(y / height * 8)
    return np.asarray(cv2.remap(page, x, y + off, cv2.INTER_LINEAR, borderValue=(255,) * 3))


def _by(page: Pixels, corners: list[tuple[float, float]], ground: int) -> Pixels:
    """Its corners at such shares of its size, on some ground."""
    height, width = page.shape[:2]
    size = (round(width * 1.2), round(height * 1.2))
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    put = np.array([(x * width, y * height) for x, y in corners], np.float32)
    move = cv2.getPerspectiveTransform(flat, put)
    return np.asarray(cv2.warpPerspective(page, move, size, borderValue=(ground,) * 3), np.uint8)


def steep(page: Pixels) -> Pixels:
    """On a dark table, from one side."""
    return _by(page, [(0.2, 0.1), (1.0, 0.05), (1.13, 1.1), (0.05, 1.15)], 80)


def keystone(page: Pixels) -> Pixels:
    """Its upper end farther away, and no edge to see."""
    return _by(page, [(0.13, 0.06), (1.05, 0.04), (1.09, 1.07), (0.06, 1.09)], 255)


def tilted(page: Pixels) -> Pixels:
    """By eleven degrees."""
    return _by(page, [(0.26, 0.0), (1.24, 0.147), (0.99, 1.13), (0.01, 0.98)], 255)


def smaller(page: Pixels) -> Pixels:
    """Copied to fit, on paper of the same size."""
    put = cv2.resize(page, None, fx=0.9, fy=0.9, interpolation=cv2.INTER_AREA)
    copy = np.full_like(page, 255)
    copy[60 : 60 + len(put), 50 : 50 + put.shape[1]] = put
    return copy


def faint(page: Pixels) -> Pixels:
    """Hardly there."""
    return np.asarray(255 - (255 - page.astype(np.float32)) * 0.14, np.uint8)


def red(page: Pixels) -> Pixels:
    """All of it, form and print."""
    level = page.min(axis=2).astype(np.float32)
    return np.stack([190 + level * (65 / 255), level, level], axis=2).astype(np.uint8)


def creased(page: Pixels) -> Pixels:
    """Folded twice, a little askew."""
    height, width = page.shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    shade = np.ones((height, width))
    for third in (height / 3, 2 * height / 3):
        shade *= 1 - 0.5 * np.exp(-(((y - third - 0.015 * x) / 5) ** 2))
    return np.asarray(page * shade[..., None], np.uint8)


def noted(page: Pixels) -> Pixels:
    """A note stuck on it."""
    page = page.copy()
    page[1000:1500, 500:1000] = (250, 240, 120)
    cv2.putText(page, "call", (560, 1200), cv2.FONT_HERSHEY_SIMPLEX, 2, (40,) * 3, 3)
    return page


@pytest.mark.parametrize("form", [P, I])
@pytest.mark.parametrize("change", [curled, slipped, steep, tilted, red, creased])
def test_forms_with_rules(change: Change, form: Form, readers: Readers) -> None:
    seen(readers, BLACK, form, change).check()


@pytest.mark.parametrize("form", [P, I])
@pytest.mark.parametrize("change", [steep, keystone, tilted, smaller, faint, creased])
def test_forms_without_rules(change: Change, form: Form, readers: Readers) -> None:
    seen(readers, DROPPED, form, change).check()


@pytest.mark.parametrize(
    ("form", "colour"),
    [(P, (255, 255, 110)), (I, (255, 140, 200)), (P, (140, 255, 150)), (I, (125, 215, 255))],
)
def test_a_marker_over_print(form: Form, colour: tuple[int, int, int], readers: Readers) -> None:
    strokes = ((300, 100, 700), (560, 250, 420), (1010, 60, 900), (1400, 700, 1500))

    def marked(page: Pixels) -> Pixels:
        page = page.copy()
        for top, first, last in strokes:
            part = page[top : top + 34, first:last]
            part[:] = part * (np.array(colour) / 255)
        return page

    seen(readers, BLACK, form, marked).check()
    seen(readers, BLACK, form, lambda page: np.stack([marked(page)[..., 1]] * 3, axis=2)).check()


def test_print_that_is_one_with_a_black_crease_is_asked_about(readers: Readers) -> None:
    fields = claim(I)

    def spoil(pixels: Pixels, place: Matrix) -> None:
        y = middle(I, "42.1")
        cv2.line(pixels, at(place, 0.1, y), at(place, 8.4, y + 0.03), (0,) * 3, 24)

    style = Style(MONO, "black", "bitonal-300")
    arrive(readers, style, fields, form=I, spoil=spoil).check_asked()


@pytest.mark.parametrize("form", [P, I])
@pytest.mark.parametrize("style", [BLACK, DROPPED])
def test_what_a_note_hides_is_asked_about(style: Style, form: Form, readers: Readers) -> None:
    seen(readers, style, form, noted).check_asked()


def halftoned(page: Pixels) -> Pixels:
    """In two tones, its greys as dots."""
    dots = Image.fromarray(_paper(page)).convert("L").convert("1")
    return np.asarray(dots, np.uint8) * 255


def _paper(page: Pixels) -> Pixels:
    """Not quite white."""
    return np.asarray(page * 0.95, np.uint8)


@pytest.mark.parametrize("form", [P, I])
@pytest.mark.parametrize("style", [BLACK, DROPPED])
def test_a_halftone(style: Style, form: Form, readers: Readers) -> None:
    seen(readers, style, form, halftoned).check()


@pytest.mark.parametrize(
    ("form", "stretch", "slant"),
    [(P, 0.95, 0.0), (I, 0.97, 0.0), (P, 1.03, 0.0), (I, 1.03, 0.0), (P, 1.0, 1.0), (I, 1.0, -1.0)],
)
def test_print_of_another_size_or_slant_than_the_form(
    form: Form, stretch: float, slant: float, readers: Readers
) -> None:
    style = Style(MONO, "red", "office-200-colour", stretch=stretch, slant=slant)
    arrived = seen(readers, style, form, lambda page: page)
    wrong, read = arrived.wrong(), arrived.document.fields
    assert len(wrong) <= FEW * len(arrived.truth)
    assert not {name for name in wrong & read.keys() if read[name].accepted}


coordinates = st.floats(0.5, 8.0)
shares = st.floats(-0.06, 0.06)


@given(x=coordinates, y=coordinates, off=st.builds(Offset, shares, shares, shares, shares, shares))
def test_an_offset_leads_there_and_back(x: float, y: float, off: Offset) -> None:
    assert off.back(*off.at(x, y)) == pytest.approx((x, y))
    left, top, right, bottom = off.boxed((x, y, x + 1, y + 0.15))
    assert right - left == pytest.approx(1 + off.across)
    assert bottom - top == pytest.approx(0.15)


def test_print_over_a_crease_comes_back() -> None:
    page = np.full((11 * PPI, round(8.5 * PPI)), 255, np.uint8)
    for row in range(40):
        at_ = (80, 400 + row * PPI // 6)
        cv2.putText(page, "4711 HOLT, ILA 20", at_, cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0,), 2)
    folded = page.copy()
    folded[900:908] = folded[900:908] * 0.55
    folded[:, 300:306] = folded[:, 300:306] * 0.6
    clean = without_creases(folded, None, PPI)[0][100:-100, 100:-100] < INK
    assert (folded[100:-100, 100:-100] < INK).sum() > 1.2 * clean.sum()
    assert (clean != (page[100:-100, 100:-100] < INK)).sum() < 0.02 * clean.sum()
    assert without_creases(page, None, PPI)[0] is page


@pytest.mark.parametrize("form", [P, I])
@pytest.mark.parametrize("level", [0, 90, 160, 200])
def test_the_forms_own_lines_are_no_creases(form: Form, level: int) -> None:
    page = np.full((11 * PPI, round(8.5 * PPI)), 255, np.uint8)
    for rule in layout(form).rules:
        ends = [
            (round(x * PPI), round(y * PPI)) for x, y in ((rule.x0, rule.y0), (rule.x1, rule.y1))
        ]
        cv2.line(page, ends[0], ends[1], (level,), 2)
    assert (without_creases(page, layout(form), PPI)[0] == page).all()


def test_a_blue_pen_is_no_marker() -> None:
    page = np.full((400, 400, 3), 255, np.uint8)
    cv2.line(page, (50, 50), (350, 300), (40, 60, 170), 4, cv2.LINE_AA)
    assert (one_channel(page, PPI) == page[..., 0]).all()


def test_the_limit_of_ink_follows_print_that_fades_and_no_tints_dots() -> None:
    form = layout(I)
    page = np.full((11 * PPI, round(8.5 * PPI)), 255, np.uint8)
    for spec in form.fields.values():
        x0, _, x1, y1 = spec.box
        at_ = (round(x0 * PPI) + 4, round(y1 * PPI) - 6)
        text = "4711 HOLT"[: max(1, int(10 * (x1 - x0)))]
        cv2.putText(page, text, at_, cv2.FONT_HERSHEY_SIMPLEX, 0.7, (20,), 2)
    usual, floor = limits(page, form, PPI)
    assert floor < usual.min() == usual.max() < 160
    dotted = page.copy()
    tint = dotted[5 * PPI : 7 * PPI]
    tint[:] = 255
    for y in range(5, tint.shape[0], 10):
        for x in range(5, tint.shape[1], 10):
            cv2.circle(tint, (x, y), 3, (180,), -1)
    assert limits(dotted, form, PPI)[0].max() < 170
    share = np.linspace(1.0, 0.25, page.shape[1])
    fading = np.asarray(255 - (255 - page) * share, np.uint8)
    limit, _ = limits(fading, form, PPI)
    assert limit[:, :200].max() < limit[:, -200:].min() - 20
    assert np.ptp(limits(fading, form, PPI, two_tone=True)[0]) == 0
