"""what is counted by state and looked for by form is found in an index, beside no reading"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_documents_state_received", "documents", ["state", "received"])
    op.create_index("ix_documents_form_received", "documents", ["form", "received"])
    op.drop_index("ix_documents_state", "documents")
