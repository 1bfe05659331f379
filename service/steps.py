"""The steps: open a scan, read a page, assemble documents, deliver one; letters and what follows.

Each does its work outside any transaction and commits the result, what follows from it and its
own end in one. An attempt that lost its lease commits nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from rq.timeouts import BaseTimeoutException
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from config.settings import Work
from delivery.files import DeliveryConflictError, DeliveryError
from extractors.readers import Readers
from intake.errors import DecoderError, FolderError, ScanMemoryError, ScanTimeoutError
from intake.images import decode, encode
from intake.scan import open_scan
from ledger import scans, steps
from ledger.database import hold
from ledger.purging import STORED
from ledger.scans import Page, Scan, ScanState
from ledger.steps import Kind, LostLeaseError, Step, Ticket
from ledger.store import StoreDamagedError, StoreError
from letters.follow import follow
from letters.posting import post
from models.errors import NoRoomError, PaperclaimError, ScanError, out_of_room
from models.page import PageImage, TextWord
from pipeline.scan import read_image
from service import arrivals
from service.context import Context
from service.delivering import deliver
from service.faults import point
from service.owner import me

log = logging.getLogger("paperclaim.steps")
#: renewals in the time of one lease
_BEATS = 3
#: what is wrong with a scan that may be the machine's doing: busy, short of memory
_PASSING = (DecoderError, ScanMemoryError, ScanTimeoutError)
#: what is wrong with the file or the revision itself, and stays so
_LASTING = (ScanError, DeliveryConflictError)
#: what only lasts until a share is mounted, a disk has room or the database answers again
_AWAY = (StoreError, DeliveryError, FolderError, NoRoomError, OperationalError)
#: times as long before each further attempt; seconds
_LONGER, _LONGEST = 5, 300.0


class _Heartbeat:
    """Renews the lease of a running attempt, so that only the dead lose theirs."""

    def __init__(self, context: Context, ticket: Ticket) -> None:
        self._context = context
        self._ticket = ticket
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(self._context.lease.total_seconds() / _BEATS):
            try:
                with self._context.database.begin() as db:
                    if not steps.renew(db, self._ticket, self._context.lease):
                        return
            except SQLAlchemyError as error:
                log.warning("a lease was not renewed (%s)", type(error).__name__)


def run(context: Context, ticket: Ticket, readers: Readers) -> str:
    """Do one attempt at a step.

    Returns:
        `done`, `stale` (another attempt has it), `again`, or `failed`.
    """
    with context.database.begin() as db:
        step = steps.begin(db, ticket, context.lease, me())
    if step is None:
        return "stale"
    try:
        with _Heartbeat(context, ticket):
            _WORK[Kind(step.kind)](context, step, ticket, readers)
    except LostLeaseError:
        return "stale"
    except Exception as error:  # noqa: BLE001 - its text may hold what was read: only its code
        return _trouble(context, step, ticket, error)
    return "done"


def _code(error: Exception) -> str:
    """What a failure is called, without a word of what it says."""
    if isinstance(error, PaperclaimError):
        return error.code
    if isinstance(error, BaseTimeoutException):
        return "timeout"
    if isinstance(error, MemoryError):
        return "memory"
    if out_of_room(error):
        return NoRoomError.code
    if isinstance(error, OperationalError):
        return "database.away"
    return f"bug.{type(error).__name__}"[:64]


def _trouble(context: Context, step: Step, ticket: Ticket, error: Exception) -> str:
    """An attempt that failed: another one, or a failure that people see."""
    code = _code(error)
    log.warning("step %s %s attempt %d: %s", step.kind, step.id, ticket.attempt, code)
    settings = context.settings.work
    hopeless = isinstance(error, _LASTING) and not isinstance(error, _PASSING)
    away = isinstance(error, _AWAY) and not isinstance(error, StoreDamagedError)
    away = away or out_of_room(error)
    attempts = None if away else settings.attempts
    with context.database.begin() as db:
        try:
            if hopeless:
                steps.fail(db, ticket, code)
            elif steps.again(db, ticket, attempts, code, _pause(settings, ticket.attempt)):
                return "again"
        except LostLeaseError:
            return "stale"
    return "failed"


def _pause(settings: Work, attempt: int) -> dt.timedelta:
    """How long after an attempt the next one is due."""
    # so many attempts are at the longest pause anyway
    longer = _LONGER ** min(attempt - 1, 9)
    return dt.timedelta(seconds=min(settings.pause_seconds * longer, _LONGEST))


def _open(context: Context, step: Step, ticket: Ticket, _: Readers) -> None:
    """The original to pages: each image in the store, each page a step to read."""
    point("open.begun")
    with context.database.begin() as db:
        scan = db.get_one(Scan, step.scan_id)
        sha256, suffix = scan.sha256, scan.suffix
    found: list[Page] = []
    with tempfile.TemporaryDirectory(prefix="paperclaim-") as folder:
        original = Path(folder) / f"scan{suffix}"
        original.write_bytes(context.store.get(sha256))
        for image in open_scan(original, context.settings.limits):
            content, media = encode(image)
            found.append(
                Page(
                    scan_id=step.scan_id,
                    number=image.number,
                    image=context.store.put(content),
                    media=media,
                    dpi=image.dpi,
                    words=[[w.text, *w.box, w.drawn] for w in image.words],
                )
            )
    point("open.stored")
    with context.database.begin() as db:
        steps.finish(db, ticket)
        scan = db.get_one(Scan, step.scan_id)
        scan.state, scan.pages = ScanState.OPENED, len(found)
        # one that a purge took away since it was found to be there already is put there again
        hold(db, [STORED])
        if not all(map(context.store.has, scans.taken_away(db, [one.image for one in found]))):
            raise StoreError("A page was taken away from the store.")
        db.add_all(found)
        db.flush()
        for page in found:
            steps.need(db, Step(kind=Kind.READ, scan_id=scan.id, number=page.number))
    point("open.committed")


def page_image(context: Context, page: Page) -> PageImage:
    """A page's pixels from the store."""
    pixels = decode(context.store.get(page.image), context.settings.limits)
    words = tuple(
        TextWord(str(text), (int(x0), int(y0), int(x1), int(y1)), bool(drawn))  # type: ignore[call-overload]
        for text, x0, y0, x1, y1, drawn in page.words
    )
    return PageImage(pixels, page.dpi, page.number, words)


