"""The form's own print: no reason to ask anybody about a field."""

from __future__ import annotations

import random

import pytest

from extractors.readers import Readers
from samples.printing import Press
from samples.style import Colour, Style
from tests.extractors.arriving import MONO, SANS, I, P, arrive, claim, scanned

pytestmark = pytest.mark.xdist_group("readers")


@pytest.mark.parametrize(
    ("scan", "seed"),
    [
        ("photo-200", 5),  # parentheses of an area code beside their place
        ("office-150", 3),
        ("clean-300", 3),
        ("clean-300", 5),
        ("office-200-colour", 2),  # two lines within a fiftieth of an inch
        ("office-200-colour", 4),
        ("office-150", 4),  # and a check box's edge on one
    ],
)
def test_the_forms_own_print_is_no_claims(scan: str, seed: int, readers: Readers) -> None:
    fields = {k: t for k, t in claim(P).items() if not k.startswith(("7.", "21.", "24."))}
    press = Press(P, Style(MONO, "black", scan), random.Random(3))
    press.fields(fields)
    read = scanned(readers, press, seed=seed)
    (facts,) = read.page_facts
    assert facts.unsure == []
    assert read.fields.keys() <= fields.keys()


def test_a_code_that_fills_its_box_is_no_letter_present_on_admission(readers: Readers) -> None:
    codes = {"67": "S52501D", "67A": "M84651S", "67B": "T400X2D", "67C": "S82462R"}
    fields = {k: t for k, t in claim(I).items() if not k.startswith("67")} | codes
    style = Style(MONO, "black", "office-200-colour", offset=(0.06, 0.0))
    arrived = arrive(readers, style, fields, form=I)
    (facts,) = arrived.document.page_facts
    assert facts.unsure == []
    assert not arrived.wrong() & codes.keys()


@pytest.mark.parametrize(("scan", "seed"), [("clean-300", 1), ("office-150", 1)])
def test_captions_and_blocks_beside_print_hide_none(scan: str, seed: int, readers: Readers) -> None:
    fields = claim(I) | {
        # beside captions in two rows, and between and below black blocks
        "81a.qual": "B3", "81a.code": "282N00000X", "45.23": "060126", "4": "0131",
        "39a.code": "80", "39a.amt": "4.00", "32a.code": "11", "32a.date": "081226",
    }  # fmt: skip
    press = Press(I, Style(MONO, "black", scan), random.Random(3))
    press.fields(fields)
    read = scanned(readers, press, seed=seed)
    doubted = {n for n in fields if {"ink.caption", "ink.cut"} & set(read.fields[n].doubts)}
    assert doubted <= {"59A"}  # whose first character is on a caption
    assert read.page_facts[0].unsure == []


@pytest.mark.parametrize("dy", [-0.045, -0.03])
def test_print_along_the_rule_beside_a_block_keeps_its_bars(dy: float, readers: Readers) -> None:
    codes = {"33a.code": "50", "35a.code": "72", "41a.code": "50", "33a.date": "081226"}
    style = Style(MONO, "red", "office-300-dark", offset=(-0.01, dy))
    arrived = arrive(readers, style, claim(I) | codes, form=I)
    assert not arrived.wrong() & codes.keys()


@pytest.mark.parametrize("ink", ["red", "black"])
def test_print_over_a_block_is_read_where_it_shows(ink: Colour, readers: Readers) -> None:
    over = {"4": "0131", "40a.code": "D3", "40a.amt": "1543.44", "32a.code": "11",
            "74a.code": "0DTJ4ZZ", "74a.date": "081526"}  # fmt: skip
    style = Style(MONO, ink, "clean-300-grey", offset=(0.0, -0.05))
    arrived = arrive(readers, style, claim(I) | over, form=I)
    assert not arrived.wrong() & over.keys()


def test_a_block_that_an_empty_field_reaches_into_hides_nothing(readers: Readers) -> None:
    fields = {name: text for name, text in claim(I).items() if not name.startswith("74")}
    style = Style(MONO, "red", "clean-300-grey", offset=(0.0, -0.035))
    (facts,) = arrive(readers, style, fields, form=I).document.page_facts
    assert facts.unsure == []


@pytest.mark.parametrize("scan", ["clean-300", "clean-300-grey"])
def test_a_letter_on_the_frames_line_is_none_of_the_rows_letter(
    scan: str, readers: Readers
) -> None:
    """The form prints A to C right before its frame."""
    fields = claim(I) | {"50A": "idaho health"}
    style = Style(SANS, "black", scan, points=9, weight=2)
    assert "50A" not in arrive(readers, style, fields, form=I).wrong()


def test_lines_that_are_hardly_dark_enough_for_ink_are_lines(readers: Readers) -> None:
    """Of a red form in grey, whose lines fall between pixels, now and then a piece is."""
    fields = claim(I)
    press = Press(I, Style(MONO, "red", "office-150", offset=(-0.02, 0.0)), random.Random(3))
    press.fields(fields)
    read = scanned(readers, press, seed=6)
    (facts,) = read.page_facts
    assert facts.unsure == []
    assert read.fields.keys() <= fields.keys()
