"""Steps: the work to be done, leased to one attempt at a time; and the outbox that tells of it.

A step and the outbox row that announces it are written in the transaction that makes it
necessary. A worker begins an attempt, and its result commits only while that attempt holds the
lease: whoever comes late, or twice, changes nothing.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.base import Base, UtcTime
from ledger.database import now
from ledger.scans import Scan, ScanState
from models.errors import LedgerError

#: how much later each page of a scan is due than the one before it: a claim that arrives while a
#: long batch is read waits for a page or two, and the batch never waits for ever
PAGE_SPAN = dt.timedelta(seconds=2)


class Kind(enum.StrEnum):
    """What is to be done."""

    OPEN = "open"
    READ = "read"
    ASSEMBLE = "assemble"
    DELIVER = "deliver"
    POST = "post"
    FOLLOW = "follow"


class StepState(enum.StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class LostLeaseError(LedgerError):
    """Another attempt has taken the step over; this one's result is dropped."""

    code = "ledger.lease"
    remedy = "Nothing to do: the other attempt carries on."


class Step(Base):
    """One thing to be done.

    Attributes:
        kind: open, read, assemble or deliver; post a letter, or follow a request up.
        scan_id: of which scan.
        number: page to read; of a request how far it has come; else 0.
        dcn: document to deliver or to ask about, else empty.
        revision: to deliver; number of the letter or request; else 0.
        state: waiting, running, done or failed.
        attempt: from 1; only this one may commit.
        spent: attempts that count against it: none of those that came to nothing by an outage.
        owner: while running: the process that does it.
        lease_until: while running: when it may be given to another.
        error: code of what went wrong last.
        created: when it became necessary.
        due: its place in the order of work; of a delivery: not before.
        token: of a delivery: of the hidden file that gets its name, None before there is one.
    """

    __tablename__ = "steps"
    __table_args__ = (
        UniqueConstraint("kind", "scan_id", "number", "dcn", "revision"),
        Index("ix_steps_state_lease", "state", "lease_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    scan_id: Mapped[int] = mapped_column(ForeignKey("scans.id"))
    number: Mapped[int] = mapped_column(default=0)
    dcn: Mapped[str] = mapped_column(String(14), default="")
    revision: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default=StepState.WAITING)
    attempt: Mapped[int] = mapped_column(default=1)
    spent: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str | None] = mapped_column(String(160))
    lease_until: Mapped[dt.datetime | None] = mapped_column(UtcTime)
    error: Mapped[str | None] = mapped_column(String(64))
    created: Mapped[dt.datetime] = mapped_column(UtcTime)
    due: Mapped[dt.datetime] = mapped_column(UtcTime)
    token: Mapped[str | None] = mapped_column(String(16))


class Notice(Base):
    """An outbox row: this attempt of this step must be told to the queue, in order of `due`.

    A further attempt is not told before it is due.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("steps.id"), index=True)
    attempt: Mapped[int]
    due: Mapped[dt.datetime] = mapped_column(UtcTime, index=True)


@dataclass(frozen=True, slots=True)
class Ticket:
    """An attempt at a step: its two numbers are all that the queue carries."""

    step_id: int
    attempt: int
    kind: str = field(default="", compare=False)

    @property
    def job_id(self) -> str:
        """The queue's name for it."""
        return f"step-{self.step_id}-{self.attempt}"


@dataclass(frozen=True, slots=True)
class Running:
    """An attempt that somebody works on."""

    ticket: Ticket
    owner: str | None
    lease_until: dt.datetime | None


def need(db: Session, step: Step, after: dt.timedelta = dt.timedelta()) -> Step:
    """Enter a step and its notice, unless it was entered before.

    Args:
        db: the ledger.
        step: to be done.
        after: a delivery is not begun before; until then it can be taken back.
    """
    same = select(Step).where(
        Step.kind == step.kind,
        Step.scan_id == step.scan_id,
        Step.number == (step.number or 0),
        Step.dcn == (step.dcn or ""),
        Step.revision == (step.revision or 0),
    )
    found = db.scalar(same)
    if found is not None:
        return found
    step.created = now()
    step.due = _in_turn(db, step) + (step.number or 0) * PAGE_SPAN
    if after:
        step.due = step.created + after
    db.add(step)
    db.flush()
    _announce(db, step)
    return step


def _entered(db: Session, scan_id: int) -> dt.datetime | None:
    """When a scan was taken in: what is done for it is due from then on."""
    query = select(Step.created).where(Step.kind == Kind.OPEN, Step.scan_id == scan_id)
    return db.scalar(query)


