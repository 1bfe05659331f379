from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pytest
import zxingcpp
from PIL import Image

import samples
from forms.layout import layout
from models.page import BoxIn, Form, Pixels
from samples import batches, faces, papers
from samples.blank import DPI, QR_TEXT, blank
from samples.files import Sheet, write
from samples.scan import make
from samples.scanners import SCANNERS
from samples.style import DAMAGE, Style, random_style

FORMS = [Form.CMS1500, Form.UB04]


def font() -> str:
    return next(iter(faces.installed(("liberation-mono", "dejavu-mono"))), faces.BUILT_IN)


def grey(image: Pixels) -> Pixels:
    return (
        image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    )


def straightened(image: Pixels, truth: dict[str, Any]) -> Pixels:
    """The scan laid back onto the form at 300 dpi, by what truth says of its place."""
    back = np.linalg.inv(np.array(truth["placed"]))
    across, down = SCANNERS[truth["style"]["scan"]].dpi
    if truth["style"]["turns"] % 2:
        across, down = down, across
    if max(across, down) > 1.15 * min(across, down):  # a standard fax: lines are repeated
        finer = max(across, down)
        size = (image.shape[1] * finer // across, image.shape[0] * finer // down)
        image = np.asarray(cv2.resize(image, size), np.uint8)
    return np.asarray(
        cv2.warpPerspective(grey(image), back, (2550, 3300), borderValue=(255,) * 3), np.uint8
    )


def darkness(image: Pixels, box: BoxIn) -> float:
    x0, y0, x1, y1 = (round(v * DPI) for v in box)
    return float((image[y0:y1, x0:x1] < 140).mean())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("scan", "turns"),
    [("clean-300", 0), ("office-200", 1), ("fax-fine", 2), ("photo-220", 3), ("fax-standard", 1)],
)
def test_print_lies_where_truth_says(form: Form, scan: str, turns: int) -> None:
    style = Style(font(), "dropout", scan, points=10, turns=turns)
    image, truth = make(form, 7, style)
    page = straightened(image, truth)
    fields = layout(form).fields
    filled = [s for s in fields.values() if s.id in truth["fields"] and not s.choices]
    empty = [s for s in fields.values() if s.id not in truth["fields"] and not s.choices]
    inked = [darkness(page, s.box) > 0.008 for s in filled]
    assert np.mean(inked) > 0.97
    # text may run over into the next box, but most boxes without text are white
    assert np.mean([darkness(page, s.box) < 0.004 for s in empty]) > 0.85


def test_marks_lie_in_their_boxes() -> None:
    image, truth = make(Form.CMS1500, 3, Style(font(), "dropout", "clean-300", points=10))
    page = straightened(image, truth)
    for spec in layout(Form.CMS1500).fields.values():
        if not spec.choices or spec.id not in truth["fields"]:
            continue
        marked = {
            c.name: darkness(page, (c.x - 0.06, c.y - 0.06, c.x + 0.06, c.y + 0.06))
            for c in spec.choices
        }
        assert max(marked, key=lambda name: marked[name]) == truth["fields"][spec.id]


@pytest.mark.parametrize("form", FORMS)
def test_rules_lie_where_truth_says(form: Form) -> None:
    image, truth = make(form, 2, Style(font(), "black", "photo-220"))
    page = straightened(image, truth)
    for rule in layout(form).rules:
        if rule.horizontal and rule.style in ("thick", "solid") and rule.x1 - rule.x0 > 3:
            middle = (rule.x0 + rule.x1) / 2
            box = (middle - 1, rule.y0 - 0.02, middle + 1, rule.y0 + 0.02)
            x0, y0, x1, y1 = (round(v * DPI) for v in box)
            dark = page[y0:y1, x0:x1].min(axis=0)
            assert np.median(dark) < 0.75 * np.median(page[y0 - 30 : y1 + 30, x0:x1])


def test_the_same_seed_draws_the_same_scan_and_another_does_not() -> None:
    style = random_style(random.Random(1), [font()], ["office-200"])
    one, again = make(Form.UB04, 4, style), make(Form.UB04, 4, style)
    assert np.array_equal(one[0], again[0])
    assert one[1] == again[1]
    assert make(Form.UB04, 5, style)[1]["fields"] != one[1]["fields"]


def test_truth_is_json_with_the_shape_that_the_benchmark_reads() -> None:
    style = random_style(random.Random(9), [font()])
    _, truth = make(Form.CMS1500, 8, style, faults=("no_25",))
    again = json.loads(json.dumps(truth))
    assert again.keys() == {"form", "style", "hand", "faults", "placed", "fields"}
    assert {"font", "form", "scan", "seed"} <= again["style"].keys()
    assert again["faults"] == "no_25"
    assert "25" not in again["fields"]
    assert np.array(again["placed"]).shape == (3, 3)


def test_truth_tells_what_a_scan_of_two_tones_kept_of_the_print() -> None:
    fresh = Style(font(), "black", "bitonal-200", marks="cross")
    worn = dataclasses.replace(fresh, ribbon=1.0, level=0.7, scan="bitonal-200-light")
    kept, lost = (make(Form.UB04, 5, style)[1]["kept"] for style in (fresh, worn))
    assert kept.keys() == lost.keys() == make(Form.UB04, 5, fresh)[1]["fields"].keys()
    assert min(kept.values()) > 0.9
    assert sum(share < 0.5 for share in lost.values()) > 0.2 * len(lost)
    assert "kept" not in make(Form.UB04, 5, dataclasses.replace(fresh, scan="clean-300"))[1]


