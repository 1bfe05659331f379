"""Scans are spoiled in every way, and their truth goes with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bench import spoiled
from bench.corpus import make_corpus
from intake.limits import Limits
from intake.scan import open_page


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clean scan."""
    folder = tmp_path_factory.mktemp("clean")
    (path,) = make_corpus(folder, 1, "train", 4, pages="off")
    file = path.with_suffix(".json")
    truth = json.loads(file.read_text())
    truth["style"]["scan"] = "clean-300"
    file.write_text(json.dumps(truth))
    return folder


@pytest.mark.parametrize("way", sorted(spoiled.WAYS))
def test_a_way_writes_a_scan_and_where_its_form_lies(clean: Path, tmp_path: Path, way: str) -> None:
    assert spoiled.main([str(tmp_path), str(clean), "--per", "1", "--only", way]) == 0
    (file,) = tmp_path.glob("*.json")
    truth = json.loads(file.read_text())
    assert truth["style"]["scan"] == way
    (scan,) = (path for path in tmp_path.iterdir() if path.suffix != ".json")
    page = open_page(scan, 1, Limits())
    corners = np.array([(1, 1, 1), (7.5, 1, 1), (7.5, 10, 1), (1, 10, 1)]) * (300, 300, 1)
    placed = corners @ np.array(truth["placed"]).T
    x, y = placed[:, 0] / placed[:, 2], placed[:, 1] / placed[:, 2]
    assert ((x > 0) & (x < page.width) & (y > 0) & (y < page.height)).all()


def test_what_is_no_way_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spoiled.main([str(tmp_path), str(tmp_path), "--only", "eaten"]) == 2
    assert "eaten" in capsys.readouterr().err
    assert spoiled.main([str(tmp_path), str(tmp_path)]) == 2
    assert "no clean scans" in capsys.readouterr().err