def _in_turn(db: Session, step: Step) -> dt.datetime:
    """The place of a step in the order of work: its scan's, and never a time to wait for.

    A clock that went back makes what was taken in before it come from the future.
    """
    return min(_entered(db, step.scan_id) or step.created, step.created)


def _announce(db: Session, step: Step, pause: dt.timedelta = dt.timedelta()) -> None:
    due = step.due if step.attempt == 1 else now() + pause
    db.add(Notice(step_id=step.id, attempt=step.attempt, due=due))


def begin(db: Session, ticket: Ticket, lease: dt.timedelta, owner: str = "") -> Step | None:
    """Take the lease; None where the step is done, failed, or another attempt's by now."""
    taken = db.execute(
        update(Step)
        .where(
            Step.id == ticket.step_id,
            Step.attempt == ticket.attempt,
            Step.state == StepState.WAITING,
        )
        .values(state=StepState.RUNNING, lease_until=now() + lease, owner=owner)
        .returning(Step.id)
    ).scalar()
    return None if taken is None else db.get(Step, ticket.step_id, populate_existing=True)


def renew(db: Session, ticket: Ticket, lease: dt.timedelta) -> bool:
    """Keep the lease; False where it is lost."""
    kept = db.execute(
        update(Step)
        .where(
            Step.id == ticket.step_id,
            Step.attempt == ticket.attempt,
            Step.state == StepState.RUNNING,
        )
        .values(lease_until=now() + lease)
        .returning(Step.id)
    ).scalar()
    return kept is not None


def finish(db: Session, ticket: Ticket) -> None:
    """Mark the step done, in the transaction that holds its result.

    Raises:
        LostLeaseError: the attempt is no longer the step's; roll everything back.
    """
    _end(db, ticket, StepState.DONE, None)


def fail(db: Session, ticket: Ticket, error: str) -> None:
    """Give the step up for good: trying again would not help.

    Raises:
        LostLeaseError: the attempt is no longer the step's.
    """
    _end(db, ticket, StepState.FAILED, error)


def _end(db: Session, ticket: Ticket, state: StepState, error: str | None) -> None:
    ended = db.execute(
        update(Step)
        .where(
            Step.id == ticket.step_id,
            Step.attempt == ticket.attempt,
            Step.state == StepState.RUNNING,
        )
        .values(state=state, lease_until=None, owner=None, error=error)
        .returning(Step.id)
    ).scalar()
    if ended is None:
        raise LostLeaseError("The step was taken over by another attempt.")
    if state == StepState.FAILED:
        _take_scan_along(db, db.get_one(Step, ticket.step_id, populate_existing=True))


def _take_scan_along(db: Session, step: Step) -> None:
    """A step that failed for good stops its scan, where people see it.

    Not a delivery or a letter: its document is made, and stands in a state of its own.
    """
    if step.kind in (Kind.OPEN, Kind.READ, Kind.ASSEMBLE):
        scan = db.get_one(Scan, step.scan_id)
        scan.state, scan.error = ScanState.FAILED, step.error


def again(
    db: Session,
    ticket: Ticket,
    attempts: int | None,
    error: str,
    pause: dt.timedelta = dt.timedelta(),
) -> bool:
    """Give the step to a further attempt, or give it up after `attempts`.

    Args:
        db: the ledger.
        ticket: the attempt that came to nothing.
        attempts: that may come to nothing; None: as many as it takes, this one counts for none.
        error: code of what went wrong.
        pause: before the next attempt.

    Returns:
        Whether it will be tried again. False too where the ticket is not the step's any more.
    """
    step = db.get(Step, ticket.step_id, populate_existing=True, with_for_update=True)
    if step is None or step.attempt != ticket.attempt:
        return False
    if step.state not in (StepState.RUNNING, StepState.WAITING):
        return False
    step.error = error
    step.lease_until = step.owner = None
    step.spent += attempts is not None
    if attempts is not None and step.spent >= attempts:
        step.state = StepState.FAILED
        _take_scan_along(db, step)
        return False
    _next_attempt(db, step, pause)
    return True


def _next_attempt(db: Session, step: Step, pause: dt.timedelta = dt.timedelta()) -> None:
    step.attempt += 1
    step.state = StepState.WAITING
    step.lease_until = step.owner = None
    db.flush()
    _announce(db, step, pause)


def retry(db: Session, step: Step) -> None:
    """Try a failed step once more, and its scan with it: somebody mended what was wrong."""
    if step.state != StepState.FAILED:
        return
    step.error = None
    _next_attempt(db, step)
    scan = db.get_one(Scan, step.scan_id)
    if scan.state == ScanState.FAILED:
        scan.state, scan.error = (ScanState.OPENED if scan.pages else ScanState.TAKEN), None