@pytest.mark.parametrize("name", sorted(DAMAGE))
def test_damage_leaves_its_traces_and_spares_most_of_the_page(name: str) -> None:
    whole = Style(font(), "red", "clean-300-grey")
    hurt = dataclasses.replace(whole, damage=(name,))
    one, other = make(Form.CMS1500, 6, whole)[0], make(Form.CMS1500, 6, hurt)[0]
    assert one.shape == other.shape
    changed = np.abs(one.astype(int) - other.astype(int)) > 60
    assert changed.any() or name in ("stain", "bleed", "fold", "highlight")
    assert not np.array_equal(one, other)


def test_every_scanner_gives_its_dots_and_depth() -> None:
    for name, scanner in SCANNERS.items():
        image, _ = make(Form.UB04, 1, Style(font(), "red", name))
        factor = 1.1 if scanner.photo else 1
        assert image.shape[:2] == (
            round(11 * scanner.dpi[1] * factor),
            round(8.5 * scanner.dpi[0] * factor),
        )
        assert (image.ndim == 3) == (scanner.mode == "colour")
        if scanner.mode == "bitonal":
            assert set(np.unique(image)) == {0, 255}


def test_paper_on_a_larger_bed_lies_where_truth_says() -> None:
    image, truth = make(Form.UB04, 1, Style(font(), "black", "office-200", bed=(8.5, 14.0)))
    assert image.shape == (2800, 1700)
    corner = np.array(truth["placed"]) @ (0.147 * DPI, 10.675 * DPI, 1)
    x, y = (round(v) for v in corner[:2])
    assert image[y - 8 : y + 8, x - 8 : x + 8].min() < 120
    assert image[2300:].min() > 200


def test_the_blank_1500_carries_our_own_code() -> None:
    (code,) = zxingcpp.read_barcodes(255 - blank(Form.CMS1500).black)
    assert code.text == QR_TEXT


def test_files_keep_dots_bits_and_pages(tmp_path: Path) -> None:
    fax = Sheet(
        np.where(papers.back(Form.UB04) < 128, 0, 255).astype(np.uint8), (204, 98), bitonal=True
    )
    path = write([fax, fax], tmp_path / "a.tif")
    with Image.open(path) as tiff:
        assert (tiff.n_frames, tiff.mode) == (2, "1")  # type: ignore[attr-defined] # of TIFF only
        assert tiff.info["compression"] == "group4"
        assert tiff.info["dpi"] == pytest.approx((204, 98), abs=0.1)
        assert np.array_equal(np.asarray(tiff.convert("L")), fax.pixels)
    page = Sheet(papers.back(Form.UB04), (300, 300), quality=40)
    with pikepdf.open(write([page, page], tmp_path / "b.pdf")) as pdf:
        assert len(pdf.pages) == 2
        assert [float(v) for v in pdf.pages[0].mediabox[2:]] == pytest.approx([612, 792], abs=1)
    with pikepdf.open(write([fax], tmp_path / "c.pdf")) as pdf:
        (image,) = pdf.pages[0].resources.XObject.values()
        assert "/CCITTFaxDecode" in str(image.Filter) + repr(image.Filter)
    with Image.open(write([page], tmp_path / "d.jpg")) as jpeg:
        assert jpeg.info["dpi"] == (300, 300)
    photo = Sheet(papers.back(Form.UB04), (0, 0))
    with Image.open(write([photo], tmp_path / "f.jpg")) as jpeg:
        assert "dpi" not in jpeg.info
    with pytest.raises(ValueError, match="gif"):
        write([page], tmp_path / "e.gif")


def test_envelopes_list_each_page_as_what_it_is() -> None:
    style = Style(font(), "black", "fax-200")
    sheet = papers.blank_sheet()
    seen = set()
    for seed in range(8):
        batch = batches.make(seed, lambda _: style, separator=sheet)
        assert len(batch.sheets) == len(batch.pages)
        forms = [p["form"] for p in batch.pages]
        assert all(("fields" in p) == Form(p["form"]).is_claim for p in batch.pages)
        assert all(p.get("kind") in papers.ATTACHMENTS for p in batch.pages if "kind" in p)
        assert forms[0] not in ("back", "attachment", "blank")
        seen |= set(forms)
    assert seen <= {f.value for f in Form}
    assert {"cms1500", "ub04", "back", "attachment", "separator"} <= seen


def test_the_first_scans_are_few_small_and_varied(tmp_path: Path) -> None:
    paths = samples.first(tmp_path / "inbox")
    assert len(paths) == 6
    assert {p.suffix for p in paths} == {".pdf", ".tif", ".jpg"}
    assert all(p.stat().st_size < 1_000_000 for p in paths)
    with Image.open(paths[-1]) as envelope:
        assert envelope.n_frames == 3  # type: ignore[attr-defined] # of TIFF only
    assert sorted(p.name for p in paths) == sorted(p.name for p in (tmp_path / "inbox").iterdir())


def test_all_faces_that_are_here_have_every_character_that_claims_are_printed_with() -> None:
    needed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,-/#'"
    assert [n for n in faces.installed() if not faces.face(n, 40.0).covers(needed)] == []