def _read(context: Context, step: Step, ticket: Ticket, readers: Readers) -> None:
    """A page image to its reading; the last page of a scan makes assembling it necessary."""
    point("read.begun")
    with context.database.begin() as db:
        page = db.get_one(Page, (step.scan_id, step.number))
    reading = read_image(page_image(context, page), readers)
    point("read.read")
    with context.database.begin() as db:
        steps.finish(db, ticket)
        page = db.get_one(Page, (step.scan_id, step.number), with_for_update=True)
        page.reading = reading.model_dump_json(by_alias=True)
        db.flush()
        # PostgreSQL: two last pages at once must not both find the other unread
        db.get_one(Scan, step.scan_id, with_for_update=True, populate_existing=True)
        if scans.unread(db, step.scan_id) == 0:
            steps.need(db, Step(kind=Kind.ASSEMBLE, scan_id=step.scan_id))
    point("read.committed")


def _assemble(context: Context, step: Step, ticket: Ticket, _: Readers) -> None:
    """All pages of a scan to its documents, each with a control number and a state."""
    point("assemble.begun")
    rate = context.settings.read.accepted_error_rate
    with context.database.begin() as db:
        readings = scans.readings(db, step.scan_id)
        known = arrivals.beside(db, db.get_one(Scan, step.scan_id), rate)
    found = arrivals.gathered(readings, known)
    with context.database.begin() as db:
        steps.finish(db, ticket)
        scan = db.get_one(Scan, step.scan_id)
        arrivals.enter(db, scan, found)
        scan.state = ScanState.DONE
    point("assemble.committed")


def _deliver(context: Context, step: Step, ticket: Ticket, _: Readers) -> None:
    deliver(context, step, ticket)


def _post(context: Context, step: Step, ticket: Ticket, _: Readers) -> None:
    """A letter leaves."""
    post(context.database, step.revision, context.settings, point)
    with context.database.begin() as db:
        steps.finish(db, ticket)


def _follow(context: Context, step: Step, ticket: Ticket, _: Readers) -> None:
    """What is due for a request: its letter, the next one, or closing."""
    point("follow.begun")
    with context.database.begin() as db:
        steps.finish(db, ticket)
        today = dt.datetime.now().astimezone().date()
        follow(db, step.revision, context.settings.letters, today)
    point("follow.committed")


_WORK: MappingProxyType[Kind, Callable[[Context, Step, Ticket, Readers], None]] = MappingProxyType(
    {
        Kind.OPEN: _open,
        Kind.READ: _read,
        Kind.ASSEMBLE: _assemble,
        Kind.DELIVER: _deliver,
        Kind.POST: _post,
        Kind.FOLLOW: _follow,
    }
)
