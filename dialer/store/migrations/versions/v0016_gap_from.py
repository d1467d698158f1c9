"""From when the gap after a call runs: a PBX with a slow clock says that calls ended before they did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dialer.store.migrations.made_of import is_postgresql, refuse, utc

revision = "0016"
down_revision = "0015"

OUTCOME = (
    "state, ringing_at, answered_at, connected_at, transferred_at, transferred_to, ended_at, gap_from, disposition, "
    "counts, source, evidence"
)


def upgrade() -> None:
    op.add_column("attempts", sa.Column("gap_from", utc(), nullable=True))
    op.create_index("ix_attempts_gap", "attempts", ["gap_from", "number"])
    op.execute("DROP TRIGGER attempts_ended" + (" ON attempts" if is_postgresql() else ""))
    refuse(
        "attempts_ended",
        f"UPDATE OF {OUTCOME} ON attempts",
        "WHEN (OLD.state = 'ended')",
        "an ended attempt never changes but for its result",
    )
