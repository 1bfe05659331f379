"""A revision goes out while somebody takes the claim back, on PostgreSQL: SQLite lets one write."""

from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import event, text

from config.settings import Settings
from delivery.compose import prepare
from extractors.readers import Readers
from ledger import deliveries, documents, finishing, steps
from ledger.database import Database, now
from ledger.steps import Step, Ticket
from ledger.store import Store
from models.state import State
from service.context import Context
from service.delivering import deliver
from service.steps import run
from tests.letters.base import claim, enter, state

NOBODY: Readers = None  # type: ignore[assignment] # no page is read here


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_claim_that_is_taken_back_while_it_goes_out_stays_taken_back(
    record: Database, settings: Settings
) -> None:
    settings.outbox.mkdir(parents=True)
    context = Context(settings, record, Store(settings.store_url))
    dcn = enter(record, claim())
    with record.begin() as db:
        step = finishing.ready(db, documents.get(db, dcn), "ana")
        ticket = Ticket(step.id, step.attempt)
        steps.begin(db, ticket, dt.timedelta(minutes=1))
        prepare(db, dcn, step.revision)
    with ThreadPoolExecutor() as pool:
        with record.begin() as db:
            finishing.settle(db, documents.get(db, dcn), State.REVIEW, "ana", "by mistake")
            db.flush()
            sent = pool.submit(deliver, context, step, ticket)
            query = text("SELECT 1 FROM pg_locks WHERE NOT granted")
            with record.engine.connect() as connection:
                while not sent.done() and connection.execute(query).first() is None:
                    os.sched_yield()
        sent.result()
    assert state(record, dcn) == State.REVIEW
    assert (settings.outbox / f"{dcn}.r{step.revision}.json").exists()
    with record.begin() as db:
        assert db.get_one(Step, step.id).state == steps.StepState.DONE


def test_what_can_still_be_taken_back_goes_out_with_no_earlier_revision(context: Context) -> None:
    """A revision that is late must not tell what its successor waits a minute with."""
    dcn = enter(context.database, claim())
    minute = dt.timedelta(minutes=1)
    with context.database.begin() as db:
        document = documents.get(db, dcn)
        late = finishing.tell(db, document)
        waiting = finishing.ready(db, document, "ana", after=minute)
        tickets = [Ticket(step.id, step.attempt) for step in (late, waiting)]
        # the first one failed, and is tried again meanwhile
        late.due -= minute
        waiting.due = now() + minute
    assert run(context, tickets[0], NOBODY) == "done"
    with context.database.begin() as db:
        told = deliveries.one(db, dcn)
        assert told is not None
        assert (told.revision, told.state) == (late.revision, "review")
        assert documents.get(db, dcn).state == State.READY
        finishing.take_back(db, documents.get(db, dcn), "ana", "by mistake")
    with context.database.begin() as db:
        assert documents.get(db, dcn).state == State.REVIEW
        assert steps.held_back(db, dcn) == []


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_what_is_taken_back_is_begun_by_nobody_whose_time_has_come(record: Database) -> None:
    """Its time may come while it is taken back; sent then, its revision would be there twice."""
    dcn = enter(record, claim())
    with record.begin() as db:
        document = documents.get(db, dcn)
        step = finishing.ready(db, document, "ana", after=dt.timedelta(minutes=1))
        before = document.revision
    ticket = Ticket(step.id, step.attempt)

    def begin() -> Step | None:
        with record.begin() as db:
            return steps.begin(db, ticket, dt.timedelta(minutes=1))

    with ThreadPoolExecutor() as pool:
        begun: list[Future[Step | None]] = []

        def meanwhile(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            """A worker comes after the step was looked up, and before it is gone."""
            if begun or not statement.startswith("DELETE FROM outbox"):
                return
            begun.append(pool.submit(begin))
            query = text("SELECT 1 FROM pg_locks WHERE NOT granted")
            with record.engine.connect() as connection:
                while not begun[0].done() and connection.execute(query).first() is None:
                    os.sched_yield()

        event.listen(record.engine, "before_cursor_execute", meanwhile)
        with record.begin() as db:
            finishing.take_back(db, documents.get(db, dcn), "ana", "by mistake")
        assert begun[0].result() is None
    with record.begin() as db:
        assert documents.get(db, dcn).revision == before - 1
        assert db.get(Step, step.id) is None
