"""What was done by hand for a visit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("visits", sa.Column("hand", sa.JSON(), nullable=True))
