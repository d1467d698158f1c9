"""Rights that were given, until another person has seen them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dialer.store.migrations.made_of import one_of, only, row_id, utc

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("at", utc(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_staff", sa.String(length=32)),
        sa.Column(
            "right",
            one_of("administration", "supervision", "recordings", "password", "token", name="right"),
            nullable=False,
        ),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("seen_by", sa.Text()),
        sa.Column("seen_at", utc()),
    )
    op.create_index("ix_grants_unseen", "grants", ["id"], **only("seen_at IS NULL"))
