"""What tells a document as it was fetched from the same document after somebody worked on it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger import answers, joins, quality
from ledger.documents import Document


def version(db: Session, document: Document) -> str:
    """Changes with everything that is said of a document, or comes to it.

    All of these lists are append only, so that their lengths tell.
    """
    counted = [
        db.scalar(select(func.count()).where(table.dcn == document.dcn)) or 0
        for table in (answers.FieldAnswer, answers.Override, quality.Entry)
    ]
    counted.append(len(joins.papers(db, document.dcn)))
    return "-".join([f"{document.changed.timestamp()}", *map(str, counted)])
