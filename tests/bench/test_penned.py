"""Faces whose figures people wrote."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from bench import penned
from samples import faces

_WRITTEN = 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Figures as MNIST keeps them: a figure f is f + 1 bars, one above the other."""
    pictures = np.zeros((10 * _WRITTEN, 28, 28), np.uint8)
    labels = np.arange(len(pictures), dtype=np.uint8) % 10
    for picture, label in zip(pictures, labels, strict=True):
        for bar in range(label + 1):
            picture[4 + 2 * bar, 10:18] = 255
    for half in ("train", "t10k"):
        head = struct.pack(">IIII", 2051, len(pictures), 28, 28)
        (tmp_path / f"{half}-images-idx3-ubyte").write_bytes(head + pictures.tobytes())
        head = struct.pack(">II", 2049, len(labels))
        (tmp_path / f"{half}-labels-idx1-ubyte").write_bytes(head + labels.tobytes())
    return tmp_path


def test_figures_are_those_that_were_written_and_letters_the_fonts(folder: Path) -> None:
    name = faces.installed(("liberation-mono", "dejavu-mono"))[0]
    hand = penned.Hand(folder, np.random.default_rng(1))
    (twin,) = penned.begin([name], hand)
    face = faces.face(twin, 60.0)
    assert face.info.hand
    assert np.array_equal(face.glyph("A").ink, faces.face(name, 60.0).glyph("A").ink)
    for figure in range(10):
        glyph = face.glyph(str(figure))
        inked = (glyph.ink > 127).any(axis=1)
        assert np.count_nonzero(np.diff(inked.astype(np.int8)) == 1) == figure + 1
        assert glyph.advance > 0
        assert -1.3 * face.cap_height < glyph.top < 0


def test_the_same_chance_is_the_same_hand(folder: Path) -> None:
    one, other = (penned.Hand(folder, np.random.default_rng(5), "t10k") for _ in range(2))
    for figure in range(10):
        assert np.array_equal(one.write(figure, 40).ink, other.write(figure, 40).ink)
