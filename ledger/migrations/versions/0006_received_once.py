"""the day of receipt is entered once"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: where a receipt is entered: a clock of the law runs from it
TABLES = ("documents", "scans")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION received_once() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'received is entered once'; END $$"
        )
        for table in TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_received BEFORE UPDATE OF received ON {table} "
                "FOR EACH ROW WHEN (OLD.received IS DISTINCT FROM NEW.received) "
                "EXECUTE FUNCTION received_once()"
            )
        return
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_received BEFORE UPDATE OF received ON {table} "
            "WHEN OLD.received IS NOT NEW.received "
            "BEGIN SELECT RAISE(ABORT, 'received is entered once'); END"
        )