def running(db: Session) -> list[Running]:
    """Attempts that somebody works on, or did before they died."""
    query = select(Step.id, Step.attempt, Step.owner, Step.lease_until).where(
        Step.state == StepState.RUNNING
    )
    return [Running(Ticket(row[0], row[1]), row[2], row[3]) for row in db.execute(query)]


def held_back(db: Session, dcn: str, *, locked: bool = False) -> list[Step]:
    """Deliveries of a document that wait for their time.

    Args:
        db: the ledger.
        dcn: of the document.
        locked: nobody begins one of them until this transaction ends, as a worker may whose time
            has come meanwhile.
    """
    query = select(Step).where(
        Step.kind == Kind.DELIVER,
        Step.dcn == dcn,
        Step.state == StepState.WAITING,
        Step.due > Step.created,
        Step.due > now(),
    )
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    return list(db.scalars(query.order_by(Step.id)))


def hasten(db: Session, step: Step) -> None:
    """Do a step now that waits for its time, before what follows from it."""
    step.due = _in_turn(db, step)
    db.execute(update(Notice).where(Notice.step_id == step.id).values(due=step.due))


def take_back(db: Session, step: Step) -> None:
    """Forget a step that nobody has begun."""
    db.execute(delete(Notice).where(Notice.step_id == step.id))
    db.delete(step)


def notices(db: Session, limit: int) -> list[tuple[int, Ticket]]:
    """Outbox rows to be told, with their ids, in the order in which they are due.

    A delivery, or a further attempt, whose time has not come is not among them; a page's place in
    the order is no time.
    """
    in_order = and_(or_(Step.kind != Kind.DELIVER, Step.due <= Step.created), Notice.attempt == 1)
    query = (
        select(Notice.id, Step.id, Notice.attempt, Step.kind)
        .join(Step, Step.id == Notice.step_id)
        .where(or_(in_order, Notice.due <= now()))
        .order_by(Notice.due, Notice.id)
        .limit(limit)
    )
    return [(row[0], Ticket(row[1], row[2], row[3])) for row in db.execute(query)]


def told(db: Session, notice_id: int) -> None:
    """Forget an outbox row: the queue has it."""
    notice = db.get(Notice, notice_id)
    if notice is not None:
        db.delete(notice)


def untold(db: Session) -> list[Ticket]:
    """Waiting attempts without an outbox row: the queue should have them."""
    query = (
        select(Step.id, Step.attempt)
        .outerjoin(Notice, (Notice.step_id == Step.id) & (Notice.attempt == Step.attempt))
        .where(Step.state == StepState.WAITING, Notice.id.is_(None))
    )
    return [Ticket(*row) for row in db.execute(query)]


def tell(db: Session, ticket: Ticket) -> bool:
    """Announce a waiting attempt again: the queue lost it. False where it waits no more."""
    step = db.get(Step, ticket.step_id)
    if step is None or step.attempt != ticket.attempt or step.state != StepState.WAITING:
        return False
    known = select(Notice.id).where(
        Notice.step_id == ticket.step_id, Notice.attempt == ticket.attempt
    )
    if db.scalar(known) is None:
        _announce(db, step)
    return True


def failures(db: Session, scan_ids: Collection[int] = ()) -> list[Step]:
    """Steps that were given up, oldest first: of these scans, or of all where none is named."""
    query = select(Step).where(Step.state == StepState.FAILED).order_by(Step.id)
    if scan_ids:
        query = query.where(Step.scan_id.in_(scan_ids))
    return list(db.scalars(query))


def unnamed(db: Session) -> set[str]:
    """Tokens of hidden files in the outbox that are still to be named."""
    # by the states that there are: `not done` would look at every step that was ever done
    unfinished = Step.state.in_((StepState.WAITING, StepState.RUNNING, StepState.FAILED))
    query = select(Step.token).where(unfinished, Step.token.is_not(None))
    return {token for token in db.scalars(query) if token is not None}


def paused(db: Session) -> list[Step]:
    """Steps that came to nothing and wait for a further attempt, oldest first."""
    query = select(Step).where(Step.state == StepState.WAITING, Step.error.is_not(None))
    return list(db.scalars(query.order_by(Step.id)))


def open_steps(db: Session) -> int:
    """How many steps are still to be done."""
    query = select(func.count()).select_from(Step)
    return db.scalar(query.where(Step.state.in_((StepState.WAITING, StepState.RUNNING)))) or 0
