"""Remarks that agents type while they talk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dialer.store.migrations.made_of import utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "remarks",
        sa.Column("attempt", sa.String(length=64), sa.ForeignKey("attempts.id"), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False, comment="Staff number"),
        sa.Column("at", utc(), nullable=False),
    )
