"""Print that hides: in a line of the form, in a caption, in ink of other rows, in the next box."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import hidden
from extractors.fields import Sheet, decode
from extractors.offset import Offset
from extractors.readers import Readers
from extractors.sighting import Position, Sighting
from extractors.strip import Strip
from forms.layout import layout
from models.clock import Stages
from models.page import Form, Matrix, Pixels
from samples.style import Style
from tests.extractors.arriving import BLACK, MONO, I, P, arrive, at, claim, middle, service

pytestmark = pytest.mark.xdist_group("readers")

PPI = 200.0


@given(
    alone=st.floats(1.5, 4.0),
    more=st.floats(1.5, 4.0),
    first=st.integers(0, 900),
    seed=st.integers(0, 1000),
    rough=st.booleans(),
)
def test_a_line_is_darker_where_a_stroke_runs_along_it(
    alone: float, more: float, first: int, seed: int, *, rough: bool
) -> None:
    stroke = slice(first, first + round(0.1 * PPI))
    across = alone + np.random.default_rng(seed).uniform(-0.2, 0.2, 1000)
    assert not hidden.strokes(across, 0.0, PPI, rough=rough).any()
    across[stroke] += more
    found = hidden.strokes(across, 0.0, PPI, rough=rough)
    inside = found[stroke][4:-4]
    assert inside.all()
    found[max(0, first - 8) : first + round(0.1 * PPI) + 8] = False
    assert not found.any()


def test_a_short_line_that_a_figure_covers_is_compared_with_others() -> None:
    plain, covered = np.full(30, 2.0), np.full(30, 5.0)
    usual = hidden.usual([plain, plain, covered], PPI)
    assert usual == 2.0
    assert hidden.strokes(covered, usual, PPI, rough=False).all()
    assert not hidden.strokes(plain, usual, PPI, rough=False).any()


def test_what_is_rough_is_no_part_of_a_character() -> None:
    hides, ink = np.zeros((100, 100), np.uint8), np.zeros((100, 100), np.uint8)
    hides[10:30, 50:53] = hides[60:80, 50:53] = 1
    ink[26:29, 53:70] = 1  # the foot of an L, from one of them on
    ink[65:70, 53:54] = 1  # a pixel more of the other
    found = hidden.attached(hides, ink, PPI)
    assert found[10:30, 50:53].all()
    assert not found[60:80].any()


@pytest.mark.parametrize("scan", ["clean-300", "bitonal-300-dark", "office-150"])
def test_a_first_stroke_on_a_columns_line_is_read(scan: str, readers: Readers) -> None:
    words = ("ULTRASOUND", "DRUGS", "LABORATORY", "EMERG ROOM", "PRIVATE ROOM", "BLOOD")
    lines = {f"43.{i}": text for i, text in enumerate(words, 1)}
    style = Style(MONO, "black", scan, offset=(-0.025, 0.0))
    arrive(readers, style, claim(I) | lines, form=I).check(*lines)


@pytest.mark.parametrize("left", [-0.07, -0.06])
def test_first_characters_over_the_letter_of_their_box(left: float, readers: Readers) -> None:
    odd = {
        "8a": "761304676", "8b": "JEFFERS RICHARD", "9a": "1711 SUGAR ALBA", "9b": "TULSA",
        "9c": "PA", "9d": "80202",
    }  # fmt: skip
    style = Style(MONO, "black", "office-200-colour", offset=(left, 0.0))
    arrive(readers, style, claim(I) | odd, form=I).check(*odd)


def test_empty_boxes_under_ink_of_several_rows_are_asked_about(readers: Readers) -> None:
    rows = ("46.2", "46.3", "46.4")
    fields = {k: t for k, t in claim(I).items() if not k.startswith("46.")}

    def spoil(pixels: Pixels, place: Matrix) -> None:
        x = layout(I).fields["46.2"].box[0] + 0.3
        ways = [
            at(place, x + (0.03 if i % 2 else -0.03), middle(I, "46.2") - 0.06 + i * 0.05)
            for i in range(11)
        ]
        for first, last in itertools.pairwise(ways):
            cv2.line(pixels, first, last, (0,) * 3, 3)

    arrived = arrive(readers, BLACK, fields, form=I, spoil=spoil)
    (facts,) = arrived.document.page_facts
    assert set(rows) <= set(facts.unsure) | arrived.document.fields.keys()


def test_the_end_of_a_line_in_the_next_box_is_never_believed(readers: Readers) -> None:
    lines = {"1.1": "WALNUT HOSPITAL", "1.2": "7931 WALNUT TERRACE STE 3", "1.3": "TULSA OK 74101"}
    fields = {k: t for k, t in claim(I).items() if not k.startswith(("1.", "2."))} | lines
    for right in (0.0, 0.03):
        style = Style(MONO, "black", "clean-300", offset=(right, 0.0))
        arrive(readers, style, fields, form=I).check()


@pytest.mark.parametrize("right", [-0.02, 0.05, 0.09])
def test_two_names_printed_on_each_other_are_never_believed(right: float, readers: Readers) -> None:
    name = "TRI-COUNTY MEDICAL GROUP LLC"  # longer than item 32
    fields = claim(P) | service(1) | {"32.1": name, "33.1": name}
    style = Style(MONO, "dropout", "clean-300", offset=(right, 0.0))
    arrive(readers, style, fields).check()


@dataclass
class _Reads:
    """Reads what it is told, one character after the other from the left on."""

    name: str
    text: str
    width: float

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        step = self.width / len(self.text)
        said = tuple(
            Position(((c, 0.999),), i * step, (i + 1) * step) for i, c in enumerate(self.text)
        )
        return [Sighting(self.name, said) for _ in strips]


def test_ink_far_along_a_run_that_nobody_read_is_asked_about() -> None:
    """The letter of FL 52, an inch behind the plan's number in FL 51."""
    fields = layout(I).fields
    left = fields["51A"].box[0]
    pixels = np.full((30, round((fields["52A"].box[2] - left) * PPI)), 255, np.uint8)
    for i in range(5):
        pixels[5:25, 4 + 20 * i : 16 + 20 * i] = 0
    strip = Strip(
        field="51A",
        kind="identifier",
        pixels=pixels,
        box=(round(left * PPI), 0, round(left * PPI) + pixels.shape[1], 30),
        origin=round(left * PPI),
        run=("51A", "52A"),
        size=(pixels.shape[1] / PPI, 0.1),
    )
    both = strip.pixels.copy()
    stroke = round((fields["52A"].box[0] + 0.05 - left) * PPI)
    both[5:25, stroke : stroke + 4] = 0
    reader = _Reads("first", "74650", 100 / pixels.shape[1])
    for shown, asked in ((pixels, set()), (both, {"52A"})):
        unsure: set[str] = set()
        one = dataclasses.replace(strip, pixels=shown)
        found = decode(
            Sheet(Form.UB04, PPI, Offset()), [one], Readers(reader, reader), Stages(), unsure
        )
        assert found.keys() == {"51A"}
        assert unsure == asked
