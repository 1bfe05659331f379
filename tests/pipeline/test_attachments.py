"""Attachments within a scan: parted, told apart, with the claim that they came with."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from bench.attachments import make, scanned
from bench.joins_score import strangers
from extractors.attachment import read_attachment
from extractors.readers import Readers
from intake.limits import Limits
from intake.separator import SeparatorKind, payload
from models.page import Form, PageLook
from models.reading import Entity, FieldReading, KindGuess, PageFacts, PageReading
from pipeline.documents import assemble
from pipeline.scan import read_image, read_scan
from samples.attachments import facts, papers
from samples.files import Sheet, write
from samples.scan import make_scan
from samples.style import Style
from tests.edits.base import base, readings


def page(
    number: int,
    form: Form = Form.ATTACHMENT,
    *,
    kind: str | None = None,
    said: tuple[tuple[str, str], ...] = (),
    barcode: str = "",
    probability: float = 0.99,
) -> PageReading:
    made = PageFacts(number=number, width=9, height=9, form=form, method="rules", quality=1)
    entities = [
        Entity(label=label, text=text, value=text, confidence=0.99, page=number, box=(0, 0, 9, 9))
        for label, text in said
    ]
    return PageReading(
        facts=made,
        fields=claim() if form is Form.CMS1500 else {},
        barcodes=[barcode] if barcode else [],
        entities=entities,
        kind=kind,
        kinds=[KindGuess(kind="eob" if kind == "other" else kind, probability=probability)]
        if kind
        else [],
    )


def claim(**changes: str) -> dict[str, FieldReading]:
    form, texts = base("cms1500")
    return readings(form, {**texts, **changes})


def test_papers_of_two_kinds_are_two_documents_of_one_claim() -> None:
    found = assemble(
        [
            page(1, Form.CMS1500),
            page(2, kind="eob"),
            page(3, kind="other", probability=0.5),
            page(4, kind="operative_note"),
        ]
    )
    assert [(one.kind, one.pages, one.belongs_to) for one in found] == [
        (None, [1], None),
        ("eob", [2, 3], 1),
        ("operative_note", [4], 1),
    ]


def test_two_explanations_are_told_apart_by_their_claim_numbers() -> None:
    one, other = (("claim_number", "C1"),), (("claim_number", "C2"),)
    first, again, second = (
        page(n, kind="eob", said=s) for n, s in ((1, one), (2, one), (3, other))
    )
    assert [d.pages for d in assemble([first, again, second])] == [[1, 2], [3]]


def test_a_paper_goes_to_the_claim_before_that_it_surely_is_about() -> None:
    """Three claims without a sheet between them, and then a paper about the first."""
    first = page(1, Form.CMS1500)
    name, number = first.fields["2"].text, first.fields["1a"].text
    others = []
    for at in (2, 3):
        other = {"2": f"QUIGLEY, OSCAR {at}", "1a": f"QQ10000{at}", "26": f"QQ{at}"}
        others.append(page(at, Form.CMS1500).model_copy(update={"fields": claim(**other)}))

    def owner(*said: tuple[str, str]) -> int | None:
        *_, paper = assemble([first, *others, page(4, kind="progress_note", said=said)])
        return paper.belongs_to

    assert owner(("patient", name), ("member_id", number)) == 1
    assert owner(("member_id", number)) == 1
    # a name alone, a number of nobody, one with another's name, and one of the nearest
    assert owner(("patient", name)) == 3
    assert owner(("patient", name), ("member_id", "ZZ999999")) == 3
    assert owner(("patient", "SOMEBODY ELSE"), ("member_id", number)) == 3
    assert owner(("patient", name), ("member_id", "QQ100003")) == 3
    sheet = page(2, Form.SEPARATOR, barcode=payload(SeparatorKind.DOCUMENT))
    *_, parted = assemble(
        [first, sheet, others[1], page(4, kind="eob", said=(("member_id", number),))]
    )
    assert parted.belongs_to == 3


def test_behind_a_page_that_nobody_knows_a_paper_has_to_say_whose_it_is() -> None:
    number = claim()["1a"].text
    front = [page(1, Form.CMS1500), page(2, Form.UNKNOWN)]
    sure, silent = (("member_id", number),), (("member_id", "ZZ999999"),)
    for said, owner in ((sure, 1), (silent, None)):
        one, unknown, paper = assemble([*front, page(3, kind="eob", said=said)])
        assert (one.pages, unknown.pages, paper.belongs_to) == ([1], [2], owner)


def test_a_separator_says_whether_papers_go_with_the_claim_before() -> None:
    for kind, owner in ((SeparatorKind.ATTACHMENT, 1), (SeparatorKind.DOCUMENT, None)):
        sheet = page(2, Form.SEPARATOR, barcode=payload(kind))
        found = assemble([page(1, Form.CMS1500), sheet, page(3, kind="referral")])
        assert found[-1].belongs_to == owner
    foreign = page(2, Form.SEPARATOR, barcode="ENDDOC")
    assert assemble([page(1, Form.CMS1500), foreign, page(3)])[-1].belongs_to == 1


def test_what_a_paper_says_otherwise_is_a_finding_on_its_claim() -> None:
    stranger = page(2, kind="operative_note", said=(("patient", "QUIGLEY OSCAR"),))
    found = assemble([page(1, Form.CMS1500), stranger])
    assert "D014" in {f.rule for f in found[0].findings}
    assert not assemble([page(1, Form.CMS1500)])[0].findings


def test_a_paper_that_came_alone_and_says_nothing_is_a_finding() -> None:
    (mute,) = assemble([page(1, kind="eob", said=(("paid", "1.00"),))])
    assert [(f.rule, f.cause) for f in mute.findings] == [("D007", "capture")]
    (telling,) = assemble([page(1, kind="eob", said=(("member_id", "X1"),))])
    assert telling.findings == []
    (said,) = telling.entities
    guess = said.model_copy(update={"confidence": 0.45})
    (guessed,) = assemble([page(1, kind="eob").model_copy(update={"entities": [guess]})])
    assert [f.rule for f in guessed.findings] == ["D007"]


def test_an_unsure_kind_goes_to_a_person() -> None:
    (unsure,) = assemble([page(1, kind="other", said=(("member_id", "X"),), probability=0.5)])
    assert (unsure.status, unsure.kind, unsure.kinds[0].kind) == ("review", "other", "eob")
    (sure,) = assemble([page(1, kind="eob", said=(("member_id", "X"),))])
    assert sure.status == "information"


@pytest.mark.parametrize(
    ("on", "field", "text", "said"),
    [
        (
            "cms1500",
            "19",
            "PWK EB BM 77",
            {
                "attachment_report": "EB",
                "attachment_sent": "BM",
                "attachment_control_number": "77",
            },
        ),
        ("cms1500", "19", "ZZ207Q00000X LAST SEEN IN MAY", {"taxonomy": "207Q00000X"}),
        (
            "cms1500",
            "24.1.supplemental",
            "N400409123401 ML2.5",
            {"ndc": "00409123401", "ndc_unit": "ML", "ndc_quantity": "2.5"},
        ),
        (
            "cms1500",
            "24.1.supplemental",
            "ZZ WHEELCHAIR RENTAL",
            {"narrative": "ZZ WHEELCHAIR RENTAL"},
        ),
        (
            "outpatient",
            "43.1",
            "N412345678901 UN2",
            {"ndc": "12345678901", "ndc_unit": "UN", "ndc_quantity": "2"},
        ),
        ("outpatient", "80.2", "SEE RECORDS ENCLOSED", {"narrative": "SEE RECORDS ENCLOSED"}),
    ],
)
def test_free_text_on_the_forms_says_what_it_says(
    on: str, field: str, text: str, said: dict[str, str]
) -> None:
    form, texts = base(on)
    fields = readings(form, {**texts, field: text})
    fields[field] = fields[field].model_copy(update={"box": (100, 50, 500, 80)})
    (one,) = assemble([page(1, form).model_copy(update={"fields": fields})])
    found = [e for e in one.entities if e.field == field]
    assert said.items() <= {e.label: e.value for e in found}.items()
    for entity in found:
        assert 100 <= entity.box[0] < entity.box[2] <= 500
        assert (entity.page, entity.box[1], entity.box[3]) == (1, 50, 80)


def test_a_paper_whose_lines_fall_into_the_boxes_of_a_form_is_a_paper(readers: Readers) -> None:
    rng = random.Random("joins 11 191")
    case = facts.make(rng)
    list(strangers(case, rng))
    rng.random()
    made = make("discharge_summary", case, rng, "test")
    reading = read_image(made.page, readers)
    assert (reading.facts.form, reading.kind) == (Form.ATTACHMENT, "discharge_summary")
    assert "patient" in {e.label for e in reading.entities}


@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_a_paper_is_turned_by_how_it_reads(wrong: int, readers: Readers) -> None:
    rng = random.Random(8)
    paper = papers.draw("referral", facts.make(rng), rng, "test", "liberation-sans")
    made = scanned(paper, "fax-standard", rng)
    right = read_attachment(made.page, PageLook(Form.ATTACHMENT, 0, 0.8), readers)
    turned = read_attachment(made.page, PageLook(Form.ATTACHMENT, wrong, 0.8), readers)
    assert turned.facts.quarter_turns == 0
    assert (turned.kind, turned.entities) == (right.kind, right.entities)


def test_a_scan_of_a_claim_with_its_authorization(tmp_path: Path, readers: Readers) -> None:
    style = Style(font="liberation-mono", scan="clean-300-grey")
    sheets = list(make_scan(Form.CMS1500, 5, style).sheets)
    rng = random.Random(5)
    paper = papers.draw("prior_authorization", facts.make(rng), rng, "test", "liberation-sans")
    made = scanned(paper, "clean-300-grey", rng)
    pixels = np.asarray(made.page.pixels, np.uint8)
    path = write([*sheets, Sheet(pixels, (300, 300))], tmp_path / "two.pdf")
    reading = read_scan(path, readers, Limits())
    assert [(d.form, d.kind, d.belongs_to) for d in reading.documents] == [
        (Form.CMS1500, None, None),
        (Form.ATTACHMENT, "prior_authorization", 1),
    ]
    claim_read, paper_read = reading.documents
    assert {"patient", "member_id", "authorization"} <= {e.label for e in paper_read.entities}
    # it is about somebody else, and says so
    assert "D014" in {f.rule for f in claim_read.findings}
