"""Old forms: the 08/05 read by a layout of its own, and sent back; others named at least."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bench.score import same
from extractors.readers import Readers
from forms.layout import layout
from models.clock import Stages
from models.page import Form, PageImage
from models.reading import DocumentReading
from pipeline.documents import assemble
from pipeline.scan import read_image
from samples import faces
from samples.scan import make
from samples.style import Style

pytestmark = pytest.mark.xdist_group("readers")
OLD = Form.CMS1500_0805


def _style(colour: Any, scan: str = "clean-300") -> Style:
    known = faces.installed()
    return Style(next(f for f in ("liberation-mono", "dejavu-mono") if f in known), colour, scan)


def _read(page: PageImage, readers: Readers) -> DocumentReading:
    (document,) = assemble([read_image(page, readers, Stages())])
    return document


def test_old_and_new_share_ids_where_an_item_means_the_same() -> None:
    old, new = layout(OLD).fields, layout(Form.CMS1500).fields
    only_old = {name for name in old if name not in new}
    assert only_old == {
        "8.marital_status", "8.employment", "9b.birth_date", "9b.sex", "9c", "10d.local",
        "11b.employer", "15.first_date", "30",
    }  # fmt: skip
    for name in set(old) & set(new):
        assert old[name].kind == new[name].kind
    for spec in old.values():
        x0, y0, x1, y1 = spec.box
        assert 0 < x0 < x1 < 8.5
        assert 0 < y0 < y1 < 11


@pytest.mark.parametrize("colour", ["red", "black", "dropout"])
def test_the_old_form_is_read_and_sent_back(colour: Any, readers: Readers) -> None:
    pixels, truth = make(OLD, 3, _style(colour))
    document = _read(PageImage(np.asarray(pixels, np.uint8), 0.0, 1), readers)
    assert document.form is OLD
    fields = layout(OLD).fields
    wrong = []
    for name, text in truth["fields"].items():
        got = document.fields.get(name)
        said = (got.value if fields[name].choices else got.text) if got else None
        if said is None or not same(fields[name].kind, text, said):
            wrong.append(name)
    assert len(wrong) <= 0.05 * len(truth["fields"])
    assert document.status == "review"
    (finding,) = [f for f in document.findings if f.rule == "D001"]
    # print alone tells no version for sure: a program for the old form may print on a new one
    assert finding.cause == ("capture" if colour == "dropout" else "provider")
    assert finding.codes["rarc"] == "N34"
    assert document.claim is not None
    billing = document.claim.billing_provider
    assert billing.npi == truth["fields"]["33a"]
    assert billing.address is not None
    assert billing.address.street == truth["fields"]["33.2"]


def test_the_form_before_it_is_named_and_goes_to_a_person(readers: Readers) -> None:
    pixels, truth = make(OLD, 3, _style("black"))
    placed = np.array(truth["placed"])
    corners = placed @ np.array([[0.2 * 300, 10.54 * 300, 1.0], [8.3 * 300, 10.75 * 300, 1.0]]).T
    (x0, x1), (y0, y1) = (corners[:2] / corners[2]).round().astype(int).tolist()
    page = Image.fromarray(np.asarray(pixels, np.uint8))
    pen = ImageDraw.Draw(page)
    pen.rectangle((x0, y0 + 8, x1, y1), "white")
    foot = "PLEASE PRINT OR TYPE     FORM HCFA-1500 (12-90)   FORM OWCP-1500"
    pen.text((x0 + 700, y0 + 12), foot, "black", ImageFont.load_default(28))
    document = _read(PageImage(np.array(page), 300.0, 1), readers)
    assert (document.form, document.kind) == (Form.UNKNOWN, "cms1500-1290")
    assert (document.status, document.fields) == ("review", {})
    assert [f.rule for f in document.findings] == ["D001"]


def test_the_new_form_without_its_rules_stays_new(readers: Readers) -> None:
    pixels, _ = make(Form.CMS1500, 3, _style("dropout"))
    document = _read(PageImage(np.asarray(pixels, np.uint8), 0.0, 1), readers)
    assert document.form is Form.CMS1500
    assert "D001" not in {f.rule for f in document.findings}
