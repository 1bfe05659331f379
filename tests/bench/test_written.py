"""Lessons written from fonts alone: what they say stands on them, and each writer is one."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.corpus import HAND, PRINT
from bench.written import Writer, laid_out, texts, written
from extractors.readers.recogniser import ALPHABET, HEIGHT
from samples import faces


def test_claims_say_what_a_reader_may_learn() -> None:
    said = [line for seed in range(6) for line in texts(random.Random(seed))]
    assert len(said) > 200
    assert all(line == " ".join(line.split()) and set(line) <= set(ALPHABET) for line in said)
    assert texts(random.Random(3)) == texts(random.Random(3))


def test_strips_are_at_the_readers_height_and_hold_ink() -> None:
    strips = list(written(1, 2, None))
    assert len(strips) > 20
    for strip, label in strips:
        assert strip.shape[0] == HEIGHT
        assert strip.min() < 128, label
    assert np.median([strip.shape[1] / len(label) for strip, label in strips]) > 8


def test_the_same_seed_writes_the_same() -> None:
    one, other = (list(written(4, 1, None)) for _ in range(2))
    assert [label for _, label in one] == [label for _, label in other]
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(one, other, strict=True))


@given(st.lists(st.tuples(*(st.integers(-90, 90),) * 2, *(st.integers(1, 30),) * 2), max_size=8))
def test_no_ink_is_lost(boxes: list[tuple[int, int, int, int]]) -> None:
    placed = [(x, y, np.full((high, wide), 200, np.uint8)) for x, y, wide, high in boxes]
    inked = {(x + i, y + j) for x, y, wide, high in boxes for i in range(wide) for j in range(high)}
    assert int((laid_out(placed) == 200).sum()) == len(inked)


@pytest.mark.parametrize("seed", range(6))
def test_wider_text_takes_more_room(seed: int) -> None:
    hands = faces.installed(HAND["train"]) or [faces.BUILT_IN]
    prints = faces.installed(PRINT["train"]) or [faces.BUILT_IN]
    writer = Writer(hands, prints, None, f"{seed}")
    assert writer.write("8888888888").shape[1] > 1.5 * writer.write("888").shape[1]
