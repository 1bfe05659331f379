"""A batch: as many pages as were counted, and nothing in front of a claim that is its own."""

from __future__ import annotations

import dataclasses

import pytest

from edits.context import Context
from edits.profile import parse
from intake.separator import SeparatorKind, payload
from models.page import Form
from models.reading import Batch, DocumentReading, PageReading
from pipeline.documents import assemble, recheck
from tests.pipeline.test_attachments import page

BATCH, DOCUMENT = SeparatorKind.BATCH, SeparatorKind.DOCUMENT


def sheet(number: int, kind: SeparatorKind, pages: int | None = None) -> PageReading:
    return page(number, Form.SEPARATOR, barcode=payload(kind, pages))


def claims(*pages: PageReading) -> list[DocumentReading]:
    return [one for one in assemble(pages) if one.form.is_claim]


def rules(reading: DocumentReading) -> set[str]:
    return {finding.rule for finding in reading.findings} & {"D002", "D005", "D006"}


@pytest.mark.parametrize(("counted", "fires"), [(3, False), (4, True), (2, True), (None, False)])
def test_pages_are_counted_as_preparation_counts_them(counted: int | None, *, fires: bool) -> None:
    found = claims(
        sheet(1, BATCH, counted),
        page(2, Form.CMS1500),
        page(3, Form.BACK),
        sheet(4, SeparatorKind.ATTACHMENT),
        page(5, kind="eob"),
        page(6, Form.BLANK),
        sheet(7, DOCUMENT),
        page(8, Form.CMS1500),
    )
    assert [one.batch for one in found] == [Batch(scanned=3, counted=counted)] * 2
    assert [rules(one) for one in found] == [{"D005"} if fires else set()] * 2
    assert {f.cause for one in found for f in one.findings if f.rule == "D005"} <= {"capture"}


def test_each_batch_of_a_scan_has_its_own_count() -> None:
    one, other = claims(
        sheet(1, BATCH, 1), page(2, Form.CMS1500), sheet(3, BATCH, 2), page(4, Form.CMS1500)
    )
    assert (rules(one), rules(other)) == (set(), {"D005"})
    # and it is still known when a person has looked
    assert rules(recheck(other)) == {"D005"}


def test_a_paper_in_front_of_the_first_claim_may_be_its_own() -> None:
    first, second = claims(page(1, kind="eob"), page(2, Form.CMS1500), page(3, Form.CMS1500))
    assert (rules(first), rules(second)) == ({"D006"}, set())
    assert first.status == "review"


@pytest.mark.parametrize(
    "front",
    [
        [page(1, kind="eob"), sheet(2, DOCUMENT)],
        [page(1, kind="eob", said=(("patient", "QUIGLEY OSCAR"),))],
        [page(1, kind="eob", said=(("control_number", "26324P00000124"),))],
        [page(1, barcode="PAPERCLAIM:1:REPLY:26324P00000124:1"), page(2, kind="eob")],
        [page(1, Form.BLANK)],
    ],
)
def test_papers_that_are_surely_not_the_claims_own_are_no_doubt(front: list[PageReading]) -> None:
    (found,) = claims(*front, page(len(front) + 1, Form.CMS1500))
    assert rules(found) == set()


def test_a_copy_is_told_where_the_page_shows_it() -> None:
    originals = Context(profile=parse('name = "p"\n[options]\noriginals = true'))
    for red, fires in ((False, {"D002"}), (True, set()), (None, set())):
        seen = page(1, Form.CMS1500)
        facts = seen.facts.model_copy(update={"red": red})
        (found,) = assemble([seen.model_copy(update={"facts": facts})], originals)
        assert rules(found) == fires
        assert rules(recheck(found, dataclasses.replace(originals))) == fires
