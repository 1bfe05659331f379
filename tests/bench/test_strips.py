"""Strips that a reader learns from: what goes in comes out again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bench.strips import Strips
from extractors.readers.recogniser import ALPHABET, FRAME, HEIGHT
from models.page import Pixels

_LINES = st.lists(
    st.tuples(st.text(ALPHABET, min_size=1, max_size=9), st.integers(8, 120)), max_size=6
)


def strip(width: int, number: int) -> Pixels:
    return np.full((HEIGHT, width), 10 + number, np.uint8)


@given(_LINES)
def test_strips_are_kept_with_what_they_say(lines: list[tuple[str, int]]) -> None:
    strips = [(strip(width, number), label) for number, (label, width) in enumerate(lines)]
    kept = Strips.of(strips)
    wide = [(n, label, w) for n, (label, w) in enumerate(lines) if len(label) + 1 < w / FRAME]
    assert kept.texts() == [label for _, label, _ in wide]
    assert kept.widths.tolist() == [width for _, _, width in wide]
    assert kept.columns[:, 0].tolist() == [10 + n for n, _, width in wide for _ in range(width)]


def test_a_shard_is_read_again(tmp_path: Path) -> None:
    pictures, labels = [strip(40, 1), strip(90, 2)], ["A1", "O'NEILL"]
    np.savez(
        tmp_path / "0000.npz",
        pixels=np.concatenate(pictures, axis=1),
        widths=np.array([40, 90], np.int32),
        labels=np.array(labels),
    )
    found = Strips.load(tmp_path / "0000.npz")
    assert found.texts() == labels
    assert found.columns[:, 0].tolist() == [11] * 40 + [12] * 90
