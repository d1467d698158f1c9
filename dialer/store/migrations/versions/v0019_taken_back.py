"""Whoever was told of what a person entered by mistake is told that it is taken back."""

from __future__ import annotations

from dialer.store.migrations.made_of import allow

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    kinds = (
        "unreached",
        "invalid_number",
        "out_of_time",
        "late_start",
        "feedback",
        "taken_back",
        "alarm",
        "alarm_over",
    )
    allow("notices", "kind", kinds)
