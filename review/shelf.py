"""The queue as the desk uses it: what waits, what comes next, what people put aside."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from ledger import documents, finishing, scans, steps, work
from ledger.audit import Act, note
from ledger.database import Database, now
from ledger.work import Queued, Wanted
from models.errors import PaperclaimError
from models.page import Form
from models.state import State
from review import words
from review.leases import SPAN, held
from review.version import version

#: reasons for sending a claim back to its sender (CMS IOM 100-04 ch. 1 s. 80.3 speaks of claims
#: that can't be processed: incomplete, invalid)
REASONS = {
    "missing": "something needed is missing",
    "illegible": "it can't be read",
    "invalid": "a code or number is not valid",
    "version": "the form's version is out of date",
    "not_ours": "it is not for us",
    "not_a_claim": "it is no claim",
    "duplicate": "we have it already",
    "other": "another reason",
}


#: documents of the queue that are tried where others take those before them at the same time
_BEHIND: Final = 100


class ShelfError(PaperclaimError):
    """This can't be done with a claim in the queue."""

    code = "review.shelf"
    remedy = "Say why, and until when, and try again."


@dataclass(frozen=True, slots=True)
class Failure:
    """A scan or a step that was given up, and the code of why."""

    what: str
    since: dt.date
    code: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A document in the queue.

    Attributes:
        left: days on its clock, None where none runs.
        urgent: `overdue`, `soon` or nothing.
        holder: who has it open, and for how many minutes more they may be gone.
        aside: who put it aside and why, where somebody did.
    """

    dcn: str
    form: str
    received: dt.date
    age: int
    pages: int
    remaining: int
    tags: list[str]
    payer: str
    left: int | None
    urgent: str
    priority: int
    holder: str
    aside: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The queue page's content.

    Attributes:
        counts: documents by state.
        rows: what waits.
        shelves: how many wait on each.
        found: how many there are, with those beyond the rows.
        failures: what was given up.
        filters: what there is to choose from: as it stands in an address, and in words.
    """

    counts: list[tuple[str, int]]
    rows: list[QueueRow]
    shelves: dict[str, int]
    found: int
    failures: list[Failure]
    filters: dict[str, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A document that is fetched before its turn, and how it stood then."""

    dcn: str
    version: str


@dataclass(frozen=True, slots=True)
class Next:
    """What was opened: None for nothing; `laid` where it is shown already."""

    dcn: str | None = None
    laid: bool = False


class Shelf:
    """The documents that wait for people.

    Args:
        database: the ledger's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def overview(self, limit: int, wanted: Wanted | None = None) -> Overview:
        """What waits, in the order of work, at most `limit` rows; all counts; what failed."""
        asked = wanted or Wanted()
        with self._database.read() as db:
            counts = documents.counts(db)
            today = _today()
            return Overview(
                counts=[(state, counts.get(state, 0)) for state in State if _shown(state, counts)],
                rows=[_row(one, today) for one in work.queue(db, asked, today, limit)],
                shelves={
                    name: work.length(db, Wanted(shelf=name))
                    for name in ("open", "postponed", "escalated", "waiting")
                },
                found=work.length(db, asked),
                failures=_failures(db),
                filters={
                    "form": _plain(work.choices(db, "form")),
                    "payer": [(short(name), name) for name in work.choices(db, "payer")],
                    "batch": _plain(work.words_in(db, "batch")),
                    "reason": sorted(
                        ((code, words.reason(code)) for code in work.words_in(db, "reasons")),
                        key=lambda shown: shown[1].lower(),
                    ),
                },
            )

    def payer(self, key: str) -> str:
        """The payer that waits in the queue and is called so in addresses; `key` where none is."""
        with self._database.read() as db:
            names = work.choices(db, "payer")
        return next((name for name in names if short(name) == key), key)

    def ahead(self, user: str, wanted: Wanted | None = None, but: str = "") -> Ahead | None:
        """The document that comes next, and how it stands now."""
        with self._database.read() as db:
            found = work.next_for(db, user, wanted or Wanted(), _today(), but=but)
            return Ahead(found, version(db, documents.get(db, found))) if found else None

    def next(self, user: str, wanted: Wanted | None = None, but: str = "") -> str | None:
        """Open the document that comes next; None where nothing waits for this person."""
        with self._database.begin() as db:
            found = take_next(db, user, wanted or Wanted(), but).dcn
            if found is not None:
                note(db, user, Act("opened", found))
            return found

    def postpone(self, dcn: str, user: str, reason: str, until: dt.datetime) -> None:
        """Put a document aside until a time.

        Raises:
            ShelfError: no reason is given, or the time is past.
            LostError: somebody else has it open.
        """
        if not reason.strip() or until <= now():
            raise ShelfError("A postponed claim needs a reason and a time to come.")
        with self._database.begin() as db:
            document = in_review(db, dcn)
            held(db, document, user)
            found = work.item(db, dcn)
            found.postponed_until, found.postponed_by = until, user
            found.reason = reason.strip()
            documents.release(document, user)
            note(db, user, Act("postponed", dcn, until.isoformat(timespec="minutes")))

    def escalate(self, dcn: str, user: str, reason: str) -> None:
        """Give a document to the leads.

        Raises:
            ShelfError: no reason is given.
            LostError: somebody else has it open.
        """
        if not reason.strip():
            raise ShelfError("An escalated claim needs a reason.")
        with self._database.begin() as db:
            document = in_review(db, dcn)
            held(db, document, user)
            found = work.item(db, dcn)
            found.escalated_by, found.reason = user, reason.strip()
            documents.release(document, user)
            note(db, user, Act("escalated", dcn))

    def call_back(self, dcn: str, user: str) -> None:
        """Put a document back among the others: not postponed, not escalated any more.

        Raises:
            ShelfError: it is not in review.
            LostError: somebody else has it open.
        """
        with self._database.begin() as db:
            document = in_review(db, dcn)
            held(db, document, user)
            documents.release(document, user)
            found = work.item(db, dcn)
            found.postponed_until = found.postponed_by = found.escalated_by = None
            found.reason = ""
            note(db, user, Act("called back", dcn))

    def prioritise(self, dcn: str, user: str, priority: int) -> None:
        """Put a document before others: 0 is as all the others, 9 the most urgent."""
        with self._database.begin() as db:
            documents.get(db, dcn)
            work.item(db, dcn).priority = max(0, min(9, priority))
            note(db, user, Act("priority", dcn, str(priority)))

    def give_back(self, dcn: str, user: str, reason: str, remark: str) -> None:
        """Return a document to its sender; a revision tells downstream.

        Args:
            dcn: control number.
            user: who does.
            reason: one of `REASONS`.
            remark: in their own words, for the history.

        Raises:
            ShelfError: no such reason.
            LostError: somebody else has it open.
        """
        if reason not in REASONS:
            raise ShelfError("There is no such reason.")
        with self._database.begin() as db:
            document = in_review(db, dcn)
            held(db, document, user)
            why = f"{reason}: {remark.strip()}" if remark.strip() else reason
            finishing.settle(db, document, State.RETURNED, user, why)
            documents.release(document, user)
            note(db, user, Act("returned", dcn, reason))


def short(name: str) -> str:
    """What an address has in place of a payer's name, which was read from a claim."""
    return hashlib.sha256(f"payer {name}".encode()).hexdigest()[:12]


def _plain(values: list[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


def take_next(
    db: Session, user: str, wanted: Wanted, but: str = "", ahead: Ahead | None = None
) -> Next:
    """Open the document that comes next, within a transaction, which has to note it.

    What is shown already is next where it still waits for this person, untouched.
    """
    kept = ahead and ahead.dcn not in ("", but) and _still(db, user, wanted, ahead)
    if ahead and kept and documents.take(db, ahead.dcn, user, SPAN):
        return Next(ahead.dcn, laid=True)
    in_turn = _in_turn(db, user, wanted, but)
    return Next(next((dcn for dcn in in_turn if documents.take(db, dcn, user, SPAN)), None))


def _in_turn(db: Session, user: str, wanted: Wanted, but: str) -> Iterator[str]:
    """What comes next for somebody, and those behind it: others may be taking it this moment."""
    today = _today()
    first = work.next_for(db, user, wanted, today, but=but)
    if first is None:
        return
    yield first
    for one in work.queue(db, wanted, today, _BEHIND):
        dcn = one.summary.dcn
        if dcn not in (first, but) and work.next_for(db, user, wanted, today, only=dcn):
            yield dcn


def _still(db: Session, user: str, wanted: Wanted, ahead: Ahead) -> bool:
    """Whether a document that was fetched can be worked on as it was then."""
    if work.next_for(db, user, wanted, _today(), only=ahead.dcn) is None:
        return False
    return version(db, documents.get(db, ahead.dcn)) == ahead.version


def in_review(db: Session, dcn: str) -> documents.Document:
    """A document that people may work on; nobody else does until this transaction ends.

    Raises:
        ShelfError: it is not in review.
    """
    document = documents.locked(db, dcn)
    if document.state != State.REVIEW:
        raise ShelfError(
            "The document is not in review any more.",
            remedy="Open it again from the queue: somebody else may have worked on it.",
        )
    return document


def _row(one: Queued, today: dt.date) -> QueueRow:
    summary, item = one.summary, one.item
    left = (summary.due - today).days if summary.due else None
    urgent = ""
    if left is not None and summary.due is not None:
        urgent = "overdue" if left < 0 else "soon" if summary.due <= today + work.SOON else ""
    return QueueRow(
        dcn=summary.dcn,
        form=words.FORMS[Form(summary.form)],
        received=summary.received,
        age=(today - summary.received).days,
        pages=summary.pages,
        remaining=summary.remaining,
        tags=[tag for tag in one.tags if tag],
        payer=summary.payer,
        left=left,
        urgent=urgent,
        priority=item.priority if item else 0,
        holder=_held(one),
        aside=_aside(item),
    )


def _held(one: Queued) -> str:
    if one.leased_by is None or one.leased_until is None:
        return ""
    idle = SPAN - (one.leased_until - now())
    minutes = int(idle.total_seconds() // 60)
    return f"{one.leased_by}, {minutes} min" if minutes > 0 else one.leased_by


def _aside(item: work.DeskItem | None) -> str:
    if item is None:
        return ""
    if item.postponed_until and item.postponed_until > now():
        until = item.postponed_until.astimezone()
        return f"{item.postponed_by}, until {until:%Y-%m-%d %H:%M}: {item.reason}"
    return f"{item.escalated_by}: {item.reason}" if item.escalated_by else ""


def _failures(db: Session) -> list[Failure]:
    found = [
        Failure(f"scan {scan.id}", scan.received.astimezone().date(), scan.error or "unknown")
        for scan in scans.failed(db)
    ]
    return found + [
        Failure(step.dcn or f"scan {step.scan_id}", step.created.date(), step.error or "unknown")
        for step in steps.failures(db)
        if step.kind != steps.Kind.OPEN
    ]


def _shown(state: State, counts: dict[str, int]) -> bool:
    """The street's own states always; the others where there is something in them."""
    street = (State.RECEIVED, State.READING, State.REVIEW, State.READY, State.DELIVERED)
    return state in street or counts.get(state, 0) > 0


def _today() -> dt.date:
    return now().astimezone().date()
