"""who works on a step, the order of work, and lists that only grow"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: rows of these are never changed nor removed, not even by our own mistake
APPEND_ONLY = ("history", "answers", "deliveries")


def upgrade() -> None:
    # a constant default: SQLite then adds the column in place, which leaves foreign keys alone
    long_ago = sa.text("'1970-01-01 00:00:00'")
    op.add_column("steps", sa.Column("owner", sa.String(160)))
    for table in ("steps", "outbox"):
        op.add_column(
            table, sa.Column("due", sa.DateTime(), nullable=False, server_default=long_ago)
        )
    op.execute("UPDATE steps SET due = created")
    op.execute("UPDATE outbox SET due = (SELECT due FROM steps WHERE steps.id = outbox.step_id)")
    op.create_index("ix_outbox_due", "outbox", ["due"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append only'; END $$"
        )
        for table_name in APPEND_ONLY:
            op.execute(
                f"CREATE TRIGGER {table_name}_append_only BEFORE UPDATE OR DELETE ON {table_name} "
                "FOR EACH ROW EXECUTE FUNCTION append_only()"
            )
        return
    for table_name in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table_name}_no_{verb.lower()} BEFORE {verb} ON {table_name} "
                "BEGIN SELECT RAISE(ABORT, 'append only'); END"
            )
