"""Whoever was told of an alarm is told when it is over."""

from __future__ import annotations

from dialer.store.migrations.made_of import allow

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    kinds = ("unreached", "invalid_number", "out_of_time", "late_start", "feedback", "alarm", "alarm_over")
    allow("notices", "kind", kinds)
