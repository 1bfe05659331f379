from __future__ import annotations

import numpy as np
import pytest

from extractors.words import by_field
from forms.layout import layout
from models.page import Form, TextWord

PPI = 200.0
FORM = layout(Form.CMS1500)
LAID = np.diag([PPI, PPI, 1.0])


def word(text: str, x: float, y: float, width: float, *, drawn: bool = True) -> TextWord:
    """A word whose line has its middle at `y`; inches."""
    box = (x * PPI, (y - 0.06) * PPI, (x + width) * PPI, (y + 0.06) * PPI)
    return TextWord(text, (int(box[0]), int(box[1]), int(box[2]), int(box[3])), drawn)


def middle(field: str) -> tuple[float, float]:
    x0, y0, _, y1 = FORM.fields[field].box
    return x0, (y0 + y1) / 2


def test_words_of_a_field_are_joined_and_others_belong_nowhere() -> None:
    x, y = middle("2")
    words = [word("JANE", x + 0.6, y, 0.4), word("DOE,", x, y, 0.4), word("FAR", 3.0, 11.4, 0.3)]
    said = by_field(words, LAID, FORM)
    assert {name: s.text for name, s in said.items()} == {"2": "DOE, JANE"}


def test_a_word_over_two_fields_is_parted_between_its_characters() -> None:
    x0, y = middle("24.1.procedure")
    x1 = FORM.fields["24.1.modifier1"].box[0]
    said = by_field([word("9921325", x0, y, 0.1 * 7 + (x1 - x0) - 0.5)], LAID, FORM)
    assert said["24.1.procedure"].text == "99213"
    assert said["24.1.modifier1"].text == "25"


def test_a_word_that_sticks_out_of_its_field_stays_whole() -> None:
    x, y = middle("5.state")
    assert by_field([word("NEVADA", x, y, 0.34)], LAID, FORM)["5.state"].text == "NEVADA"


@pytest.mark.parametrize("mark", ["X", "x"])
def test_a_mark_beside_a_box_is_its_choice(mark: str) -> None:
    female = next(c for c in FORM.fields["3.sex"].choices if c.name == "F")
    words = [word(mark, female.x - 0.05, female.y + 0.03, 0.1, drawn=False)]
    (said,) = by_field(words, LAID, FORM).values()
    assert (said.text, said.drawn) == ("F", False)


def test_print_off_its_boxes_on_a_page_that_lies_on_its_side() -> None:
    down = np.array([[0.0, -PPI, 11 * PPI], [PPI, 0.0, 0.0], [0.0, 0.0, 1.0]])
    x, y = middle("33a")
    corners = np.array([[x, y + 0.04, 1.0], [x + 1.0, y + 0.16, 1.0]]) @ down.T
    left, right = sorted(corners[:, 0].astype(int).tolist())
    top, bottom = sorted(corners[:, 1].astype(int).tolist())
    turned = TextWord("1234567893", (left, top, right, bottom))
    assert by_field([turned], down, FORM, (0.0, 0.1))["33a"].text == "1234567893"
    assert by_field([], down, FORM) == {}


def test_lines_of_a_tall_field_come_from_top_to_bottom() -> None:
    form = layout(Form.UB04)
    x0, y0, _, _ = form.fields["38"].box
    words = [word("SECOND", x0 + 0.1, y0 + 0.3, 0.6), word("FIRST", x0 + 0.1, y0 + 0.13, 0.5)]
    assert by_field(words, LAID, form)["38"].text == "FIRST\nSECOND"
