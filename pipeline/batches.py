"""What a claim was scanned with: pages counted and scanned, and what lies in front of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from intake.separator import SeparatorKind, counted
from models.clues import TELLING
from models.page import Form
from models.reading import REPLY_SHEET, Batch, DocumentReading, PageReading

#: pages that nobody counts
_UNCOUNTED = (Form.SEPARATOR, Form.BLANK, Form.BACK)
#: what tells that a paper goes to another claim than the one behind it
_ELSEWHERE = frozenset({"control_number"})
#: fields of the patient's name
_NAMES = ("2", "8b")


def batches(documents: Sequence[DocumentReading], pages: Sequence[PageReading]) -> dict[int, Batch]:
    """What each claim of a scan was scanned with, by its first page.

    A batch sheet begins a batch; a scan without any is one.

    Args:
        documents: of the scan, in order, sheets and blank pages among them.
        pages: of the scan.
    """
    codes = {page.facts.number: page.barcodes for page in pages}
    found: dict[int, Batch] = {}
    for batch in _split(documents):
        said = (counted(text) for number in batch[0].pages for text in codes.get(number, ()))
        count = next((each for each in said if each is not None), None)
        scanned = sum(len(one.pages) for one in batch if one.form not in _UNCOUNTED)
        claims = [one for one in batch if one.form.is_claim]
        for one in claims:
            leading = _leading(batch, one) if one is claims[0] else 0
            found[one.pages[0]] = Batch(scanned=scanned, counted=count, leading=leading)
    return found


def _split(documents: Sequence[DocumentReading]) -> Iterator[list[DocumentReading]]:
    batch: list[DocumentReading] = []
    for one in documents:
        if one.form is Form.SEPARATOR and one.kind == SeparatorKind.BATCH:
            if batch:
                yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _leading(batch: Iterable[DocumentReading], claim: DocumentReading) -> int:
    """Attachments in front of a claim that no sheet parts from it, and that may be its own."""
    papers: list[DocumentReading] = []
    answering = False
    for one in batch:
        if one is claim:
            break
        if one.form is Form.SEPARATOR:
            papers, answering = [], False
        elif one.kind == REPLY_SHEET:
            papers, answering = [], True
        elif one.form is Form.ATTACHMENT and not answering:
            papers.append(one)
    return sum(_may_belong(paper, claim) for paper in papers)


def _may_belong(paper: DocumentReading, claim: DocumentReading) -> bool:
    """Whether a paper doesn't say that it is another claim's or about another patient."""
    sure = [entity for entity in paper.entities if entity.confidence >= TELLING]
    if any(entity.label in _ELSEWHERE for entity in sure):
        return False
    named = [_words(entity.value or entity.text) for entity in sure if entity.label == "patient"]
    mine = _words(" ".join(claim.fields[name].text for name in _NAMES if name in claim.fields))
    return not named or not mine or any(words & mine for words in named)


def _words(name: str) -> set[str]:
    return set(re.findall(r"[A-Z]{3,}", name.upper()))
