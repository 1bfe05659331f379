"""A claim's history for people: states, answers, overrides, letters, who looked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger import answers, audit, documents, requests

#: what the audit trail says that the other lists don't
_SEEN = frozenset(
    {"opened", "viewed", "stolen", "postponed", "escalated", "called back", "priority", "exported"}
    | {"printed", "reopened", "keyed", "unmasked"}
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: when, by whom, what, and its details."""

    at: dt.datetime
    actor: str
    what: str
    detail: str


def timeline(db: Session, dcn: str) -> list[Event]:
    """Everything that happened to a document, the youngest first."""
    events = [
        Event(one.at, one.actor, one.after, one.reason or "") for one in documents.history(db, dcn)
    ]
    said = select(answers.FieldAnswer).where(answers.FieldAnswer.dcn == dcn)
    events += [
        Event(one.at, one.by, one.action.replace("_", " "), f"{one.field} {one.text}".strip())
        for one in db.scalars(said)
    ]
    events += [
        Event(one.at, one.by, "override", f"{one.field}: {one.reason}")
        for one in answers.overrides(db, dcn).values()
    ]
    for request in requests.of_claim(db, dcn):
        events += [
            Event(one.at, one.actor, f"request {request.number} {one.event}", one.reason or "")
            for one in requests.log(db, request.id)
        ]
    events += [
        Event(one.at, one.actor, one.action, one.detail)
        for one in audit.of_document(db, dcn)
        if one.action in _SEEN
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)
