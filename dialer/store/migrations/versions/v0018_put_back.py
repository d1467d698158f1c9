"""Whom a person put back on the list, no list takes off that lacked them before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("visits", sa.Column("put_back", sa.Boolean, nullable=False, server_default=sa.false()))
