"""Prompt-pay clocks of claims: days left, tolled while the provider is waited for.

The history says when waiting began and ended, and who did it: it is the audit of every start and
stop. Which clock counts is the profile's, by line of business (docs/letters.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy.orm import Session

from ledger import documents, knowledge, scans
from ledger.documents import Change, Document
from models.deadline import Clock, Deadline, Wait, deadline
from models.page import Form
from models.reading import DocumentReading
from models.state import RESTING, State


def clock_of(session: Session, document: Document) -> Clock:
    """The clock that a claim runs by: its profile's, for its line of business."""
    reading = DocumentReading.model_validate_json(document.reading)
    tags = scans.tags(session, document.scan_id)
    profile = knowledge.profile(session, reading.form, reading.fields, tags)
    return profile.clock(business(reading))


def business(reading: DocumentReading) -> str | None:
    """The line of business that a claim names: the box of item 1; a UB-04 names none."""
    field = reading.fields.get("1") if reading.form.family is Form.CMS1500 else None
    return field.value if field is not None else None


def waits(changes: Iterable[Change]) -> list[Wait]:
    """When the provider was waited for, from a claim's history."""
    found: list[Wait] = []
    for change in changes:
        day = change.at.astimezone().date()
        if change.after == change.before:
            continue
        if change.after == State.WAITING:
            found.append(Wait(day))
        elif change.before == State.WAITING and found:
            found[-1] = Wait(found[-1].start, day)
    return found


def days_left(
    session: Session, document: Document, today: dt.date | None = None
) -> Deadline | None:
    """How an open claim's clock stands; None of what is no claim, or is done.

    Args:
        session: of the ledger.
        document: the claim.
        today: the day that is asked about; None for this one.
    """
    if not Form(document.form).is_claim or State(document.state) in RESTING:
        return None
    day = today or dt.datetime.now().astimezone().date()
    history = documents.history(session, document.dcn)
    return deadline(clock_of(session, document), document.received, waits(history), day)
