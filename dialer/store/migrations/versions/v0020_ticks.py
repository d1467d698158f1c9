"""What leaders have ticked off; conversations without a result are found without reading the day's calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dialer.store.migrations.made_of import one_of, only, row_id, utc

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "ticks",
        sa.Column("visit", row_id(), sa.ForeignKey("visits.id"), primary_key=True),
        sa.Column("matter", one_of("promise", "number", "said", "no_result", name="matter"), primary_key=True),
        sa.Column("at", utc(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
    )
    unsaid = "(connected_at IS NOT NULL OR disposition = 'connected') AND ended_at IS NOT NULL AND result IS NULL"
    op.create_index("ix_attempts_unsaid", "attempts", ["day", "placed_at"], **only(unsaid))
