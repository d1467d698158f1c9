"""Calls and phones belong to a PBX, and an attempt may get its agent after it was placed.

What is there already is of the one PBX that there was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
    _drop("attempts_identity")
    for guard in GUARDS:
        _create(*guard)


def _postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _drop(name: str) -> None:
    op.execute(f"DROP TRIGGER {name}" + (" ON attempts" if _postgresql() else ""))


def _create(name: str, columns: str, condition: str, message: str) -> None:
    if _postgresql():
        action = f"EXECUTE FUNCTION refuse('{message}')"
    else:
        action = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON attempts FOR EACH ROW {condition} {action}")
