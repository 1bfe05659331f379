"""Pages of claims: which belong to one, and where the next one begins."""

from __future__ import annotations

import dataclasses
import random
from decimal import Decimal
from pathlib import Path

import cv2
import numpy as np
import pytest

from extractors.readers import Readers
from intake.limits import Limits
from intake.separator import SeparatorKind, payload
from models.claim import ProfessionalClaim
from models.page import CUT, MORE, UNLAID, Form
from models.reading import PageReading
from pipeline.documents import assemble
from pipeline.scan import read_scan
from samples import claims, papers
from samples.files import Sheet, write
from samples.scan import TODAY, make_scan, scan_claim, scan_sheet
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


def test_pages_of_one_claim_are_put_in_order() -> None:
    backwards = [bill(1, "3/3"), bill(2, "2/3"), bill(3, "1/3")]
    (one,) = assemble(backwards)
    assert (one.pages, one.fields["43.23.page#2"].text) == ([3, 2, 1], "2")
    assert "D004" not in {finding.rule for finding in one.findings}
    assert parted(bill(1, "1/3"), page(2, Form.BACK), bill(3, "3/3"), bill(4, "2/3")) == [
        [1, 4, 3],
        [2],
    ]
    # another stay of the same patient, and another number of pages
    other = bill(2, "1/2")
    other.fields["6.thru"] = other.fields["6.thru"].model_copy(update={"value": "2026-01-01"})
    assert parted(bill(1, "2/2"), other) == [[1], [2]]
    assert parted(bill(1, "2/2"), bill(2, "1/3")) == [[1], [2]]


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


@pytest.mark.parametrize("side", [Form.BACK, Form.BLANK])
def test_the_other_side_of_a_sheet_parts_nothing(side: Form) -> None:
    found = parted(bill(1, "1/2"), page(2, side), bill(3, "2/2"), page(4, side))
    assert found == [[1, 3], [2], [4]]
    note, more = (page(number, kind="progress_note") for number in (3, 5))
    found = parted(page(1, Form.CMS1500), page(2, side), note, page(4, side), more)
    assert found == [[1], [2], [3, 5], [4]]


def test_papers_between_two_pages_part_no_claim_that_surely_goes_on() -> None:
    paper = page(2, kind="eob")
    assert parted(bill(1, "1/2"), paper, bill(3, "2/2")) == [[1, 3], [2]]
    unsure = bill(3, "2/2", unsure=("3a",))
    assert parted(bill(1, "1/2"), paper, unsure) == [[1], [2], [3]]
    sheet = page(2, Form.SEPARATOR, barcode=payload(SeparatorKind.DOCUMENT))
    assert parted(bill(1, "1/2"), sheet, bill(3, "2/2")) == [[1], [2], [3]]


def form(number: int, total: str, *, lines: int = 6, **changes: str) -> PageReading:
    """A CMS-1500 with so many lines of 100.00 that says `total` in item 28."""
    texts = dict(base("cms1500")[1])
    first = {name[5:]: text for name, text in texts.items() if name.startswith("24.1.")}
    kept = {name: text for name, text in texts.items() if not name.startswith("24.")}
    for line in range(1, lines + 1):
        kept |= {f"24.{line}.{column}": text for column, text in first.items()}
        kept |= {f"24.{line}.charges": "100 00", f"24.{line}.procedure": f"99{number}1{line}"}
    fields = readings(Form.CMS1500, {**kept, "28": total, "29": "", **changes})
    return page(number, Form.CMS1500).model_copy(update={"fields": fields})


@pytest.mark.parametrize(
    "says", ["CONTINUED", "C0NT", "CONT'D", "PAGE 1 OF 2", "PAGE 1 0F", "SEE NEXT PAGE", ""]
)
def test_forms_of_a_claim_that_goes_on_are_one_claim_with_one_total(says: str) -> None:
    (one,) = assemble([form(1, says), form(2, "800 00", lines=2)])
    assert (one.pages, one.findings, one.status) == ([1, 2], [], "ready")
    assert isinstance(one.claim, ProfessionalClaim)
    assert [(line.page, line.number) for line in one.claim.lines][5:] == [(1, 6), (2, 1), (2, 2)]
    assert one.claim.totals.charges == "800.00"
    (wrong,) = assemble([form(1, says), form(2, "900 00", lines=2)])
    assert [(f.rule, f.fields) for f in wrong.findings] == [("T001", ["28#2"])]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # each has a total of its own
        (form(1, "600 00"), form(2, "200 00", lines=2)),
        # another patient's account, number and name
        (form(1, "CONTINUED"), form(2, "200 00", lines=2, **{"26": "B2"})),
        (form(1, ""), form(2, "200 00", lines=2, **{"26": "B2"})),
        (form(1, ""), form(2, "200 00", lines=2, **{"26": ""})),
        # a total that was forgotten: there is room for more lines
        (form(1, "", lines=5), form(2, "200 00", lines=2)),
        # the last of two
        (form(1, "PAGE 2 OF 2"), form(2, "200 00", lines=2)),
    ],
)
def test_a_form_that_does_not_go_on_is_a_claim_of_its_own(
    first: PageReading, second: PageReading
) -> None:
    assert parted(first, second) == [[1], [2]]


