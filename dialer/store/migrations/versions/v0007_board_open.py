"""Counting what nobody has read yet on the board, by department and account manager."""

from __future__ import annotations

from alembic import op

from dialer.store.migrations.made_of import only

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("ix_board_open", "board", ["department", "account_manager"], **only("acknowledged_at IS NULL"))
