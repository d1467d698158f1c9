"""A call that the office's own route answers is told as such."""

from __future__ import annotations

from dialer.store.migrations.made_of import allow

revision = "0010"
down_revision = "0009"

SIGNS = (
    "ringing", "progress", "answered", "agent_ringing", "connected", "intercepted", "agent_missed", "dialled",
    "responded", "hung_up", "refused", "unsent",
)  # fmt: skip


def upgrade() -> None:
    allow("call_events", "sign", SIGNS)
