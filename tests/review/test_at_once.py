"""Several people and processes at one record at once, on PostgreSQL: SQLite lets one write."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from ledger import audit, database, documents
from ledger.database import Database
from ledger.quality import Sample
from ledger.store import Store
from ledger.work import Summary
from models.state import State
from review.cases import Cases
from review.leases import SPAN, Leases
from review.shelf import Next, Shelf
from review.summary import refresh
from tests.letters.base import claim, enter, state

pytestmark = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


@pytest.fixture
def hurried(record: Database) -> Iterator[Database]:
    """The record, for somebody whom the server lets wait for nobody."""
    opened = Database(f"{record.url}&options=-c%20lock_timeout%3D500")
    yield opened
    opened.engine.dispose()


def test_what_another_takes_at_this_moment_is_passed_over(
    record: Database, hurried: Database, tmp_path: Path
) -> None:
    reading = claim()
    first, second, third, fourth = (enter(record, reading) for _ in range(4))
    refresh(record)
    assert Leases(record).take(first, "ana") is None
    cases = Cases(hurried, Store(f"file://{tmp_path}"))
    with record.begin() as db:
        documents.lease(db, documents.get(db, second), "ben", SPAN)
        # not committed yet: to all others the second one is still nobody's
        assert cases.finish(first, by="ana") == (None, Next(third))
        assert Shelf(hurried).next("kim") == fourth
        assert Shelf(hurried).next("lee") is None
    assert state(record, first) == State.READY
    with record.read() as db:
        assert [e.action for e in audit.of_document(db, third)] == ["opened"]
        audit.verify(db)


def test_a_claim_that_somebody_finishes_at_this_moment_takes_no_more_answers(
    record: Database, hurried: Database, tmp_path: Path
) -> None:
    dcn = enter(record, claim())
    cases = Cases(record, Store(f"file://{tmp_path}"))
    with ThreadPoolExecutor() as pool:
        with record.begin() as db:
            documents.move(db, documents.get(db, dcn), State.READY, "ben")
            late = pool.submit(cases.answer, dcn, "2", ("said", "TOO LATE"), by="ana")
            until_it_waits(hurried, late)
        error = late.exception()
    assert getattr(error, "code", None) == "review.refused"


def until_it_waits(record: Database, late: Future[Any]) -> None:
    """Return when somebody waits for a lock, or nobody has to."""
    query = text("SELECT 1 FROM pg_locks WHERE NOT granted")
    with record.engine.connect() as connection:
        while not late.done() and connection.execute(query).first() is None:
            os.sched_yield()


def test_two_who_sum_up_the_same_documents_enter_them_once(record: Database) -> None:
    reading = claim()
    made = [enter(record, reading, state=State.READY) for _ in range(20)]
    opened = [database.open(record.url) for _ in range(4)]
    with ThreadPoolExecutor(len(opened)) as pool:
        counts = list(pool.map(lambda one: refresh(one, sample=1.0), opened))
    for one in opened:
        one.engine.dispose()
    assert sorted(counts) == [0, 0, 0, len(made)]
    with record.read() as db:
        assert set(db.scalars(select(Summary.dcn))) == set(made)
        assert db.scalar(select(func.count()).select_from(Sample)) == len(made) * len(
            reading.fields
        )
