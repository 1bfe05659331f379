"""What is left of lines and marks of the form is no print; what looks like it may be."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from extractors.fields import Sheet, decode
from extractors.offset import Offset
from extractors.readers import Readers
from extractors.sighting import Position, Sighting
from extractors.strip import Strip
from forms.layout import layout
from models.clock import Stages
from models.page import Form, Matrix, Pixels
from samples.style import Style
from tests.extractors.arriving import BLACK, DROPPED, MONO, SANS, I, P, arrive, at, claim, service

pytestmark = pytest.mark.xdist_group("readers")


@pytest.mark.parametrize("left", [0.0, -0.02, -0.04])
def test_a_lone_stroke_at_the_edge_of_its_box_is_not_lost(left: float, readers: Readers) -> None:
    """An I of a face without serifs, which the reader would rather take for a 1."""
    style = Style(SANS, "dropout", "clean-300", offset=(left, 0.0))
    arrived = arrive(readers, style, claim(I) | {"52A": "I"}, form=I)
    (facts,) = arrived.document.page_facts
    assert "52A" not in arrived.wrong() or "52A" in facts.unsure


def test_print_beside_pieces_of_a_line_is_read(readers: Readers) -> None:
    """The edge of a shaded half that a scanner broke into dashes, all along item 24."""

    def spoil(pixels: Pixels, place: Matrix) -> None:
        for x in np.arange(0.3, 6.4, 0.17):
            start, end = at(place, x, 7.36), at(place, x + 0.1, 7.36)
            cv2.line(pixels, start, end, (90,) * 3, 1)

    qualified = service(1, id_qualifier="ZZ", rendering_id="207Q00000X")
    arrived = arrive(readers, BLACK, claim(P) | qualified, spoil=spoil)
    arrived.check("24.1.id_qualifier", "24.1.rendering_id")


@pytest.mark.parametrize("right", [-0.12, -0.1, -0.08, -0.06])
def test_a_mark_of_a_name_that_went_with_the_form_is_missed(right: float, readers: Readers) -> None:
    """An apostrophe on the form's own stroke below FL 76 to 79's qualifiers."""
    names = {f"{item}.first": "DE' ANDRE" for item in (76, 77, 78)}
    style = Style(MONO, "black", "clean-300", offset=(right, -0.02))
    arrived = arrive(readers, style, claim(I) | names, form=I)
    read = arrived.document.fields
    wrong = arrived.wrong() & read.keys() & names.keys()
    assert not {name for name in wrong if read[name].accepted}


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_a_mark_that_stands_off_its_row_is_never_accepted(style: Style, readers: Readers) -> None:
    """A little square right under the last service line reads as a nought."""

    def spoil(pixels: Pixels, place: Matrix) -> None:
        corners = at(place, 6.18, 9.36), at(place, 6.3, 9.48)
        cv2.rectangle(pixels, *corners, (0,) * 3, 2)

    read = arrive(readers, style, claim(P) | service(1), spoil=spoil).document.fields
    assert not {name for name in read if name.startswith("24.6.") and read[name].accepted}


@pytest.mark.parametrize("down", [-0.05, -0.06])
def test_print_on_what_is_left_of_a_black_block_is_asked_about(
    down: float, readers: Readers
) -> None:
    """A threshold that looks about itself leaves of a block its rim, and figures hang on that."""

    def hollow(pixels: Pixels, place: Matrix) -> None:
        for mark in layout(I).preprinted:
            x0, y0, x1, y1 = mark.box
            if mark.what == "block":
                corners = at(place, x0 + 0.03, y0 + 0.03), at(place, x1 - 0.03, y1 - 0.03)
                cv2.rectangle(pixels, *corners, (255,) * 3, -1)

    below = {"4": "0721", "34a.code": "B3", "34a.date": "091926"}
    style = Style(MONO, "black", "clean-300", offset=(0.0, down))
    arrived = arrive(readers, style, claim(I) | below, form=I, spoil=hollow)
    (facts,) = arrived.document.page_facts
    read = arrived.document.fields
    assert arrived.wrong() - read.keys() <= set(facts.unsure)
    assert not {name for name in arrived.wrong() & read.keys() if read[name].accepted}


@pytest.mark.parametrize("face", [MONO, SANS])
def test_letters_of_a_caption_that_print_touches_are_never_accepted(
    face: str, readers: Readers
) -> None:
    """A page number right behind "PAGE" and "OF", read with their last letter."""
    style = Style(face, "black", "clean-300", offset=(-0.1, 0.0))
    numbers = {"3a": "570922840", "3b": "7123836"}
    arrived = arrive(readers, style, claim(I) | numbers, form=I)
    read = arrived.document.fields
    assert not {name for name in arrived.wrong() & read.keys() if read[name].accepted}


class _Torn:
    """Sees a 1 where it is hardly surer that anything is there."""

    name = "torn"

    def __init__(self, sure: float) -> None:
        self.said = (Position((("1", sure), ("", 1 - sure)), 0.4, 0.6),)

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        return [Sighting(self.name, self.said) for _ in strips]


@pytest.mark.parametrize(("sure", "settled"), [(0.7, False), (0.99, True)])
def test_a_stroke_beside_a_ruling_line_has_to_be_clear(sure: float, *, settled: bool) -> None:
    x0, y0, x1, _ = layout(I).fields["46.3"].box
    ppi = 200.0
    pixels = np.full((30, 40), 255, np.uint8)
    pixels[5:25, 18:28] = 0
    strip = Strip(
        field="46.3",
        kind="units",
        pixels=pixels,
        box=(round((x0 + x1) / 2 * ppi), round(y0 * ppi), round((x0 + x1) / 2 * ppi) + 10, 0),
        restored=pixels,
        size=(0.05, 0.1),
    )
    reader = _Torn(sure)
    sheet = Sheet(Form.UB04, ppi, Offset())
    found = decode(sheet, [strip], Readers(reader, reader), Stages(), set())
    (line,) = found["46.3"]
    assert line.settled is settled


class _Told:
    """Sees a 1 where it might be an I, and words elsewhere."""

    name = "told"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        stroke = (Position((("1", 0.89), ("I", 0.1)), 0.4, 0.6),)
        word = tuple(Position(((c, 0.999),), i / 4, (i + 1) / 4) for i, c in enumerate("0300"))
        return [Sighting(self.name, stroke if s.field == "52A" else word) for s in strips]


def test_what_is_an_i_or_a_1_is_a_stroke_for_certain() -> None:
    """Of the height of print, at the edge of a box of a form whose lines were dropped."""
    pixels = np.full((30, 40), 255, np.uint8)
    words = [
        Strip(field=f"42.{i}", kind="code", pixels=pixels, box=(0, 0, 1, 1), size=(0.4, 0.083))
        for i in range(1, 14)
    ]
    stroke = Strip(
        field="52A",
        kind="code",
        pixels=pixels,
        box=(0, 0, 1, 1),
        size=(0.013, 0.083),
        border=True,
    )
    sheet = Sheet(Form.UB04, 200.0, Offset())
    found = decode(sheet, [*words, stroke], Readers(_Told(), _Told()), Stages(), set())
    assert found["52A"][0].decoded.text == "I"


class _Says:
    """Sees the same text everywhere."""

    name = "says"

    def __init__(self, text: str) -> None:
        count = len(text)
        self.said = tuple(
            Position(((c, 0.999),), i / count, (i + 1) / count) for i, c in enumerate(text)
        )

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        return [Sighting(self.name, self.said) for _ in strips]


@pytest.mark.parametrize(
    ("text", "asked"),
    [("YC50911", {"67.poa"}), ("C50911", set()), ("I 080", {"67.poa"})],
)
def test_a_letter_that_no_diagnosis_has_may_be_that_of_the_box_beside(
    text: str, asked: set[str]
) -> None:
    """Present on admission, printed so close before the next code that it was read with it."""
    x0, y0, _, y1 = layout(I).fields["67A"].box
    ppi, wide = 200.0, 14 * len(text)
    pixels = np.full((30, wide + 10), 255, np.uint8)
    left, top = round((x0 + 0.01) * ppi), round((y0 + 0.02) * ppi)
    strip = Strip(
        field="67A",
        kind="code",
        pixels=pixels,
        box=(left, top, left + wide, round(y1 * ppi)),
        origin=left - 5,
        size=(wide / ppi, 0.1),
    )
    reader, unsure = _Says(text), set[str]()
    decode(Sheet(Form.UB04, ppi, Offset()), [strip], Readers(reader, reader), Stages(), unsure)
    assert unsure == asked
