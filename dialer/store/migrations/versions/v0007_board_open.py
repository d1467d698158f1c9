"""Counting what nobody has read yet on the board, by department and account manager."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    unread = sa.text("acknowledged_at IS NULL")
    op.create_index(
        "ix_board_open", "board", ["department", "account_manager"], sqlite_where=unread, postgresql_where=unread
    )
