"""Check boxes: marks of any make, in their box, on its edge and beside it."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from extractors.readers import Readers
from forms.layout import layout
from models.clock import Stages
from models.page import Matrix, PageImage, Pixels
from pipeline.documents import assemble
from pipeline.scan import read_image
from samples.printing import Press
from samples.scan import scan_page
from samples.style import Style
from tests.extractors.arriving import (
    BLACK,
    DROPPED,
    RED,
    P,
    arrive,
    at,
    claim,
    service,
)

pytestmark = pytest.mark.xdist_group("readers")
#: inches from its box at which no mark is in it
FAR = (-0.1, 0.02)


@pytest.mark.parametrize("marks", ["tick", "circle", "slash", "cross", "filled"])
def test_marks_that_are_no_x(marks: Any, readers: Readers) -> None:
    fields = claim(P) | service(1)
    boxes = [name for name in fields if layout(P).fields[name].choices]
    assert len(boxes) > 5
    arrive(readers, replace(BLACK, marks=marks), fields).check(*boxes)


@pytest.mark.parametrize("right", [-0.066, 0.05])
def test_marks_on_the_edges_of_their_boxes(right: float, readers: Readers) -> None:
    fields = claim(P) | service(1)
    style = replace(BLACK, offset=(right, 0.0), points=9.0, scan="office-150")
    arrived = arrive(readers, style, fields)
    read = {name for name in arrived.document.fields if layout(P).fields[name].choices}
    assert read == {name for name in fields if layout(P).fields[name].choices}
    assert not read & arrived.wrong()


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
@pytest.mark.parametrize("away", [(0.1, 0.0), (0.075, -0.05), FAR])
def test_marks_that_missed_their_box(
    style: Style, away: tuple[float, float], readers: Readers
) -> None:
    """On the word beside it, on its corner, and before it."""
    boxes = {n: t for n, t in claim(P).items() if layout(P).fields[n].choices}
    boxes = {n: t for n, t in boxes.items() if n not in {"3.sex", "25.type"}}
    fields = {n: t for n, t in claim(P).items() if n not in boxes} | service(1)

    def extra(press: Press) -> dict[str, str]:
        for name, marked in boxes.items():
            choice = next(c for c in layout(P).fields[name].choices if c.name == marked)
            x, y = choice.x + away[0], choice.y + away[1]
            press.say(x - press.width("X") / 2, y, "X")
        return boxes

    arrived = arrive(readers, style, fields, extra=extra)
    arrived.check(*boxes)
    read = arrived.document.fields
    if away == FAR:
        assert any("mark.astray" in read[name].doubts for name in boxes)
    elif style is BLACK and away[1] == 0:
        # on the form's own print: only the paper can settle it
        on_it = [name for name in boxes if "mark.astray" in read[name].doubts]
        assert on_it
        assert not any(read[name].accepted for name in on_it)


def test_choices_of_which_none_is_marked(readers: Readers) -> None:
    fields = {n: t for n, t in claim(P).items() if not layout(P).fields[n].choices} | service(1)
    for style in (BLACK, replace(BLACK, scan="bitonal-200"), DROPPED):
        read = arrive(readers, style, fields).document.fields
        assert not {name for name in read if layout(P).fields[name].choices}


def test_a_row_of_a_boxes_edge_and_a_speck_are_no_mark(readers: Readers) -> None:
    """Coarse faxes set a row of an edge beside where it belongs."""
    fields = {n: t for n, t in claim(P).items() if not layout(P).fields[n].choices} | service(1)

    def spoil(pixels: Pixels, place: Matrix) -> None:
        for spec in layout(P).fields.values():
            for box in spec.choices[:1]:
                left, right = (at(place, box.x + off, box.y - 0.055) for off in (-0.055, 0.055))
                cv2.line(pixels, left, right, (0, 0, 0), 1)
                cv2.circle(pixels, at(place, box.x + 0.11, box.y - 0.115), 2, (0, 0, 0), -1)

    read = arrive(readers, BLACK, fields, spoil=spoil).document.fields
    assert not {name for name in read if layout(P).fields[name].choices}


def test_a_box_that_was_cut_off_with_its_mark_is_asked_about(readers: Readers) -> None:
    fields = claim(P) | {"1": "medicare"} | service(1)
    press = Press(P, RED, random.Random(3))
    press.fields(fields)
    sheet, place = scan_page(P, press.finish(), RED, random.Random(1))
    cut, _ = at(place, 0.43, 1.5)
    page = PageImage(np.ascontiguousarray(sheet.pixels[:, cut:]), float(sheet.dpi[0]), 1)
    (document,) = assemble([read_image(page, readers, Stages())])
    (facts,) = document.page_facts
    assert "1" in facts.unsure
    blamed = [f for f in document.findings if f.cause == "provider"]
    assert not any("1" in finding.fields for finding in blamed)
