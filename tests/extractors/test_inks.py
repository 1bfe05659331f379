"""Ink of other colours, pale ink, and print struck through or covered: read, or asked about."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from extractors.readers import Readers
from forms.layout import layout
from models.page import PALE, Matrix, Pixels
from samples.style import Style
from tests.extractors.arriving import MONO, I, P, Spoil, arrive, at, claim, paint, service

pytestmark = pytest.mark.xdist_group("readers")

BLACK = Style(MONO, "black", "office-200-colour")
DROPPED = Style(MONO, "dropout", "office-200-colour")
#: fields that another pen filled in
OTHERS = ("11", "23", "26")
FIELDS = claim(P) | service(1) | {"11": "FL20386", "23": "PA2104677", "26": "REID4471"}
#: inches around a field's box
AROUND = 0.02


def window(place: Matrix, field: str, around: float = AROUND) -> tuple[slice, slice]:
    """Rows and columns of a field on the scan."""
    x0, y0, x1, y1 = layout(P).fields[field].box
    left, top = at(place, x0 - around, y0 - around)
    right, foot = at(place, x1 + around, y1 + around)
    return slice(top, foot), slice(left, right)


def inked(colour: tuple[int, int, int]) -> Spoil:
    """What black ink of some fields is in another colour."""

    def spoil(pixels: Pixels, place: Matrix) -> None:
        for field in OTHERS:
            where = window(place, field)
            dark = 1 - pixels[where].min(axis=2, keepdims=True) / 255
            pixels[where] = np.round(255 - dark * (255 - np.array(colour)))

    return spoil


def print_in(pixels: Pixels, place: Matrix, field: str) -> tuple[int, int, int, int]:
    """First and last column, and row, of a field's print."""
    rows, columns = window(place, field, 0.0)
    ys, xs = np.nonzero(cv2.cvtColor(pixels[rows, columns], cv2.COLOR_RGB2GRAY) < 120)
    x0, y0 = columns.start, rows.start
    return x0 + int(xs.min()), x0 + int(xs.max()), y0 + int(ys.min()), y0 + int(ys.max())


@pytest.mark.parametrize(
    ("style", "colour"),
    [
        (BLACK, (40, 60, 230)),
        (DROPPED, (0, 60, 200)),
        (DROPPED, (30, 40, 120)),
        (BLACK, (20, 110, 60)),
    ],
)
def test_blue_and_green_ink_is_read(
    readers: Readers, style: Style, colour: tuple[int, int, int]
) -> None:
    arrive(readers, style, FIELDS, spoil=inked(colour)).check(*OTHERS)


@pytest.mark.parametrize("colour", [(210, 30, 40), (230, 120, 30), (170, 170, 170)])
@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_ink_as_red_as_forms_and_pale_ink_is_asked_about(
    readers: Readers, style: Style, colour: tuple[int, int, int]
) -> None:
    arrived = arrive(readers, style, FIELDS, spoil=inked(colour))
    (facts,) = arrived.document.page_facts
    read = arrived.document.fields
    assert set(OTHERS) - read.keys() <= set(facts.unsure)
    assert not {name for name in arrived.wrong() & read.keys() if read[name].accepted}
    assert arrived.document.status != "ready"
    # and nothing else of the page
    assert not set(facts.unsure) - set(OTHERS) - {"17", "17a", "17b"}


@pytest.mark.parametrize("way", [1, -1])
def test_print_that_fades_across_a_page_is_read_to_its_end(readers: Readers, way: int) -> None:
    """A worn ribbon: at one side all is as dark as ever, at the other a quarter of it."""

    def fade(pixels: Pixels, _: Matrix) -> None:
        share = np.linspace(1.0, 0.25, pixels.shape[1])[::way, None]
        pixels[:] = 255 - (255 - pixels) * share

    arrived = arrive(readers, DROPPED, claim(I), form=I, spoil=fade)
    assert arrived.wrong() == set()
    read = arrived.document.fields
    assert sum(field.accepted for field in read.values()) > 0.9 * len(read)
    assert arrived.document.page_facts[0].unsure == []


@pytest.mark.parametrize(("lean", "grey"), [(0, 20), (3, 20), (0, 110), (3, 150)])
def test_what_is_struck_through_is_never_accepted(readers: Readers, lean: int, grey: int) -> None:
    """However pale the pen: a crease, which is as pale, runs across the page."""

    def strike(pixels: Pixels, place: Matrix) -> None:
        for field in OTHERS:
            left, right, top, foot = print_in(pixels, place, field)
            middle = (top + foot) // 2
            ends = (left - 8, middle + lean), (right + 8, middle - lean)
            cv2.line(pixels, *ends, (grey, grey, grey), 3)

    read = arrive(readers, BLACK, FIELDS, spoil=strike).document.fields
    assert not {name for name in OTHERS if read[name].accepted}
    assert all("ink.over" in read[name].doubts for name in OTHERS)


def test_what_a_bar_covers_the_end_of_is_never_accepted(readers: Readers) -> None:
    def cover(pixels: Pixels, place: Matrix) -> None:
        for field in OTHERS:
            left, right, top, foot = print_in(pixels, place, field)
            begin = right - (right - left) // 3
            bar = [(begin, top - 2), (right + 4, top - 2), (right + 4, foot + 2), (begin, foot + 2)]
            paint(pixels, bar, 10)

    read = arrive(readers, BLACK, FIELDS, spoil=cover).document.fields
    assert not {name for name in OTHERS if name in read and read[name].accepted}


