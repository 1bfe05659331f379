"""The record, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from ledger import database, documents, finishing, scans, steps
from ledger.base import Base
from ledger.database import Database, now
from ledger.documents import Document, Found, LeasedError
from ledger.scans import Arrived, Page, Scan, ScanState
from ledger.steps import Kind, LostLeaseError, Notice, Step, StepState, Ticket
from models.dcn import parse
from models.page import Form
from models.reading import DocumentReading
from models.state import State, TransitionError

LEASE = dt.timedelta(minutes=1)
GONE = dt.timedelta(seconds=-1)
CLAIM = DocumentReading(form=Form.CMS1500, pages=[1], status="review")


def arrive(
    db: Database, key: str, content: str = "a", name: str = "claim.tif"
) -> tuple[Scan, bool]:
    with db.begin() as session:
        scan, new = scans.enter(
            session, Arrived(key, content.rjust(64, "0"), 10, name, ("north", "dental"), now())
        )
        if new:
            steps.need(session, Step(kind=Kind.OPEN, scan_id=scan.id))
    return scan, new


def tickets(db: Database) -> list[Ticket]:
    with db.begin() as session:
        return [ticket for _, ticket in steps.notices(session, 100)]


def document(db: Database, content: str = "a", state: State = State.REVIEW) -> str:
    scan, _ = arrive(db, content, content)
    with db.begin() as session:
        (made,) = documents.create(session, session.get_one(Scan, scan.id), [Found(CLAIM)])
        documents.move(session, made, State.READING)
        documents.move(session, made, state)
        return made.dcn


def test_the_migrations_make_what_the_tables_say(record: Database) -> None:
    assert record.migrated()
    with record.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
    record.migrate()


def test_the_same_arrival_again_is_no_news_and_the_same_bytes_are_a_second_one(
    record: Database,
) -> None:
    first, new = arrive(record, "k1")
    again, anew = arrive(record, "k1")
    second, other = arrive(record, "k2", name="copy.tif")
    assert (new, anew, other) == (True, False, False)
    assert first.id == again.id == second.id
    assert len(tickets(record)) == 1
    with record.begin() as db:
        arrivals = db.scalars(select(scans.Arrival).order_by(scans.Arrival.id)).all()
        assert [(a.name, a.duplicate) for a in arrivals] == [
            ("claim.tif", False),
            ("copy.tif", True),
        ]
        assert scans.tags(db, first.id) == ["north", "dental"]


@pytest.mark.parametrize(
    ("name", "suffix"), [("a.TIF", ".tif"), ("scan", ""), ("x.John Smith", ""), (".pdf", ".pdf")]
)
def test_only_a_suffix_that_names_a_format_is_kept(
    tmp_path_factory: pytest.TempPathFactory, name: str, suffix: str
) -> None:
    record = Database(f"sqlite:///{tmp_path_factory.mktemp('d') / 'l.db'}")
    record.migrate()
    assert arrive(record, "k", name=name)[0].suffix == suffix
    record.engine.dispose()


def test_one_attempt_has_the_lease(record: Database) -> None:
    arrive(record, "k")
    (ticket,) = tickets(record)
    with record.begin() as db:
        assert steps.begin(db, ticket, LEASE, "me") is not None
    with record.begin() as db:
        assert steps.begin(db, ticket, LEASE, "other") is None
        (running,) = steps.running(db)
        assert (running.ticket, running.owner) == (ticket, "me")
    with record.begin() as db:
        steps.finish(db, ticket)
    with record.begin() as db:
        assert steps.open_steps(db) == 0


def test_a_late_attempt_changes_nothing(record: Database) -> None:
    scan, _ = arrive(record, "k")
    (late,) = tickets(record)
    with record.begin() as db:
        steps.begin(db, late, GONE)
    with record.begin() as db:
        assert steps.again(db, late, 3, "worker.lost")

    def late_result() -> None:
        with record.begin() as db:
            db.get_one(Scan, scan.id).state = ScanState.OPENED
            steps.finish(db, late)

    with pytest.raises(LostLeaseError):
        late_result()
    with record.begin() as db:
        assert db.get_one(Scan, scan.id).state == ScanState.TAKEN
        assert not steps.renew(db, late, LEASE)
        assert not steps.again(db, late, 3, "worker.lost")
    assert [t.attempt for t in tickets(record)] == [1, 2]


def test_too_many_attempts_are_a_failure_that_people_see_until_it_is_tried_again(
    record: Database,
) -> None:
    scan, _ = arrive(record, "k")
    for attempt in (1, 2):
        with record.begin() as db:
            ticket = Ticket(1, attempt)
            assert steps.begin(db, ticket, LEASE) is not None
            assert steps.again(db, ticket, 2, "timeout") == (attempt == 1)
    with record.begin() as db:
        (failed,) = steps.failures(db)
        assert (failed.error, db.get_one(Scan, scan.id).error) == ("timeout", "timeout")
        assert scans.counts(db) == {"failed": 1}
        steps.retry(db, failed)
    with record.begin() as db:
        assert scans.counts(db) == {"taken": 1}
        step = steps.begin(db, Ticket(1, 3), LEASE)
        assert step is not None
        assert step.error is None
        steps.fail(db, Ticket(1, 3), "pdf.encrypted")
    with record.begin() as db:
        assert [s.error for s in scans.failed(db)] == ["pdf.encrypted"]


def test_a_new_claim_is_due_before_the_rest_of_a_long_batch(record: Database) -> None:
    batch, _ = arrive(record, "k", "b")
    with record.begin() as db:
        for number in range(1, 51):
            steps.need(db, Step(kind=Kind.READ, scan_id=batch.id, number=number))
    claim, _ = arrive(record, "k2", "c")
    with record.begin() as db:
        steps.need(db, Step(kind=Kind.READ, scan_id=claim.id, number=1))
        steps.need(db, Step(kind=Kind.ASSEMBLE, scan_id=batch.id))
    order = tickets(record)
    with record.begin() as db:
        due = [db.get_one(Step, t.step_id) for t in order]
        places = [(s.scan_id, s.kind, s.number) for s in due]
    assert places.index((claim.id, "read", 1)) < places.index((batch.id, "read", 3))
    assert places.index((batch.id, "assemble", 0)) < places.index((batch.id, "read", 1))
    assert places[-1] == (batch.id, "read", 50)


def test_a_clock_that_goes_back_holds_no_delivery_back(record: Database) -> None:
    scan, _ = arrive(record, "k")
    with record.begin() as db:
        opened = db.scalars(select(Step)).one()
        opened.created = opened.due = now() + dt.timedelta(hours=1)
    dcn = document(record, "b")
    with record.begin() as db:
        step = steps.need(db, Step(kind=Kind.DELIVER, scan_id=scan.id, dcn=dcn, revision=1))
        assert step.id in [ticket.step_id for _, ticket in steps.notices(db, 9)]
        assert steps.held_back(db, dcn) == []
    # nor one that was entered before it went back
    with record.begin() as db:
        step = steps.need(db, Step(kind=Kind.DELIVER, scan_id=scan.id, dcn=dcn, revision=2))
        step.created = step.due = now() + dt.timedelta(hours=1)
        notice = db.scalars(select(Notice).where(Notice.step_id == step.id)).one()
        notice.due = step.due
        db.flush()
        assert step.id in [ticket.step_id for _, ticket in steps.notices(db, 9)]
        assert steps.held_back(db, dcn) == []


def test_what_the_queue_lost_is_told_again_once(record: Database) -> None:
    arrive(record, "k")
    with record.begin() as db:
        ((notice, ticket),) = steps.notices(db, 9)
        assert steps.untold(db) == []
        steps.told(db, notice)
    with record.begin() as db:
        assert steps.untold(db) == [ticket]
        assert steps.tell(db, ticket)
        assert steps.tell(db, ticket)
    assert tickets(record) == [ticket]
    with record.begin() as db:
        steps.begin(db, ticket, LEASE)
        assert not steps.tell(db, ticket)


def test_control_numbers_are_given_once_however_many_ask(record: Database) -> None:
    entered = [arrive(record, str(n), str(n))[0].id for n in range(8)]
    barrier = threading.Barrier(4)

    def assemble(scan_id: int) -> str:
        if scan_id in entered[:4]:
            barrier.wait(300)
        with record.begin() as db:
            (made,) = documents.create(db, db.get_one(Scan, scan_id), [Found(CLAIM)])
            return made.dcn

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(assemble, entered))
    assert sorted({parse(dcn)[6:13] for dcn in given}) == [f"{n:07d}" for n in range(1, 9)]
    assert assemble(entered[-1]) == given[-1]


def test_a_document_is_made_ready_with_its_delivery_or_not_at_all(record: Database) -> None:
    dcn = document(record)
    with record.begin() as db:
        step = finishing.ready(db, documents.get(db, dcn), "kim", "fields checked")
        assert (step.dcn, step.revision) == (dcn, 1)
    with pytest.raises(TransitionError), record.begin() as db:
        finishing.ready(db, documents.get(db, dcn), "kim")
    with record.begin() as db:
        assert documents.counts(db) == {"ready": 1}
        assert [(c.before, c.after, c.actor) for c in documents.history(db, dcn)] == [
            ("", "received", "system"),
            ("received", "reading", "system"),
            ("reading", "review", "system"),
            ("review", "ready", "kim"),
        ]
        assert documents.waiting(db, State.READY, 10)[0].dcn == dcn


@pytest.mark.parametrize("to", [State.RETURNED, State.REJECTED, State.VOIDED, State.INFORMATION])
def test_whatever_a_person_decides_is_told_in_a_revision(record: Database, to: State) -> None:
    dcn = document(record)
    with record.begin() as db:
        step = finishing.settle(db, documents.get(db, dcn), to, "kim", "as agreed")
        assert (step.dcn, step.revision) == (dcn, 1)
    with record.begin() as db:
        assert documents.get(db, dcn).state == to


@pytest.mark.parametrize("verb", ["UPDATE history SET actor = 'x'", "DELETE FROM history"])
def test_history_only_grows(record: Database, verb: str) -> None:
    document(record)
    with pytest.raises(SQLAlchemyError), record.begin() as db:
        db.execute(text(verb))


@pytest.mark.parametrize("table", ["documents", "scans"])
def test_the_day_of_receipt_is_entered_once(record: Database, table: str) -> None:
    document(record)
    later = {"later": "2031-01-01"}
    with pytest.raises(SQLAlchemyError), record.begin() as db:
        db.execute(text(f"UPDATE {table} SET received = :later"), later)  # noqa: S608 - two names


def test_a_document_is_open_for_one_person(record: Database) -> None:
    dcn = document(record)
    with record.begin() as db:
        documents.lease(db, documents.get(db, dcn), "kim", LEASE)
    with pytest.raises(LeasedError), record.begin() as db:
        documents.lease(db, documents.get(db, dcn), "lee", LEASE)
    with record.begin() as db:
        documents.lease(db, documents.get(db, dcn), "kim", GONE)
    with record.begin() as db:
        documents.lease(db, documents.get(db, dcn), "lee", LEASE)
        documents.release(db.get_one(Document, dcn), "lee")
        assert documents.get(db, dcn).leased_by is None


def test_times_come_back_aware_and_in_utc(record: Database) -> None:
    here = dt.datetime(2026, 11, 1, 1, 30, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
    with record.begin() as db:
        scan, _ = scans.enter(db, Arrived("k", "0" * 64, 1, "a.tif", (), here))
        number = scan.id
    with record.begin() as db:
        assert db.get_one(Scan, number).received == here
        assert db.get_one(Scan, number).received.tzinfo is dt.UTC


def test_an_error_of_the_database_does_not_say_what_was_read(record: Database) -> None:
    scan, _ = arrive(record, "k")
    page = {"scan_id": scan.id, "number": 1, "image": "x", "media": "image/png", "dpi": 200.0}
    with record.begin() as db:
        db.add(Page(**page, words=[]))
    with pytest.raises(SQLAlchemyError) as caught, record.begin() as db:
        db.add(Page(**page, words=[["SECRET", 1, 2, 3, 4]], reading="SECRET"))
    assert "SECRET" not in str(caught.value)


def test_failed_steps_stay_failed_for_others(record: Database) -> None:
    arrive(record, "k")
    with record.begin() as db:
        steps.begin(db, Ticket(1, 1), LEASE)
        steps.fail(db, Ticket(1, 1), "scan.limit")
    with pytest.raises(LostLeaseError), record.begin() as db:
        steps.finish(db, Ticket(1, 1))
    with record.begin() as db:
        assert db.get_one(Step, 1).state == StepState.FAILED


def test_programs_that_start_at_once_find_one_database(url: str) -> None:
    """On several machines each of them may be the one that makes the tables."""

    def start(_: int) -> bool:
        opened = database.open(url)
        try:
            return opened.migrated()
        finally:
            opened.engine.dispose()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(start, range(3))) == [True, True, True]
