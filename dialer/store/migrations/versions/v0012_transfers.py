"""A conversation may go on without its agent, who may then have another call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dialer.store.migrations.made_of import allow, is_postgresql, only, refuse, utc

revision = "0012"
down_revision = "0011"

SIGNS = (
    "ringing", "progress", "answered", "agent_ringing", "connected", "transferred", "returned", "intercepted",
    "agent_missed", "dialled", "responded", "hung_up", "refused", "unsent",
)  # fmt: skip
OUTCOME = (
    "state, ringing_at, answered_at, connected_at, transferred_at, transferred_to, ended_at, disposition, counts, "
    "source, evidence"
)


def upgrade() -> None:
    op.add_column("attempts", sa.Column("transferred_at", utc(), nullable=True))
    op.add_column("attempts", sa.Column("transferred_to", sa.Text(), nullable=False, server_default=""))
    op.drop_index("uq_attempts_live_agent", "attempts")
    live = "state != 'ended' AND agent != '' AND transferred_at IS NULL"
    op.create_index("uq_attempts_live_agent", "attempts", ["agent"], unique=True, **only(live))
    op.execute("DROP TRIGGER attempts_ended" + (" ON attempts" if is_postgresql() else ""))
    refuse(
        "attempts_ended",
        f"UPDATE OF {OUTCOME} ON attempts",
        "WHEN (OLD.state = 'ended')",
        "an ended attempt never changes but for its result",
    )
    allow("call_events", "sign", SIGNS)
