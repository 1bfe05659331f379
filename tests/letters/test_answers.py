"""What comes back on a reply sheet: each answer from its own box, however it was scanned."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from pdf2image import convert_from_bytes
from PIL import Image, ImageDraw

from extractors.answers import MOST_SURE, frames
from extractors.lines import ink_in
from extractors.readers import Readers
from extractors.readers.watch import Reader
from letters.paper import pdf
from models.page import PageImage
from models.reading import Entity, PageReading
from pipeline.documents import assemble
from pipeline.scan import read_image
from samples import faces
from tests.extractors.test_bad_readers import Crashes
from tests.letters.test_paper import DCN, content

pytestmark = pytest.mark.xdist_group("readers")
WRITTEN = ("12-3456789", "", "B", "DOE, JANE")


@functools.cache
def empty(count: int = len(WRITTEN)) -> Image.Image:
    """The sheet of a letter with so many questions, as it was printed."""
    made = pdf(
        content(*(f"Question {n}: the number is missing in item {n}." for n in range(count)))
    )
    return convert_from_bytes(made, dpi=300)[-1].convert("L")


def filled(*texts: str, over: int = 0) -> Image.Image:
    """The sheet with answers; `over` pixels too high, so that they cross the frame."""
    sheet = empty().copy()
    pen = ImageDraw.Draw(sheet)
    small = sheet.resize((sheet.width * 2 // 3, sheet.height * 2 // 3))
    font = faces.font(faces.sans(), 62.0)
    boxes = frames(ink_in(np.asarray(small))[0])
    for text, (left, top, _, bottom) in zip(texts, boxes, strict=True):
        middle = (top + bottom) * 3 // 4 - over
        pen.text((left * 3 // 2 + 60, middle), text, fill=50, font=font, anchor="lm")
    return sheet


def back(sheet: Image.Image, dpi: int, turn: float, *, fax: bool = False) -> PageImage:
    """A sheet as a scanner gives it back."""
    lain = sheet.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=255)
    size = (sheet.width * dpi // 300, sheet.height * dpi // 300)
    grey = np.asarray(lain.resize(size, Image.Resampling.LANCZOS), np.int16)
    dirt = np.random.default_rng(3).normal(0, 9, grey.shape)
    pixels = np.clip(grey + dirt, 0, 255)
    if fax:
        pixels = np.where(pixels < 140, 0, 255)
    return PageImage(pixels.astype(np.uint8), float(dpi), 1)


def answers(reading: PageReading) -> list[Entity]:
    return [entity for entity in reading.entities if entity.label == "answer"]


@pytest.mark.parametrize(
    ("dpi", "turn", "fax"),
    [
        (300, 0.0, False),
        (200, 1.8, False),
        (200, -2.2, True),
        (150, 180.6, False),
        (400, 0.7, True),
    ],
)
def test_each_answer_is_read_from_its_box_and_never_counts_by_itself(
    readers: Readers, dpi: int, turn: float, *, fax: bool
) -> None:
    page = back(filled(*WRITTEN), dpi, turn, fax=fax)
    reading = read_image(page, readers)
    found = answers(reading)
    assert [entity.text for entity in found] == list(WRITTEN)
    assert all(entity.confidence <= MOST_SURE < 0.5 for entity in found)
    assert all(entity.value is None for entity in found)
    # where it stands: ink in the boxes that were written in, hardly any in the others
    for entity in found:
        x0, y0, x1, y1 = entity.box
        edge = (y1 - y0) * 2 // 5
        inside = page.pixels[y0 + edge : y1 - edge, x0 + edge : x1 - edge]
        assert (inside.min() < 100) == bool(entity.text)


def test_an_empty_sheet_has_no_answers(readers: Readers) -> None:
    assert [one.text for one in answers(read_image(back(empty(), 200, 0.9), readers))] == [""] * 4


def test_writing_across_the_frame_is_still_of_its_box(readers: Readers) -> None:
    found = answers(read_image(back(filled(*WRITTEN, over=26), 200, 0.5), readers))
    assert len(found) == len(WRITTEN)
    assert found[1].text == ""
    assert "3456" in found[0].text


def test_a_long_list_of_questions_is_a_sheet_of_several_pages(readers: Readers) -> None:
    made = pdf(content(*(f"Question {n}: what is missing in item {n}?" for n in range(14))))
    sheets = convert_from_bytes(made, dpi=150)
    pages = [
        read_image(PageImage(np.asarray(sheet.convert("L")), 150.0, number), readers)
        for number, sheet in enumerate(sheets, start=1)
        if number > len(sheets) - 2
    ]
    (document,) = assemble(pages)
    assert document.kind == "reply_sheet"
    told = [(e.label, e.value) for e in document.entities if e.label != "answer"]
    assert told == [("control_number", DCN), ("request", "2")]
    assert len([e for e in document.entities if e.label == "answer"]) == 14


def test_a_reader_that_fails_leaves_the_sheet_known(readers: Readers) -> None:
    broken: Reader = Crashes()
    reading = read_image(
        back(filled(*WRITTEN), 200, 0.0), Readers(first=broken, witness=readers.witness)
    )
    assert reading.facts.doubts == ["reader.failed"]
    (document,) = assemble([reading])
    assert (document.kind, document.status) == ("reply_sheet", "information")
