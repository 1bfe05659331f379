"""Documents summed up for the queue and for the managers' page, from the record."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from delivery.compose import said
from ledger import answers, clocks, documents, scans
from ledger.database import Database, hold
from ledger.documents import SYSTEM, Change, Document
from ledger.work import Summary, SummaryDoubt, SummaryFinding, stale
from models.reading import DocumentReading
from models.state import State
from review import words
from review.sampling import draw
from review.words import asks_a_person

log = logging.getLogger("paperclaim.web")

#: documents summed up in one transaction
BATCH: Final = 25
_LONGEST: Final = 64
#: seconds between two looks
_EVERY: Final = 2.0
_DONE: Final = (State.READY, State.RETURNED, State.REJECTED, State.INFORMATION)


def refresh(database: Database, limit: int = BATCH, sample: float = 0.0) -> int:
    """Sum up documents that have changed since; how many were.

    Args:
        database: the ledger's.
        limit: at most so many.
        sample: share of the fields of those that went out to be looked at once more.
    """
    with database.read() as db:
        if not stale(db, 1):
            return 0
    with database.begin() as db:
        # another page, or another machine's, may be at the same documents: each is entered once
        hold(db, ["summaries"])
        found = stale(db, limit)
        for dcn, change in found:
            document = documents.get(db, dcn)
            summary = summarise(db, document, change)
            draw(db, document, summary.provider, sample)
    return len(found)


def keep_refreshing(database: Database, stop: threading.Event, sample: float) -> None:
    """Keep the summaries fresh until `stop` is set."""
    trouble = ""
    while not stop.wait(_EVERY):
        try:
            while refresh(database, sample=sample) and not stop.is_set():
                pass
        except Exception as error:  # noqa: BLE001 - its text may hold what was read, and we go on
            before, trouble = trouble, type(error).__name__
            if trouble != before:
                log.error("summaries: %s", trouble)  # noqa: TRY400 - same
        else:
            trouble = ""


def summarise(db: Session, document: Document, change: int) -> Summary:
    """Sum a document up and keep it in place of what was there."""
    read = DocumentReading.model_validate_json(document.reading)
    history = documents.history(db, document.dcn)
    clock = clocks.days_left(db, document)
    summary = Summary(
        dcn=document.dcn,
        change=change,
        state=document.state,
        form=document.form,
        received=document.received,
        due=clock.due if clock else None,
        payer=_payer(read),
        provider=_provider(read),
        batch=_around("/", scans.tags(db, document.scan_id)),
        reasons=_around(" ", _reasons(read)),
        pages=document.page_count,
        remaining=len(
            (_doubtful(read) - said(db, document.dcn).keys())
            | answers.suggested(db, document.dcn).keys()
        ),
        straight=_straight(history),
        finished=_finished(history),
    )
    db.merge(summary)
    db.execute(delete(SummaryDoubt).where(SummaryDoubt.dcn == document.dcn))
    if document.state == State.REVIEW:
        spoken = said(db, document.dcn)
        db.add_all(
            SummaryDoubt(dcn=document.dcn, field=name, look=look)
            for name, field in read.fields.items()
            if name not in spoken and (look := words.look(field))
        )
    db.execute(delete(SummaryFinding).where(SummaryFinding.dcn == document.dcn))
    db.add_all(
        SummaryFinding(dcn=document.dcn, rule=f.rule[:_LONGEST], severity=f.severity, cause=f.cause)
        for f in read.findings
    )
    return summary


def _doubtful(read: DocumentReading) -> set[str]:
    doubtful = {name for name, field in read.fields.items() if not field.accepted}
    return doubtful | {
        name for finding in read.findings if asks_a_person(finding) for name in finding.fields
    }


def _reasons(read: DocumentReading) -> list[str]:
    """Codes of what keeps a document here: doubts of fields that are not accepted, and rules."""
    codes = {code for field in read.fields.values() if not field.accepted for code in field.doubts}
    return sorted(codes | {finding.rule for finding in read.findings if finding.severity != "warn"})


def _around(mark: str, words: list[str]) -> str:
    return mark + "".join(f"{word}{mark}" for word in words)


def _payer(read: DocumentReading) -> str:
    payers = read.claim.payers if read.claim else []
    return ((payers[0].name if payers else None) or "")[:_LONGEST]


def _provider(read: DocumentReading) -> str:
    claim = read.claim
    return ((claim and (claim.billing_provider.npi or claim.tax_id)) or "")[:_LONGEST]


def _straight(history: list[Change]) -> bool:
    """Whether it became ready, and nobody had to look."""
    states = [change.after for change in history]
    people = any(change.actor != SYSTEM for change in history)
    return State.READY in states and State.REVIEW not in states and not people


def _finished(history: list[Change]) -> dt.datetime | None:
    ends = [change.at for change in history if change.after in _DONE]
    return ends[-1] if ends else None
