"""Faces whose figures people wrote."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path

import numpy as np
import pytest

from bench import penned
from bench.corpus import make_corpus
from models.page import Form
from samples import faces
from samples.blank import DPI
from samples.printing import Press
from samples.style import Style

_COUNTS = {"train": 200, "t10k": 5200}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Figures as MNIST keeps them: a figure f is f + 1 bars, one above the other."""
    made = tmp_path_factory.mktemp("figures")
    bars = np.zeros((10, 28, 28), np.uint8)
    for figure, picture in enumerate(bars):
        for bar in range(figure + 1):
            picture[4 + 2 * bar, 10:18] = 255
    for half, count in _COUNTS.items():
        labels = np.arange(count, dtype=np.uint8) % 10
        head = struct.pack(">IIII", 2051, count, 28, 28)
        (made / f"{half}-images-idx3-ubyte").write_bytes(head + bars[labels].tobytes())
        head = struct.pack(">II", 2049, count)
        (made / f"{half}-labels-idx1-ubyte").write_bytes(head + labels.tobytes())
    return made


def _font() -> str:
    return faces.installed(("liberation-mono", "dejavu-mono"))[0]


def test_figures_are_those_that_were_written_and_letters_the_fonts(folder: Path) -> None:
    hand = penned.Hand(folder, np.random.default_rng(1), "train")
    with penned.writing([_font()], hand) as (twin,):
        face = faces.face(twin, 60.0)
        assert face.info.hand
        assert np.array_equal(face.glyph("A").ink, faces.face(_font(), 60.0).glyph("A").ink)
        for figure in range(10):
            glyph = face.glyph(str(figure))
            inked = (glyph.ink > 127).any(axis=1).astype(np.int8)
            assert np.count_nonzero(np.diff(inked) == 1) == figure + 1
            assert -1.3 * face.cap_height < glyph.top < 0
            assert glyph.advance == face.glyph(str(figure)).advance > 0
    assert twin not in faces.known()
    assert not faces.MAKERS


def test_the_same_chance_is_the_same_hand(folder: Path) -> None:
    one, other = (penned.Hand(folder, np.random.default_rng(5), "test") for _ in range(2))
    for figure in range(10):
        assert np.array_equal(one.write(figure, 40).ink, other.write(figure, 40).ink)


def test_a_press_writes_figures_as_wide_as_it_says(folder: Path) -> None:
    hand = penned.Hand(folder, np.random.default_rng(2), "calibration")
    with penned.writing([_font()], hand) as (twin,):
        press = Press(Form.CMS1500, Style(font=twin), random.Random(1))
        width = press.width("2026")
        press.say(2.0, 5.0, "2026")
        columns = np.nonzero(press.ink.any(axis=0))[0]
        assert width * 0.7 < (columns[-1] - columns[0]) / DPI < width * 1.3


def test_a_corpus_by_hand_comes_out_the_same_again(folder: Path, tmp_path: Path) -> None:
    one, other = (
        [
            json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            for path in make_corpus(tmp_path / name, 2, "train", 3, folder)
        ]
        for name in ("one", "other")
    )
    assert one == other
    assert all(truth["hand"] for truth in one)


def test_what_is_not_mnists_is_refused(tmp_path: Path) -> None:
    for name in ("images-idx3", "labels-idx1"):
        (tmp_path / f"train-{name}-ubyte").write_bytes(b"something else")
    with pytest.raises(ValueError, match="train-images"):
        penned.Hand(tmp_path, np.random.default_rng(1), "train")
