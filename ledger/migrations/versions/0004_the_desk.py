"""roles, the audit trail, the work queue, overrides; drafts are each person's own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: rows of these are never changed nor removed, not even by our own mistake
APPEND_ONLY = ("audit", "overrides")


def upgrade() -> None:
    no, nothing = sa.text("'0'"), sa.text("''")
    postgresql = op.get_bind().dialect.name == "postgresql"
    # whoever had an account before there were roles could do everything
    op.add_column(
        "users", sa.Column("role", sa.String(16), nullable=False, server_default=sa.text("'admin'"))
    )
    op.add_column(
        "users", sa.Column("subject", sa.String(512), nullable=False, server_default=nothing)
    )
    op.add_column(
        "users",
        sa.Column("disabled", sa.Boolean(), nullable=False, server_default=sa.false() if postgresql else no),
    )
    op.create_index("ix_users_subject", "users", ["subject"])
    _drafts()
    op.create_table(
        "overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_overrides"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("change", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.bulk_insert(head, [{"id": 1, "last": 0, "digest": "0" * 64}])
    op.create_table(
        "summaries",
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("form", sa.String(16), nullable=False),
        sa.Column("received", sa.Date(), nullable=False),
        sa.Column("due", sa.Date()),
        sa.Column("payer", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("straight", sa.Boolean(), nullable=False),
        sa.Column("finished", sa.DateTime()),
        sa.ForeignKeyConstraint(["dcn"], ["documents.dcn"], name="fk_summaries_dcn"),
        sa.PrimaryKeyConstraint("dcn", name="pk_summaries"),
    )
    op.create_table(
        "summary_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.Column("cause", sa.String(8), nullable=False),
        sa.ForeignKeyConstraint(["dcn"], ["documents.dcn"], name="fk_summary_findings_dcn"),
        sa.PrimaryKeyConstraint("id", name="pk_summary_findings"),
    )
    op.create_table(
        "desk_items",
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("postponed_until", sa.DateTime()),
        sa.Column("postponed_by", sa.String(64)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("escalated_by", sa.String(64)),
        sa.Column("keyed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dcn"], ["documents.dcn"], name="fk_desk_items_dcn"),
        sa.PrimaryKeyConstraint("dcn", name="pk_desk_items"),
    )
    for table, columns in (
        ("overrides", ("dcn",)),
        ("audit", ("dcn",)),
        ("summaries", ("change", "state", "received")),
        ("summary_findings", ("dcn",)),
    ):
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
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


def _drafts() -> None:
    """The same table with a further column in its key; there are never many rows in it."""
    connection = op.get_bind()
    rows = [
        dict(row._mapping)
        for row in connection.execute(sa.text('SELECT dcn, field, text, "by", at FROM drafts'))
    ]
    op.drop_table("drafts")
    op.create_table(
        "drafts",
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("dcn", "field", "by", name="pk_drafts"),
    )
    for row in rows:
        connection.execute(
            sa.text('INSERT INTO drafts (dcn, field, text, "by", at) VALUES (:dcn, :field, :text, :by, :at)'),
            row,
        )
