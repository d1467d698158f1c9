"""Calls by hand to a number that was corrected since; and one live call to a customer, whatever the day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dialer.store.migrations.made_of import only

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("visits", sa.Column("hand_before", sa.JSON()))
    op.drop_index("uq_attempts_live_customer", "attempts")
    op.create_index("uq_attempts_live_customer", "attempts", ["customer"], unique=True, **only("state != 'ended'"))
