"""Ink that no character was read for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from extractors.readers.unread import unread
from extractors.sighting import Position, Sighting
from models.page import Pixels

#: pixels: of the strip, of a character, and from one to the next
HEIGHT, WIDE, STEP = 40, 14, 24
NUMBERS = st.lists(st.booleans(), min_size=1, max_size=12)


def strip(count: int) -> Pixels:
    """So many blocks side by side, and dust after them."""
    pixels = np.full((HEIGHT, STEP * (count + 1)), 255, np.uint8)
    for number in range(count):
        left = 5 + STEP * number
        pixels[6:34, left : left + WIDE] = 0
    pixels[30:33, -8:-5] = 0
    return pixels


def seen(read: list[bool]) -> Sighting:
    """A sighting of those of the blocks that were read; of the others nothing, or a blank."""
    width = STEP * (len(read) + 1)
    found = []
    for number, known in enumerate(read):
        x0, x1 = (5 + STEP * number + shift for shift in (4, 9))
        character = "8" if known else " "
        found.append(Position(((character, 0.9),), x0 / width, x1 / width))
    return Sighting("made up", tuple(found))


@given(NUMBERS)
def test_what_was_not_read_is_as_far_as_the_next_that_was(read: list[bool]) -> None:
    left = unread(strip(len(read)), seen(read))
    known = [i for i, one in enumerate(read) if one]
    if all(read):
        assert left == 0
    elif not known:
        assert left >= 1
    else:
        far = max(min(abs(i - j) for j in known) for i in range(len(read)))
        assert left * HEIGHT > STEP * (far - 1)
        assert left * HEIGHT < STEP * far


def test_an_empty_strip_leaves_nothing_unread() -> None:
    assert unread(np.full((HEIGHT, 100), 255, np.uint8), Sighting("made up", ())) == 0
