"""a delivered file gets its name once, even if fetched at once; answers know their paper"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("steps", sa.Column("token", sa.String(16), nullable=True))
    op.add_column("answers", sa.Column("paper", sa.String(14), nullable=True))
