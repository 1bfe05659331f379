"""Counters: numbers that are given out one by one, each of them once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Insert, Integer, Table, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ledger.base import Base


def counter(name: str, key: Column[Any]) -> Table:
    """A table of counters, one for each value of its key."""
    return Table(name, Base.metadata, key, Column("last", Integer, nullable=False))


def count(db: Session, counters: Table, key: object) -> int:
    """The next number of a counter, from 1; others wait for theirs until this transaction ends."""
    (column,) = counters.primary_key
    values = {column.name: key, "last": 0}
    insert: Insert
    if db.get_bind().dialect.name == "postgresql":
        insert = postgresql.insert(counters).values(values).on_conflict_do_nothing()
    else:
        insert = sqlite.insert(counters).values(values).on_conflict_do_nothing()
    db.execute(insert)
    step = update(counters).where(column == key).values(last=counters.c.last + 1)
    return int(db.execute(step.returning(counters.c.last)).scalar_one())
