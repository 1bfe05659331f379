"""An area code printed over the parentheses of its form: the figures stay, the parentheses go."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.parens import bow
from extractors.parts import Mask
from extractors.readers import Readers
from tests.extractors.arriving import BLACK, P, arrive, claim

PPI = 300
#: inches: a parenthesis that closes, in a picture of its surroundings
BOX = (0.2, 0.2, 0.237, 0.357)
#: share of a stroke
MOST = 0.85


def paren(right: int = 0, down: int = 0) -> Mask:
    """Its ink alone, so many pixels off its place."""
    ink = np.zeros((180, 180), np.uint8)
    x0, y0, x1, y1 = (round(v * PPI) for v in BOX)
    middle = (y0 + y1) / 2
    for y in range(y0, y1):
        off = ((y - middle) / (y1 - middle)) ** 2 * (x1 - x0 - 4)
        x = round(x1 - 4 - off) + right
        ink[y + down, x : x + 4] = 1
    return ink


@given(right=st.integers(-12, 12), down=st.integers(-10, 10), upright=st.integers(-8, 0))
def test_a_stroke_printed_over_a_parenthesis_stays(right: int, down: int, upright: int) -> None:
    alone = paren(right, down)
    over = alone.copy()
    x, y = round(BOX[2] * PPI) + right + upright, round(BOX[1] * PPI) + down + 10
    cv2.rectangle(over, (x - 14, y), (x + 6, y + 3), 1, -1)  # level, across it
    cv2.rectangle(over, (x - 14, y), (x - 11, y + 28), 1, -1)  # upright, beside it
    found = bow(over, BOX, PPI)
    assert found is not None
    where, taken = found
    left = over.copy()
    left[where] &= 1 - taken
    stroke = np.zeros_like(over)
    cv2.rectangle(stroke, (x - 14, y), (x - 11, y + 28), 1, -1)
    stroke[cv2.dilate(alone, np.ones((3, 3), np.uint8)) > 0] = 0
    assert left[stroke > 0].mean() > MOST
    # where nothing is near it all of it goes
    near = cv2.dilate(over & (1 - alone), np.ones((3, 9), np.uint8))
    rest = (left > 0) & (alone > 0) & (near == 0)
    assert rest.sum() <= (1 - MOST) * alone.sum()


def test_where_no_parenthesis_is_none_is_found() -> None:
    figure = np.zeros((180, 180), np.uint8)
    cv2.putText(figure, "1", (58, 102), cv2.FONT_HERSHEY_DUPLEX, 1.2, 1, 3)
    assert bow(figure, BOX, PPI) is None
    assert bow(np.zeros_like(figure), BOX, PPI) is None


@pytest.mark.xdist_group("readers")
@pytest.mark.parametrize("right", [-0.05, -0.02, 0.02, 0.04, 0.06, 0.08])
def test_area_codes_on_parentheses_are_read(right: float, readers: Readers) -> None:
    fields = claim(P) | {
        "5.phone": "615 440-6761", "7.phone": "881 709-8973", "33.phone": "371 684-0644",
    }  # fmt: skip
    style = dataclasses.replace(BLACK, offset=(right, 0.0))
    read = arrive(readers, style, fields).document.fields
    for name in ("5.phone", "7.phone", "33.phone"):
        right_read = read[name].text.replace(" ", "") == fields[name].replace(" ", "")
        assert right_read or not read[name].accepted
    assert sum(read[n].text.startswith(fields[n][:3]) for n in fields if n.endswith("phone")) >= 2
