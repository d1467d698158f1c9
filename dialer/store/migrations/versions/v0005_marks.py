"""Marks and notes of listeners on recordings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dialer.store.migrations.made_of import row_id, texts, utc

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "marks",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("attempt", sa.String(length=64), sa.ForeignKey("recordings.attempt"), nullable=False),
        sa.Column("at", utc(), nullable=False),
        *texts("by", "text"),
        sa.Column(
            "position_s", sa.Float(), nullable=True, comment="From the start of the recording; NULL: about all of it"
        ),
        sa.CheckConstraint("position_s >= 0", name=op.f("ck_marks_position")),
    )
    op.create_index("ix_marks_attempt", "marks", ["attempt"], unique=False)
