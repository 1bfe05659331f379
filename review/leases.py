"""One claim, one person at a time: opened, kept open, taken over, closed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from ledger import documents
from ledger.audit import Act, note
from ledger.database import Database, now
from ledger.documents import Document, LeasedError
from models.errors import PaperclaimError
from models.state import State

#: a claim stays somebody's this long after their page last said that it is there
SPAN: Final = dt.timedelta(minutes=3)


class LostError(PaperclaimError):
    """Somebody else has the claim by now; what was typed is kept."""

    code = "review.lost"
    remedy = "What you typed is kept, and is there when the claim is yours again."


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a claim open, and how long they have left."""

    name: str
    until: dt.datetime

    def told(self) -> str:
        """In words: `Ana has this claim open`."""
        return f"{self.name} has this claim open"


def holder(document: Document) -> Holder | None:
    """Who has a document open."""
    if document.leased_by and document.leased_until and document.leased_until > now():
        return Holder(document.leased_by, document.leased_until)
    return None


def held(db: Session, document: Document, user: str, remedy: str | None = None) -> None:
    """Go on with a document that is one's own, or nobody's.

    Args:
        db: the ledger's.
        document: to go on with.
        user: who does.
        remedy: what becomes of what they typed, where it isn't kept as a draft of their own.

    Raises:
        LostError: somebody else has it.
    """
    try:
        documents.lease(db, document, user, SPAN)
    except LeasedError:
        found = holder(document)
        who = found.name if found else "Somebody else"
        raise LostError(f"{who} has this claim now.", remedy=remedy) from None


class Leases:
    """Who has which claim open.

    Args:
        database: the ledger's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, dcn: str, user: str) -> Holder | None:
        """Open a claim; who else has it, where somebody has, or None.

        Raises:
            UnknownDocumentError: there is none.
        """
        with self._database.begin() as db:
            document = documents.locked(db, dcn)
            before = holder(document)
            if document.state != State.REVIEW or (before and before.name != user):
                note(db, user, Act("viewed", dcn))
                return before
            documents.lease(db, document, user, SPAN)
            note(db, user, Act("opened", dcn))
            return None

    def mine(self, dcn: str, user: str) -> bool:
        """Whether somebody has a claim open."""
        with self._database.read() as db:
            found = holder(documents.get(db, dcn))
        return found is not None and found.name == user

    def keep(self, dcn: str, user: str) -> None:
        """The page is still there.

        Raises:
            LostError: somebody else has the claim.
        """
        with self._database.begin() as db:
            held(db, documents.get(db, dcn), user)

    def steal(self, dcn: str, user: str) -> None:
        """Take a claim over from whoever has it open; the audit trail has a line of that."""
        with self._database.begin() as db:
            before = documents.steal(db, documents.get(db, dcn), user, SPAN)
            note(db, user, Act("stolen", dcn, f"from {before}" if before else ""))

    def give_back(self, dcn: str, user: str) -> None:
        """Close a claim."""
        with self._database.begin() as db:
            documents.release(documents.get(db, dcn), user)
