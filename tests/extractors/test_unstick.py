"""Rows that touch, parted where the least ink is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from extractors.parts import Mask, Parts
from extractors.unstick import seam, unstick

#: pixels an inch; of a character, and from row to row
PPI, HIGH, WIDE, PITCH = 200.0, 22, 14, 26


@given(
    arrays(np.uint8, st.tuples(st.integers(6, 30), st.integers(1, 40)), elements=st.integers(0, 1))
)
def test_a_way_crosses_hardly_more_ink_than_a_straight_one(ink: Mask) -> None:
    first, last = 2, len(ink) - 2
    way, crossed = seam(ink, first, last)
    assert ((way >= first) & (way < last)).all()
    assert (np.abs(np.diff(way)) <= 1).all()
    assert crossed == sum(int(ink[y, x]) for x, y in enumerate(way))
    straight = ink[first:last].sum(axis=1).min()
    assert crossed <= 2 * straight + 0.15 * ink.shape[1]


def rows(count: int, joints: tuple[int, ...]) -> Mask:
    """Rows of rings, those of `joints` linked to the one below."""
    ink = np.zeros((PITCH * count + 60, 1000), np.uint8)
    for row in range(count):
        top = 20 + PITCH * row
        for number in range(30):
            left = 20 + 30 * number
            ink[top : top + HIGH, left : left + WIDE] = 1
            ink[top + 3 : top + HIGH - 3, left + 3 : left + WIDE - 3] = 0
            if row < count - 1 and number in joints:
                ink[top + HIGH : top + PITCH, left + 4 : left + 7] = 1
    return ink


def test_characters_of_three_rows_that_touch_are_three() -> None:
    ink = rows(3, (4, 11, 12))
    parts = Parts.of(ink)
    unstick(parts, PPI)
    heights = parts.stats[1:, 3][parts.stats[1:, 4] > 0]
    assert len(heights) == 90
    assert heights.max() < 1.4 * HIGH < 2 * PITCH
    assert np.array_equal(parts.labels > 0, ink > 0)


def test_a_tall_character_stays_whole_beside_one_row_and_two() -> None:
    for count in (1, 2):
        ink = rows(count, ())
        ink[20 : 20 + PITCH + HIGH, 920:980] = 1
        parts = Parts.of(ink)
        unstick(parts, PPI)
        assert parts.stats[1:, 3].max() == PITCH + HIGH
