from __future__ import annotations

import datetime as dt
import threading

import pytest

from ledger import deliveries
from ledger.database import Database, now
from ledger.deliveries import Delivery, Filter
from models import dcn as control_numbers

DAY = dt.date(2026, 11, 23)


def delivery(number: int, revision: int = 1) -> Delivery:
    return Delivery(
        dcn=control_numbers.make(DAY, number),
        revision=revision,
        state="ready",
        form="ub04",
        received=DAY,
        delivered=now(),
        content=f"{number} {revision}".encode(),
    )


def after(record: Database, sequence: int) -> list[tuple[int, str]]:
    with record.begin() as db:
        found = deliveries.feed(db, sequence, 500, Filter())
        return [(one.sequence, one.dcn) for one in found]


def test_a_follower_misses_nothing_of_writers_side_by_side(record: Database) -> None:
    """On PostgreSQL a plain sequence fails this: the later number may be seen first."""

    def write(first: int) -> None:
        for number in range(first, first + 10):
            with record.begin() as db:
                deliveries.record(db, delivery(number))

    writers = [threading.Thread(target=write, args=(first,)) for first in (1, 11, 21)]
    for writer in writers:
        writer.start()
    seen: list[tuple[int, str]] = []
    while any(writer.is_alive() for writer in writers):
        seen += after(record, seen[-1][0] if seen else 0)
    seen += after(record, seen[-1][0] if seen else 0)
    assert [sequence for sequence, _ in seen] == list(range(1, 31))
    assert {dcn for _, dcn in seen} == {control_numbers.make(DAY, n) for n in range(1, 31)}


def test_a_number_that_was_given_up_is_given_again(record: Database) -> None:
    with record.begin() as db:
        deliveries.record(db, delivery(1))

    def give_up() -> None:
        with record.begin() as db:
            deliveries.record(db, delivery(2))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        give_up()
    with record.begin() as db:
        deliveries.record(db, delivery(3))
    assert after(record, 0) == [
        (1, control_numbers.make(DAY, 1)),
        (2, control_numbers.make(DAY, 3)),
    ]


def test_a_revision_is_entered_once_and_the_last_one_is_found(record: Database) -> None:
    with record.begin() as db:
        first = deliveries.record(db, delivery(1))
        again = deliveries.record(db, delivery(1))
        assert again is first
        deliveries.record(db, delivery(1, revision=2))
    with record.begin() as db:
        last = deliveries.one(db, first.dcn)
        old = deliveries.one(db, first.dcn, 1)
        assert last is not None
        assert old is not None
        assert (last.content, old.content) == (b"1 2", b"1 1")
        assert last.digest == deliveries.digest_of(b"1 2")
        assert deliveries.one(db, control_numbers.make(DAY, 2)) is None
