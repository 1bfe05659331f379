"""Pages of UB-04s: which belong to one claim, and where the next one begins."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import numpy as np
import pytest

from extractors.readers import Readers
from intake.limits import Limits
from models.page import MORE, Form
from models.reading import PageReading
from pipeline.documents import assemble
from pipeline.scan import read_scan
from samples import claims
from samples.files import Sheet, write
from samples.scan import TODAY, make_scan, scan_claim
from samples.style import Style
from samples.wording import Wording
from tests.edits.base import base, readings
from tests.pipeline.test_attachments import page


def bill(
    number: int, said: str, *, control: str = "A1", unsure: tuple[str, ...] = ()
) -> PageReading:
    """A page of a UB-04 that says `said` on line 23, such as 1/2; fields `unsure` not accepted."""
    form, texts = base("outpatient")
    first, _, of = said.partition("/")
    fields = readings(form, {**texts, "3a": control, "43.23.page": first, "43.23.of": of})
    for name in unsure:
        fields[name] = fields[name].model_copy(update={"accepted": False})
    return page(number, form).model_copy(update={"fields": fields})


def parted(*pages: PageReading) -> list[list[int]]:
    return [document.pages for document in assemble(pages)]


def test_pages_of_one_claim_stay_together() -> None:
    assert parted(bill(1, "1/2"), bill(2, "2/2")) == [[1, 2]]
    # a page is missing between them: that is for the rules to say
    assert parted(bill(1, "1/3"), bill(2, "3/3")) == [[1, 2]]


def test_after_its_last_page_a_claim_has_no_further_one() -> None:
    assert parted(bill(1, "1/1"), bill(2, "2/2", control="B2")) == [[1], [2]]
    assert parted(bill(1, "1/1"), bill(2, "2/2")) == [[1], [2]]
    assert parted(bill(1, "1/2"), bill(2, "2/2"), bill(3, "2/2")) == [[1, 2], [3]]
    assert all(one.status == "review" for one in assemble([bill(2, "2/2")]))


def test_another_control_number_is_another_claim() -> None:
    assert parted(bill(1, "1/2"), bill(2, "2/2", control="B2")) == [[1], [2]]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (bill(1, "1/1", unsure=("43.23.of",)), bill(2, "2/2")),
        (bill(1, "1/2", unsure=("3a",)), bill(2, "2/2", control="AI")),
        (bill(1, "1/2"), bill(2, "2/2", control="AI", unsure=("3a",))),
    ],
)
def test_what_may_be_misread_parts_no_claim(first: PageReading, second: PageReading) -> None:
    (one,) = assemble([first, second])
    assert (one.pages, one.status) == ([1, 2], "review")


def test_the_last_page_of_a_claim_whose_first_is_lost_is_a_claim_of_its_own(
    tmp_path: Path, readers: Readers
) -> None:
    style = Style(font="liberation-mono", scan="clean-300-grey")
    sheets: list[Sheet] = []
    for seed, said in ((3, "1/1"), (4, "2/2")):
        claim = claims.make(Form.UB04, random.Random(seed), Wording(), today=TODAY)
        first, _, of = said.partition("/")
        fields = claim.pages[0] | {"43.23.page": first, "43.23.of": of}
        sheets += scan_claim(dataclasses.replace(claim, pages=(fields,)), seed, style).sheets
    path = write(sheets, tmp_path / "two.tif")
    one, other = read_scan(path, readers, Limits()).documents
    assert (one.pages, other.pages) == ([1], [2])
    assert one.fields["3a"].text != other.fields["3a"].text
    assert "D004" in {finding.rule for finding in other.findings}


def test_two_claims_on_one_picture_are_never_one_that_is_ready(
    tmp_path: Path, readers: Readers
) -> None:
    style = Style(font="liberation-mono", scan="office-200")
    sheets = [make_scan(Form.CMS1500, seed, style).sheets[0] for seed in (5, 6)]
    height = min(sheet.pixels.shape[0] for sheet in sheets)
    both = np.concatenate([sheet.pixels[:height] for sheet in sheets], axis=1)
    path = write([Sheet(np.asarray(both, np.uint8), (200, 200))], tmp_path / "both.tif")
    (one,) = read_scan(path, readers, Limits()).documents
    assert one.page_facts[0].doubts == [MORE]
    assert one.status == "review"
    assert "D019" in {finding.rule for finding in one.findings}
    assert "D003" not in {finding.rule for finding in one.findings}
