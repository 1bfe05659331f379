"""Pages to documents: batches split, claims built, edits run, a status given."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from edits.check import Context, check
from edits.claim import build
from extractors.language import notes
from intake.separator import begins
from models.clues import TELLING
from models.page import CMS1500_1290, Form
from models.reading import (
    OTHER,
    REPLY_SHEET,
    REQUEST,
    DocumentReading,
    Entity,
    FieldReading,
    Finding,
    PageFacts,
    PageReading,
)
from pipeline.batches import batches
from pipeline.owners import Gathered, owner_of
from pipeline.pages import NOTHING, Group, reply, split


def _answering(pages: Sequence[PageReading]) -> list[Entity]:
    """Which claim and which request a reply sheet answers, as its first page says it."""
    answered = reply(pages[0])
    if answered is None:
        return []
    facts = pages[0].facts
    return [
        Entity(
            label=label,
            text=text,
            value=text,
            confidence=1.0,
            page=facts.number,
            box=(0, 0, facts.width, facts.height),
        )
        for label, text in (("control_number", answered.dcn), (REQUEST, str(answered.request)))
    ]


def _kind(group: Group) -> str | None:
    """What a group of pages is called, beside its form; of a separator, what begins after it."""
    if group.form is Form.SEPARATOR:
        said = (begins(text) for page in group.pages for text in page.barcodes)
        return next(filter(None, said), None)
    found = [page.kind for page in group.pages if page.kind]
    return next((kind for kind in found if kind != OTHER), found[0] if found else None)


def _merge(pages: Sequence[PageReading]) -> dict[str, FieldReading]:
    """Fields of all pages; those of the second page on carry `#2`, `#3` after their id."""
    fields: dict[str, FieldReading] = {}
    for number, page in enumerate(pages, start=1):
        for name, field in page.fields.items():
            fields[name if number == 1 else f"{name}#{number}"] = field
    return fields


def _status(form: Form, fields: Mapping[str, FieldReading], findings: Iterable[Finding]) -> str:
    if not form.is_claim:
        return "review" if form is Form.UNKNOWN else "information"
    if not fields or not all(f.accepted for f in fields.values()):
        return "review"
    return "review" if any(f.severity != "warn" for f in findings) else "ready"


def _alone(document: DocumentReading, context: Context | None) -> DocumentReading:
    """An attachment: one that is not told or not read is looked at by a person.

    One that came with no claim has to say which one is its own.
    """
    findings: list[Finding] = []
    # of a page that was not read nobody can say that it doesn't tell
    read = not any(page.doubts for page in document.page_facts)
    if document.belongs_to is None and document.kind is not None and read:
        said = tuple({e.label for e in document.entities if e.confidence >= TELLING})
        known = dataclasses.replace(context or Context(), labels=said)
        findings = check(document.form, {}, known)
    status = "review" if document.unsure else "information"
    return document.model_copy(update={"findings": findings, "status": status})


def recheck(document: DocumentReading, context: Context | None = None) -> DocumentReading:
    """`document` with its claim, findings and status made anew from its fields."""
    named = document.form is Form.UNKNOWN and document.kind == CMS1500_1290
    if document.form is Form.ATTACHMENT and document.kind != REPLY_SHEET:
        return _alone(document, context)
    if not document.form.is_claim and not named:
        return document
    known = dataclasses.replace(
        context or Context(),
        pages=document.page_facts,
        copies=_copies(document.page_facts),
        batch=document.batch,
    )
    findings = check(document.form, document.fields, known)
    claim = build(document.form, document.fields)
    return document.model_copy(
        update={
            "claim": claim,
            "entities": notes.entities(document.form, document.fields),
            "findings": findings,
            "status": _status(document.form, document.fields, findings),
        }
    )


def _copies(pages: Sequence[PageFacts]) -> tuple[int, ...] | None:
    """Pages that are copies of red forms; None where nobody can tell of any page."""
    if all(page.red is None for page in pages):
        return None
    return tuple(page.number for page in pages if page.red is False)


def assemble(pages: Sequence[PageReading], context: Context | None = None) -> list[DocumentReading]:
    """The documents of one scan, in order of their pages.

    Args:
        pages: every page of the scan, read, by number.
        context: what the edits know beside the form; None for nothing.
    """
    documents = []
    for group in split(pages):
        answering = _answering(group.pages)
        fields = _merge(group.pages) if group.form.is_claim else {}
        document = DocumentReading(
            form=group.form,
            kind=REPLY_SHEET if answering else _kind(group),
            kinds=group.pages[0].kinds,
            pages=[p.facts.number for p in group.pages],
            status=_status(group.form, {}, []),
            fields=fields,
            entities=[*answering, *(e for p in group.pages for e in p.entities)],
            page_facts=[p.facts for p in group.pages],
        )
        documents.append(document)
    documents = _belonging(documents)
    with_ = batches(documents, pages)
    documents = [
        one.model_copy(update={"batch": with_.get(one.pages[0])}) if one.form.is_claim else one
        for one in documents
    ]
    return [recheck(one, _with(one, documents, context)) for one in documents]


def _with(
    document: DocumentReading, documents: Sequence[DocumentReading], context: Context | None
) -> Context:
    """What the edits know, and the papers that came with a claim."""
    if not document.form.is_claim:
        return context or Context()
    papers = [one for one in documents if one.belongs_to == document.pages[0]]
    return dataclasses.replace(context or Context(), papers=papers)


def _belonging(documents: Sequence[DocumentReading]) -> list[DocumentReading]:
    """The documents of a scan, each attachment with the claim that it came with."""
    claims = {
        came.pages[0]: one.pages[0]
        for one, papers in gather(documents)
        if one.form.is_claim
        for came in papers
    }
    return [
        one.model_copy(update={"belongs_to": claims[one.pages[0]]})
        if one.pages[0] in claims
        else one
        for one in documents
    ]


def gather(
    found: Sequence[DocumentReading],
) -> list[Gathered]:
    """The documents of a scan that stand by themselves, each with what came stapled to it.

    Attachments belong to the claim, or the reply sheet, before them, or to one before that which
    they surely are about; a separator that opens a document parts them from all. Behind a page that
    nobody knows, which may be a claim, they have to be sure. A scan of nothing but blank sheets is
    one document, so that no file is unaccounted.
    """
    gathered: list[Gathered] = []
    #: what stands by itself since the last separator
    before: list[Gathered] = []
    for document in found:
        if document.form is Form.SEPARATOR:
            if document.kind != "attachment":
                before = []
        elif document.form in NOTHING:
            continue
        elif (owner := owner_of(document, before)) is not None:
            owner[1].append(document)
        else:
            one: Gathered = (document, [])
            gathered.append(one)
            if document.form is not Form.ATTACHMENT or document.kind == REPLY_SHEET:
                before = [*before, one]
    if not gathered and found:
        gathered.append((found[0], []))
    return gathered
