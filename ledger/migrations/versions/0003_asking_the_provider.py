"""who a claim is, papers that join it, requests and letters"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: rows of these are never changed nor removed, not even by our own mistake
APPEND_ONLY = ("joins", "request_log", "letters", "postings")


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("npi", sa.String(64), nullable=False),
        sa.Column("tax_id", sa.String(64), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("first_day", sa.Date()),
        sa.Column("last_day", sa.Date()),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["dcn"], ["documents.dcn"], name="fk_identities_dcn"),
        sa.PrimaryKeyConstraint("dcn", name="pk_identities"),
    )
    op.create_table(
        "joins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper", sa.String(14), nullable=False),
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["documents.dcn"], name="fk_joins_paper"),
        sa.ForeignKeyConstraint(["dcn"], ["documents.dcn"], name="fk_joins_dcn"),
        sa.PrimaryKeyConstraint("id", name="pk_joins"),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("due", sa.Date()),
        sa.Column("next_on", sa.Date()),
        sa.Column("changed", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["dcn"], ["documents.dcn"], name="fk_requests_dcn"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("dcn", "number", name="uq_requests_dcn"),
    )
    op.create_table(
        "request_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_request_log_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_request_log"),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_letters_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
        sa.UniqueConstraint("key", name="uq_letters_key"),
    )
    op.create_table(
        "postings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name="fk_postings_letter_id"),
        sa.PrimaryKeyConstraint("id", name="pk_postings"),
    )
    for table, columns in (
        ("identities", ("account", "member", "fingerprint")),
        ("joins", ("paper", "dcn")),
        ("requests", ("state", "next_on")),
        ("request_log", ("request_id",)),
        ("letters", ("request_id",)),
        ("postings", ("letter_id",)),
    ):
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in APPEND_ONLY:
        if postgresql:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION append_only()"
            )
            continue
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'append only'); END"
            )
