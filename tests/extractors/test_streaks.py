"""Streaks of dirty glass leave the scan, and nothing else does."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractors.streaks import without_streaks
from forms.layout import layout
from models.page import Form, Pixels

PPI = 200
SHAPE = (11 * PPI, round(8.5 * PPI))
TO_SCAN = np.diag([PPI, PPI, 1.0])


def printed() -> Pixels:
    """Two-tone lines of print six to the inch."""
    page = np.full(SHAPE, 255, np.uint8)
    for row in range(20):
        at = (80, 100 + row * PPI // 6)
        cv2.putText(page, f"4711 HOLT, ILA {row}", at, cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0,), 2)
    return page


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("x", [131, 170, 260, 305])
def test_print_is_left_where_it_crosses_a_streak(x: int, width: int) -> None:
    page = printed()
    streaked = page.copy()
    streaked[300:1800, x : x + width] = 0
    clean = without_streaks(streaked, None, TO_SCAN, PPI)
    lost = (clean != page).sum() / max(1, (streaked != page).sum())
    assert lost < 0.06
    assert not (clean != page)[:, : x - 1].any()
    assert not (clean != page)[:, x + width + 1 :].any()


def test_a_page_that_lay_on_its_side() -> None:
    page = np.ascontiguousarray(np.rot90(printed()))
    streaked = page.copy()
    streaked[200:202] = 0
    clean = without_streaks(streaked, None, TO_SCAN, PPI)
    assert (clean != page).sum() < 0.06 * (streaked != page).sum()


def test_what_has_no_streak_stays_what_it_is() -> None:
    page = printed()
    assert without_streaks(page, None, TO_SCAN, PPI) is page


@pytest.mark.parametrize("form", [Form.CMS1500, Form.UB04])
def test_lines_of_the_form_are_no_streaks(form: Form) -> None:
    page = np.full(SHAPE, 255, np.uint8)
    for rule in layout(form).rules:
        ends = [
            (round(x * PPI), round(y * PPI)) for x, y in ((rule.x0, rule.y0), (rule.x1, rule.y1))
        ]
        cv2.line(page, ends[0], ends[1], (0,), 2)
    assert (without_streaks(page, layout(form), TO_SCAN, PPI) == page).all()
    side = np.ascontiguousarray(np.rot90(page))
    turned = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, SHAPE[1] - 1.0], [0.0, 0.0, 1.0]]) @ TO_SCAN
    assert (without_streaks(side, layout(form), turned, PPI) == side).all()
    streaked = page.copy()
    streaked[:, 777] = 0
    clean = without_streaks(streaked, layout(form), TO_SCAN, PPI)
    assert (clean != page).sum() < 0.06 * (streaked != page).sum()
