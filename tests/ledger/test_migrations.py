"""A database of any earlier version, with something in every table, becomes this version's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, insert, select
from sqlalchemy.sql import sqltypes

from ledger import database
from ledger.database import Database

HOME = Path(database.__file__).parent / "migrations"
#: what is made again from the rest, and so may go
MADE_AGAIN = {"summaries", "summary_findings"}
#: everything refers to everything: all numbers are the same, and all names
VALUES: Mapping[type[Any], object] = {
    sqltypes.JSON: ["x"],
    sqltypes.LargeBinary: b"x",
    sqltypes.DateTime: dt.datetime(2026, 11, 23, 12),  # noqa: DTZ001 - as it lies in the database
    sqltypes.Date: dt.date(2026, 11, 23),
    sqltypes.Boolean: True,
    sqltypes.Integer: 1,
    sqltypes.Float: 1.0,
    sqltypes.String: "x",
}


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(HOME))
    made.attributes["connection"] = connection
    return made


def earlier() -> list[str]:
    script = ScriptDirectory.from_config(config())
    return sorted(one.revision for one in script.walk_revisions())[:-1]


def value(kind: sqltypes.TypeEngine[Any]) -> object:
    return next(value for of, value in VALUES.items() if isinstance(kind, of))


def rows(connection: Connection, table: Table, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    found = connection.execute(select(*(table.c[name] for name in columns)))
    return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in found]


@pytest.mark.parametrize("revision", earlier())
def test_what_an_earlier_version_wrote_is_kept(url: str, revision: str) -> None:
    opened = Database(url)
    with opened.engine.begin() as connection:
        command.upgrade(config(connection), revision)
    before = MetaData()
    before.reflect(opened.engine)
    assert "steps" in before.tables
    kept: dict[str, list[tuple[Any, ...]]] = {}
    with opened.engine.begin() as connection:
        for table in before.sorted_tables:
            names = [column.name for column in table.columns]
            if table.name != "alembic_version" and not rows(connection, table, names):
                row = {column.name: value(column.type) for column in table.columns}
                connection.execute(insert(table).values(row))
            kept[table.name] = rows(connection, table, names)

    opened.migrate()
    assert opened.migrated()
    after = MetaData()
    after.reflect(opened.engine)
    with opened.engine.connect() as connection:
        for name in before.tables.keys() - {"alembic_version", *MADE_AGAIN}:
            columns = [column.name for column in before.tables[name].columns]
            assert rows(connection, after.tables[name], columns) == kept[name], name
    opened.engine.dispose()
