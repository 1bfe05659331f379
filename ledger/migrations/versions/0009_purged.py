"""what was purged may go from lists that only grow; attempts that an outage took count for none"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: lists whose rows go with what their document said, and how a row (`OLD`) leads to its document
PURGED = {
    "answers": "OLD.dcn",
    "entries": "OLD.dcn",
    "overrides": "OLD.dcn",
    "request_log": "(SELECT dcn FROM requests WHERE id = OLD.request_id)",
    "letters": "(SELECT dcn FROM requests WHERE id = OLD.request_id)",
    "postings": "(SELECT dcn FROM requests WHERE id = "
    "(SELECT request_id FROM letters WHERE id = OLD.letter_id))",
}
_GONE = "EXISTS (SELECT 1 FROM documents WHERE dcn = {dcn} AND state = 'purged')"
#: of a delivery nothing but its content goes
_KEPT = ("sequence", "dcn", "revision", "state", "form", "received", "delivered", "digest")
_EMPTIED = " AND ".join(f"NEW.{column} = OLD.{column}" for column in _KEPT)


def upgrade() -> None:
    op.add_column("steps", sa.Column("spent", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_pages_image", "pages", ["image"])
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
        return
    for table, dcn in PURGED.items():
        op.execute(f"DROP TRIGGER {table}_no_delete")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"WHEN NOT {_GONE.format(dcn=dcn)} BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
    op.execute("DROP TRIGGER deliveries_no_update")
    op.execute(
        "CREATE TRIGGER deliveries_no_update BEFORE UPDATE ON deliveries "
        f"WHEN NOT (NEW.content = x'' AND {_EMPTIED} AND {_GONE.format(dcn='OLD.dcn')}) "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )


def _postgresql() -> None:
    tables = {**PURGED, "deliveries": "OLD.dcn"}
    for table, dcn in tables.items():
        emptied = f"NEW.content = ''::bytea AND {_EMPTIED} AND " if table == "deliveries" else ""
        op.execute(
            f"CREATE FUNCTION {table}_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {emptied}{_GONE.format(dcn=dcn)} THEN "
            f"RETURN {'NEW' if emptied else 'OLD'}; END IF; "
            "RAISE EXCEPTION 'append only'; END $$"
        )
        never, purged = ("DELETE", "UPDATE") if emptied else ("UPDATE", "DELETE")
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {never} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE {purged} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_kept()"
        )
