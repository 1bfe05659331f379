from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from bench.corpus import HAND, PACKAGES, PRINT, SCANS, make_corpus
from samples import faces
from samples.scanners import SCANNERS


def test_splits_share_no_face_and_no_scanner() -> None:
    for pools in (PRINT | {f"hand {k}": v for k, v in HAND.items()}, SCANS):
        for one, other in itertools.combinations(pools.values(), 2):
            assert not set(one) & set(other)


def test_splits_name_only_faces_and_scanners_that_there_are() -> None:
    named = set(itertools.chain(*PRINT.values(), *HAND.values()))
    assert named <= faces.known().keys()
    assert not any(faces.known()[n].hand for n in itertools.chain(*PRINT.values()))
    assert all(faces.known()[n].hand for n in itertools.chain(*HAND.values()))
    assert set(itertools.chain(*SCANS.values())) == set(SCANNERS)
    assert {faces.known()[n].package for n in named} <= set(PACKAGES)


def test_a_corpus_is_scans_with_their_truth_and_comes_out_the_same_again(tmp_path: Path) -> None:
    first = make_corpus(tmp_path / "a", 4, "test", 3)
    again = make_corpus(tmp_path / "b", 4, "test", 3)
    assert [p.name for p in first] == [p.name for p in again]
    for one, other in zip(first, again, strict=True):
        assert one.with_suffix(".json").read_bytes() == other.with_suffix(".json").read_bytes()
        if one.suffix != ".pdf":  # these name the time they were made
            assert one.read_bytes() == other.read_bytes()
    truths = [json.loads(p.with_suffix(".json").read_text()) for p in first]
    assert [t["form"] for t in truths] == ["cms1500", "ub04", "cms1500", "ub04"]
    here = set(faces.installed((*PRINT["test"], *HAND["test"])))
    assert {t["style"]["font"] for t in truths} <= here
    assert {t["style"]["scan"] for t in truths} <= set(SCANS["test"])


def test_a_corpus_by_hand_alone(tmp_path: Path) -> None:
    hands = faces.installed(HAND["test"])
    if not hands:
        pytest.skip("no hand is installed")
    scans = make_corpus(tmp_path, 4, "test", 3, pages="hand")
    truths = [json.loads(p.with_suffix(".json").read_text()) for p in scans]
    assert {t["style"]["font"] for t in truths} <= set(hands)
    assert all(t["hand"] for t in truths)


def test_a_corpus_of_clean_print_beside_its_boxes(tmp_path: Path) -> None:
    scans = make_corpus(tmp_path, 6, "test", 3, pages="off")
    truths = [json.loads(p.with_suffix(".json").read_text()) for p in scans]
    assert not any(t["hand"] or t["style"]["damage"] for t in truths)
    assert not any(t["style"]["scan"].startswith(("fax", "photo")) for t in truths)
    assert max(abs(t["style"]["offset"][0]) for t in truths) > 0.04


def test_a_corpus_of_print_of_another_size_or_slant(tmp_path: Path) -> None:
    scans = make_corpus(tmp_path, 6, "test", 3, pages="sized")
    styles = [json.loads(p.with_suffix(".json").read_text())["style"] for p in scans]
    assert not any(style["form"] == "dropout" for style in styles)
    assert all((style["stretch"] != 1) != (style["slant"] != 0) for style in styles)


def test_the_command_line_writes_scans_and_envelopes(tmp_path: Path) -> None:
    options = ["--n", "2", "--batches", "1", "--split", "train", "--seed", "9"]
    command = [sys.executable, "-m", "bench.corpus", str(tmp_path), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.count("CPU s each") == 2
    assert len(list(tmp_path.glob("*.json"))) == 2
    (truth,) = (tmp_path / "batches").glob("*.json")
    (scan,) = (p for p in truth.parent.iterdir() if p.suffix != ".json")
    pages = json.loads(truth.read_text())["pages"]
    if scan.suffix == ".tif":
        with Image.open(scan) as tiff:
            assert tiff.n_frames == len(pages)  # type: ignore[attr-defined] # of TIFF only
    assert pages
