"""Calls and phones belong to a PBX, and an attempt may get its agent after it was placed.

What is there already is of the one PBX that there was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dialer.store.migrations.made_of import is_postgresql, refuse

revision = "0009"
down_revision = "0008"

TABLES = ("agents", "attempts", "call_events")
# (name, columns, condition, message) of each trigger
GUARDS = (
    (
        "attempts_identity",
        "id, visit, day, seq, round, customer, number, trunk, pbx, placed_at",
        "",
        "an attempt stays the call that it is",
    ),
    ("attempts_agent", "agent", "WHEN (OLD.agent <> '')", "an attempt keeps its agent"),
)


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("pbx", sa.String(40), nullable=False, server_default="main"))
    op.execute("DROP TRIGGER attempts_identity" + (" ON attempts" if is_postgresql() else ""))
    for name, columns, condition, message in GUARDS:
        refuse(name, f"UPDATE OF {columns} ON attempts", condition, message)
