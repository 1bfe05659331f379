"""Alembic migrations, run at start by `ledger.database`."""
