"""What steps are made of. As the steps themselves: never edited after a release, only added to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op


def utc() -> sa.types.TypeEngine[str]:
    """A time."""
    return sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def row_id() -> sa.types.TypeEngine[int]:
    """A number that the database gives."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def texts(*names: str) -> list[sa.Column[str]]:
    """Columns of text that is always there, if only ""."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def one_of(*values: str, name: str) -> sa.Enum:
    """One of these words, with a CHECK of this name."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def only(condition: str) -> dict[str, Any]:
    """The options of an index that holds only such rows."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def is_postgresql() -> bool:
    """Whether the step is written for PostgreSQL."""
    return op.get_context().dialect.name == "postgresql"


def refuse(name: str, event: str, condition: str, message: str) -> None:
    """A trigger ``name`` that refuses an event on a table; PostgreSQL has the function for it since step 0003."""
    if is_postgresql():
        action = f"EXECUTE FUNCTION refuse('{message}')"
    else:
        action = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW {condition} {action}")
