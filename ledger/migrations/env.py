"""Alembic's way in: `ledger.database` hands over the connection."""

from __future__ import annotations

from alembic import context

from ledger import (
    answers,
    audit,
    deliveries,
    documents,
    identities,
    joins,
    people,
    quality,
    requests,
    scans,
    steps,
    tokens,
    work,
)
from ledger.base import Base

#: every module with tables must have been imported for autogenerate to see them
TABLES = (
    answers,
    audit,
    deliveries,
    documents,
    identities,
    joins,
    people,
    quality,
    requests,
    scans,
    steps,
    tokens,
    work,
)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
