"""Whose ink it is: rows of large writing that reach into one another."""

from __future__ import annotations

import numpy as np
import pytest

from extractors.ink import canvas
from extractors.place import place
from forms.layout import layout
from models.page import Form, PageImage, Registration

PPI = 300.0
FORM = layout(Form.UB04)
#: left, top, width and height, inches: ten figures, two of which hang lower, and six letters
FIGURES = [(6.07 + 0.08 * i, 9.385, 0.06, 0.139 if i in (4, 7) else 0.115) for i in range(10)]
LETTERS = [(5.47 + 0.1 * i, 9.51, 0.08, 0.125) for i in range(9)]


@pytest.mark.parametrize("speck", [0, 1, 2, 3])
def test_what_is_left_of_a_line_between_two_rows_makes_them_no_one_word(speck: int) -> None:
    """A speck as low as the figure beside it hangs, and as high as the letters below begin."""
    pixels = np.full((3300, 2550), 255, np.uint8)
    between = (LETTERS[5 + speck][0] + 0.084, 9.51, 0.012, 0.0134)
    for left, top, width, height in [*FIGURES, *LETTERS, between]:
        rows = slice(round(top * PPI), round((top + height) * PPI))
        pixels[rows, round(left * PPI) : round((left + width) * PPI)] = 0
    lies = Registration(np.diag([PPI, PPI, 1.0]), 0.0, 1.0, "print")
    sheet = canvas(PageImage(pixels, PPI, 1), lies, FORM)
    placed = place(sheet, FORM)
    high = {n: sum(sheet.boxes[i, 3] > 0.05 * PPI for i in p) for n, p in placed.fields.items()}
    assert high == {"76.npi": len(FIGURES), "76.last": len(LETTERS)}
