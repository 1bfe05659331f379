"""what was keyed blind, accepted fields that were looked at once more, doubts of one look"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
    )
    op.create_index("ix_entries_dcn", "entries", ["dcn"])
    op.create_table(
        "qa_samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("form", sa.String(16), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("printer", sa.String(64), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("drawn", sa.DateTime(), nullable=False),
        sa.Column("checked_by", sa.String(64)),
        sa.Column("checked_at", sa.DateTime()),
        sa.Column("seen", sa.Text()),
        sa.Column("right", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name="pk_qa_samples"),
        sa.UniqueConstraint("dcn", "field", name="uq_qa_samples_dcn"),
    )
    op.create_index("ix_qa_samples_checked_at", "qa_samples", ["checked_at"])
    op.create_table(
        "summary_doubts",
        sa.Column("dcn", sa.String(14), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("look", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["dcn"], ["documents.dcn"], name="fk_summary_doubts_dcn"),
        sa.PrimaryKeyConstraint("dcn", "field", name="pk_summary_doubts"),
    )
    op.create_index("ix_summary_doubts_look", "summary_doubts", ["look"])
    # summed up before there were these
    op.execute("DELETE FROM summary_findings")
    op.execute("DELETE FROM summaries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE ON entries "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER entries_no_{verb.lower()} BEFORE {verb} ON entries "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
