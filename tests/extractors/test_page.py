"""A page read whole: drawn, printed, scanned, looked at and read by the real readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from bench.score import same
from extractors.page import read_page
from extractors.readers import Reader, Readers
from extractors.sighting import Position, Sighting
from extractors.strip import Strip
from forms.layout import layout
from intake.look import look
from models.page import Form, PageImage
from models.reading import PageReading
from samples import faces
from samples.scan import make
from samples.style import Style

pytestmark = pytest.mark.xdist_group("readers")


def _font() -> str:
    """A face that every Debian has."""
    known = faces.installed()
    return next(name for name in ("liberation-mono", "dejavu-mono") if name in known)


def _page(form: Form, seed: int, style: Style) -> tuple[PageImage, dict[str, Any]]:
    pixels, truth = make(form, seed, style)
    return PageImage(np.asarray(pixels, np.uint8), 0.0, 1), truth


def _read(page: PageImage, readers: Readers) -> PageReading:
    return read_page(page, look(page), readers)


def _wrong(form: Form, truth: dict[str, Any], read: PageReading) -> list[str]:
    """Ids of fields that were printed and not read wholly right."""
    wrong = []
    for name, text in truth["fields"].items():
        spec = layout(form).fields[name]
        got = read.fields.get(name)
        said = (got.value if spec.choices else got.text) if got else None
        if said is None or not same(spec.kind, text, said):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("form", [Form.CMS1500, Form.UB04])
@pytest.mark.parametrize("colour", ["red", "black", "dropout"])
def test_machine_print_is_read(form: Form, colour: Any, readers: Readers) -> None:
    page, truth = _page(form, 11, Style(_font(), colour, "clean-300"))
    read = _read(page, readers)
    assert read.facts.form is form
    assert len(_wrong(form, truth, read)) <= 0.03 * len(truth["fields"])
    invented = set(read.fields) - set(truth["fields"])
    assert not {name for name in invented if read.fields[name].accepted}


def test_print_half_a_row_off_its_boxes_is_read(readers: Readers) -> None:
    style = Style(_font(), "black", "clean-300", offset=(0.03, 0.07))
    page, truth = _page(Form.UB04, 12, style)
    wrong = _wrong(Form.UB04, truth, _read(page, readers))
    assert len(wrong) <= 0.05 * len(truth["fields"])


def test_print_that_runs_into_the_forms_own_print_is_read(readers: Readers) -> None:
    """A black copy whose print sits right of its boxes, on parentheses and captions."""
    style = Style(_font(), "black", "clean-300", offset=(0.06, 0.0))
    page, truth = _page(Form.CMS1500, 23, style)
    wrong = _wrong(Form.CMS1500, truth, _read(page, readers))
    hit = {"3.birth_date", "5.phone", "7.phone", "31.date", "32a", "33a", "33.phone"}
    assert hit <= set(truth["fields"])
    assert not hit & set(wrong)


def test_boxes_lie_on_the_page_as_scanned(readers: Readers) -> None:
    page, truth = _page(Form.CMS1500, 13, Style(_font(), "red", "clean-300", turns=1))
    read = _read(page, readers)
    placed = np.array(truth["placed"])
    x0, y0, x1, y1 = layout(Form.CMS1500).fields["33a"].box
    corners = np.array([[x * 300, y * 300, 1.0] for x in (x0, x1) for y in (y0, y1)]) @ placed.T
    points = corners[:, :2] / corners[:, 2:]
    box = read.fields["33a"].box
    assert points[:, 0].min() - 40 <= box[0] < box[2] <= points[:, 0].max() + 40
    assert points[:, 1].min() - 40 <= box[1] < box[3] <= points[:, 1].max() + 40


def test_a_wrong_npi_on_the_paper_stays_wrong(readers: Readers) -> None:
    pixels, truth = make(
        Form.CMS1500, 14, Style(_font(), "dropout", "clean-300"), faults=("bad_npi",)
    )
    page = PageImage(np.asarray(pixels, np.uint8), 0.0, 1)
    read = _read(page, readers)
    printed = {
        n: t for n, t in truth["fields"].items() if layout(Form.CMS1500).fields[n].kind == "npi"
    }
    assert printed
    for name, text in printed.items():
        assert read.fields[name].text == text


class _Liar:
    """Says the same of every strip, and is sure of it."""

    name = "liar"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        lie = Sighting(self.name, tuple(Position(((c, 1.0),), 0.0, 1.0) for c in "9999"))
        return [lie for _ in strips]


class _Crasher:
    name = "crasher"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        raise RuntimeError(len(strips))


class _Mute:
    """Answers for fewer strips than it was asked."""

    name = "mute"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        return [Sighting(self.name, ()) for _ in strips[1:]]


@pytest.mark.parametrize("witness", [_Liar(), _Crasher(), _Mute()], ids=lambda w: str(w.name))
def test_a_bad_witness_costs_no_page_and_changes_no_text(witness: Reader, readers: Readers) -> None:
    page, truth = _page(Form.CMS1500, 15, Style(_font(), "dropout", "clean-300"))
    read = _read(page, Readers(first=readers.first, witness=witness))
    assert len(_wrong(Form.CMS1500, truth, read)) <= 0.03 * len(truth["fields"])


def test_a_page_that_was_not_laid_gives_no_fields(readers: Readers) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1100, 850), dtype=np.uint8)
    read = _read(PageImage(noise, 100.0, 1), readers)
    assert read.fields == {}
    assert read.facts.form is Form.UNKNOWN