def test_a_claim_that_goes_on_and_has_no_further_form_lacks_a_page() -> None:
    (alone,) = assemble([form(1, "CONTINUED")])
    assert [(f.rule, f.cause, f.fields) for f in alone.findings] == [("D004", "provider", ["28"])]
    unsure = form(1, "CONTINUED")
    unsure.fields["28"] = unsure.fields["28"].model_copy(update={"accepted": False})
    (unsure_one,) = assemble([unsure])
    assert {f.cause for f in unsure_one.findings} == {"capture"}


def test_a_page_that_was_fed_twice_is_seen_and_counts_once() -> None:
    first, last = form(1, "CONTINUED"), form(3, "800 00", lines=2)
    again = first.model_copy(update={"facts": page(2, Form.CMS1500).facts})
    double, whole, paper = assemble([first, again, last, page(4, kind="progress_note")])
    assert (whole.pages, whole.findings, paper.belongs_to) == ([1, 3], [], 1)
    assert (double.pages, [f.rule for f in double.findings]) == ([2], ["D004"])
    without = [bill(n, said) for n, said in ((1, "1/2"), (2, "1/2"), (3, "2/2"))]
    for one in without[:2]:
        del one.fields["47.23"]
    assert parted(*without) == [[2], [1, 3]]


def test_forms_of_one_claim_must_agree_on_whom_and_what_they_are_about() -> None:
    pages = [form(1, "CONTINUED"), form(2, "800 00", lines=2, **{"21.B": "J45909"})]
    (one,) = assemble(pages)
    assert [(f.rule, f.fields) for f in one.findings] == [("D004", ["21.B", "21.B#2"])]


def test_a_long_claim_in_duplex_is_read_as_one(tmp_path: Path, readers: Readers) -> None:
    style = Style(font="liberation-mono", scan="clean-300-grey")
    made = claims.make(Form.CMS1500, random.Random(8), Wording(), today=TODAY).pages[0]
    line = {name[5:]: text for name, text in made.items() if name.startswith("24.1.")}
    head = {name: text for name, text in made.items() if not name.startswith(("24.", "28", "29"))}
    count, charge = 8, Decimal(line["charges"])
    pages = [dict(head), dict(head)]
    for at in range(count):
        pages[at // 6] |= {f"24.{at % 6 + 1}.{column}": text for column, text in line.items()}
    pages[0]["28"] = "CONTINUED"
    pages[1] |= {"28": str(count * charge), "29": "0.00"}
    scanned = scan_claim(claims.MadeClaim(Form.CMS1500, tuple(pages)), 8, style)
    back = scan_sheet(papers.back(Form.CMS1500), style, random.Random(1))
    path = write([s for sheet in scanned.sheets for s in (sheet, back)], tmp_path / "long.tif")
    one, *sides = read_scan(path, readers, Limits()).documents
    assert (one.pages, [side.form for side in sides]) == ([1, 3], [Form.BACK] * 2)
    assert isinstance(one.claim, ProfessionalClaim)
    assert [line.charge for line in one.claim.lines] == [str(charge)] * count
    assert one.claim.totals.charges == str(count * charge)
    assert (one.fields["28"].text, one.fields["28"].accepted) == ("CONTINUED", True)
    assert not {"T001", "D004", "C015"} & {finding.rule for finding in one.findings}


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


def test_what_a_picture_does_not_show_is_not_missing_from_the_claim(
    tmp_path: Path, readers: Readers
) -> None:
    sheet = make_scan(Form.CMS1500, 5, Style(font="liberation-mono", scan="office-200")).sheets[0]
    half = np.ascontiguousarray(sheet.pixels[: sheet.pixels.shape[0] * 2 // 3])
    path = write([Sheet(half, (200, 200))], tmp_path / "half.tif")
    (one,) = read_scan(path, readers, Limits()).documents
    assert one.page_facts[0].doubts == [CUT]
    assert {f.cause for f in one.findings if not {*f.fields} & one.fields.keys()} == {"capture"}
    # one finding for what is not there, not one for each of its fields
    assert "D003" in {finding.rule for finding in one.findings}
    assert not [f for f in one.findings if f.rule == "C017" and f.fields[0].startswith("3")]


def test_a_claim_that_no_form_can_be_laid_on_is_no_attachment(
    tmp_path: Path, readers: Readers
) -> None:
    sheet = make_scan(Form.UB04, 5, Style(font="liberation-mono", scan="office-200")).sheets[0]
    height, width = sheet.pixels.shape
    squashed = cv2.resize(sheet.pixels, (width, height * 7 // 10), interpolation=cv2.INTER_AREA)
    claim = make_scan(Form.CMS1500, 5, Style(font="liberation-mono", scan="office-200")).sheets[0]
    path = write([claim, Sheet(np.asarray(squashed, np.uint8), (200, 200))], tmp_path / "two.tif")
    one, other = read_scan(path, readers, Limits()).documents
    assert (one.form, other.form) == (Form.CMS1500, Form.UNKNOWN)
    assert (other.status, other.belongs_to, other.entities) == ("review", None, [])
    assert other.page_facts[0].doubts == [UNLAID]


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