@pytest.mark.parametrize("end", ["# 12", "& 12"])
def test_an_address_that_runs_over_the_one_beside_it_is_never_accepted(
    readers: Readers, end: str
) -> None:
    """What is printed over another's first characters is neither's."""
    street = "3127 VALLEY VIEW TERRACE " + end
    fields = FIELDS | {
        "32.1": "MARTINEZ FAMILY MEDICINE", "32.2": street, "32.3": "DAYTON OH 45402",
        "33.1": "MARTINEZ FAMILY MEDICINE", "33.2": street, "33.3": "DAYTON OH 45402",
    }  # fmt: skip
    arrived = arrive(readers, DROPPED, fields)
    read = arrived.document.fields
    assert not {name for name in arrived.wrong() & read.keys() if read[name].accepted}
    assert not read["32.2"].accepted


def stamped(pixels: Pixels, place: Matrix) -> None:
    """The frame of a date stamp, askew, its lower edge through all figures of a procedure."""
    x0, x1, y0, y1 = print_in(pixels, place, "24.1.procedure")
    high, wide, edge = y1 - y0, (x1 - x0) // 2, (60, 50, 90)
    corners = [
        (x0 - wide, y1),
        (x1 + wide, y0),
        (x1 + wide, y0 - 4 * high),
        (x0 - wide, y0 - 3 * high),
    ]
    cv2.polylines(pixels, [np.array(corners, np.int32)], isClosed=True, color=edge, thickness=3)


def test_what_a_stamp_is_one_with_is_asked_about(readers: Readers) -> None:
    arrived = arrive(readers, BLACK, FIELDS, spoil=stamped)
    (facts,) = arrived.document.page_facts
    read = arrived.document.fields
    assert not {name for name in arrived.wrong() & read.keys() if read[name].accepted}
    assert arrived.wrong() - read.keys() <= set(facts.unsure)


@pytest.mark.parametrize("two_tone", [False, True])
def test_pale_codes_of_one_or_two_characters_are_asked_about(
    readers: Readers, *, two_tone: bool
) -> None:
    """What little a weak ribbon leaves of a letter in a narrow box is no dust."""
    pale = ("24.1.pointer", "24.1.place_of_service")

    def fade(pixels: Pixels, place: Matrix) -> None:
        chance = np.random.default_rng(5)
        for field in pale:
            where = window(place, field)
            dark = 255 - pixels[where].astype(np.float64)
            if two_tone:
                dark *= chance.random(dark.shape) < 0.15
            pixels[where] = np.round(255 - dark * (1.0 if two_tone else 0.28))

    style = Style(MONO, "dropout", "bitonal-200" if two_tone else "office-200-colour")
    arrived = arrive(readers, style, FIELDS | {"24.1.pointer": "AC"}, spoil=fade)
    (facts,) = arrived.document.page_facts
    read = arrived.document.fields
    assert set(pale) - read.keys() <= set(facts.unsure)
    assert not {name for name in arrived.wrong() & read.keys() if read[name].accepted}
    # and nothing else of the page
    assert not set(facts.unsure) - set(pale)


def test_words_that_the_toner_ends_in_are_never_accepted(readers: Readers) -> None:
    """What is left of a name reads as a shorter one."""
    cut = {"2", "33.1", "26"}

    def fade(pixels: Pixels, place: Matrix) -> None:
        for field in cut:
            left, right, _, _ = print_in(pixels, place, field)
            rows, _ = window(place, field)
            where = rows, slice((left + right) // 2, right + 4)
            pixels[where] = np.round(255 - (255 - pixels[where].astype(np.float64)) * 0.26)

    arrived = arrive(readers, DROPPED, FIELDS, spoil=fade)
    read = arrived.document.fields
    assert cut <= arrived.wrong() & read.keys()
    assert {name for name in read if "ink.over" in read[name].doubts} == cut
    assert not {name for name in cut if read[name].accepted}


def test_pieces_of_strokes_that_a_bright_scan_left_are_asked_about(readers: Readers) -> None:
    """None is as large as a character, nor dark."""

    def blow(pixels: Pixels, place: Matrix) -> None:
        for field in OTHERS:
            where = window(place, field)
            dark = 255 - pixels[where].astype(np.float64)
            dark[:, ::5] = 0
            for row in range(2, 6):
                dark[row::6] = 0
            pixels[where] = np.round(255 - dark * 0.3)

    arrived = arrive(readers, DROPPED, FIELDS, spoil=blow)
    (facts,) = arrived.document.page_facts
    assert set(OTHERS) <= set(facts.unsure) | arrived.document.fields.keys()
    assert not set(facts.unsure) - set(OTHERS)


def test_print_that_is_hardly_darker_than_paper_is_said_to_be(readers: Readers) -> None:
    def fade(pixels: Pixels, place: Matrix) -> None:  # noqa: ARG001 - all over
        np.copyto(pixels, 255 - (255 - pixels) // 9)

    style = dataclasses.replace(BLACK, scan="clean-300-grey")
    read = arrive(readers, style, claim(P), spoil=fade).document
    assert read.page_facts[0].doubts == [PALE]
    assert "D003" in {f.rule for f in read.findings}
    # what does not show is nobody's fault
    printed = {n for f in read.findings if f.cause == "provider" for n in f.fields}
    assert printed <= read.fields.keys()
    assert arrive(readers, style, claim(P)).document.page_facts[0].doubts == []
