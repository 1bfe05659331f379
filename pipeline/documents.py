"""Pages to documents: batches split, claims built, edits run, a status given."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from edits.check import Context, check
from edits.claim import build
from extractors.language import notes
from intake.separator import Reply, begins, reply_of
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

#: the sheets between documents are no documents themselves
_DROPPED = (Form.BLANK, Form.BACK)
#: values that two pages of one paper share; and from when on one counts
_NUMBERS = ("claim_number", "authorization")
_SURE = 0.9


@dataclasses.dataclass(slots=True)
class _Group:
    """The pages of one document while a batch is split."""

    form: Form
    pages: list[PageReading]


def _page_of(reading: PageReading, *, sure: bool = False) -> tuple[int, int] | None:
    """(page, of) as line 23 of a UB-04 says, where it says so; where asked, where that is sure."""
    found = []
    for name in ("43.23.page", "43.23.of"):
        field = reading.fields.get(name)
        if field is None or not field.text.strip().isdigit() or (sure and not field.accepted):
            return None
        found.append(int(field.text))
    return found[0], found[1]


def _continues(group: _Group, page: PageReading) -> bool:
    """Whether a UB-04 page is a further page of the claim before it.

    A claim that surely has had its last page has no further one, whatever the next page says of
    itself, and neither has one whose control number is surely another. Where a figure may be
    misread, the pages stay together, and the rules have them looked at.
    """
    if group.form is not Form.UB04 or page.facts.form is not Form.UB04:
        return False
    ended = _page_of(group.pages[-1], sure=True)
    if (ended is not None and ended[0] >= ended[1]) or _others(group.pages[-1], page):
        return False
    mine = _page_of(page)
    if mine is not None:
        return mine[0] > 1
    last = _page_of(group.pages[-1])
    if last is not None:
        return last[0] < last[1]
    # no page numbers: the same control number, and no total on the page before
    before, here = group.pages[-1].fields, page.fields
    return (
        "3a" in before
        and "3a" in here
        and before["3a"].value == here["3a"].value
        and "47.23" not in before
    )


def _others(before: PageReading, here: PageReading) -> bool:
    """Whether two pages of UB-04s have other control numbers (FL 3a), both read for sure."""
    one, other = before.fields.get("3a"), here.fields.get("3a")
    if one is None or other is None or not (one.accepted and other.accepted):
        return False
    return one.value != other.value


def _goes_on(group: _Group, page: PageReading) -> bool:
    """Whether a page is a further page of the attachment before it.

    A page that is surely of another kind begins another paper, and so does one of a kind that has
    its title again, told by a value that only a first page has, such as the number of a claim or
    an authorization, where that is another.
    """
    if group.form is not Form.ATTACHMENT or page.facts.form is not Form.ATTACHMENT:
        return False
    first = group.pages[0]
    sure = {OTHER, None}
    if page.kind not in sure and first.kind not in sure and page.kind != first.kind:
        return False
    return not any(_parts(label, group.pages, page) for label in _NUMBERS)


def _parts(label: str, before: Sequence[PageReading], page: PageReading) -> bool:
    """Whether a page says another number than the pages before it, both for sure."""
    told = {e.value for p in before for e in p.entities if e.label == label and _sure(e)}
    here = {e.value for e in page.entities if e.label == label and _sure(e)}
    return bool(told) and bool(here) and told.isdisjoint(here)


def _sure(entity: Entity) -> bool:
    return entity.confidence >= _SURE


def _reply(page: PageReading) -> Reply | None:
    """What a page answers, where it is a reply sheet."""
    return next(filter(None, map(reply_of, page.barcodes)), None)


def _answering(pages: Sequence[PageReading]) -> list[Entity]:
    """Which claim and which request a reply sheet answers, as its first page says it."""
    reply = _reply(pages[0])
    if reply is None:
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
        for label, text in (("control_number", reply.dcn), (REQUEST, str(reply.request)))
    ]


def split(pages: Sequence[PageReading]) -> list[_Group]:
    """Documents of a batch: each claim opens one, attachments follow as their own, in order."""
    groups: list[_Group] = []
    for page in pages:
        form = page.facts.form
        if form in _DROPPED or form is Form.SEPARATOR:
            groups.append(_Group(form, [page]))
            continue
        last = groups[-1] if groups else None
        reply, before = _reply(page), _reply(last.pages[0]) if last is not None else None
        if last is not None and (reply or before):
            # a reply sheet is a document of its own, of as many pages as have its code
            goes_on = reply == before
        else:
            goes_on = last is not None and (_continues(last, page) or _goes_on(last, page))
        if last is not None and goes_on:
            last.pages.append(page)
        else:
            groups.append(_Group(form, [page]))
    return groups


def _kind(group: _Group) -> str | None:
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
) -> list[tuple[DocumentReading, list[DocumentReading]]]:
    """The documents of a scan that stand by themselves, each with what came stapled to it.

    Attachments belong to the claim, or the reply sheet, before them; a separator that opens a
    document parts them from it. A scan of nothing but blank sheets is one document, so that no file
    is unaccounted.
    """
    gathered: list[tuple[DocumentReading, list[DocumentReading]]] = []
    claim: list[DocumentReading] | None = None
    for document in found:
        if document.form is Form.SEPARATOR:
            if document.kind != "attachment":
                claim = None
        elif document.form in _DROPPED:
            continue
        elif document.kind == REPLY_SHEET:
            claim = []
            gathered.append((document, claim))
        elif document.form is Form.ATTACHMENT and claim is not None:
            claim.append(document)
        else:
            claim = []
            gathered.append((document, claim))
            if not document.form.is_claim:
                claim = None
    if not gathered and found:
        gathered.append((found[0], []))
    return gathered
