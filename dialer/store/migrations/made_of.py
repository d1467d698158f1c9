"""What steps are made of. As the steps themselves: never edited after a release, only added to."""

from __future__ import annotations

import re
from collections.abc import Sequence
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


def allow(table: str, column: str, values: Sequence[str]) -> None:
    """From now on ``column``, made with ``one_of``, holds one of ``values``."""
    listed = ", ".join(f"'{value}'" for value in values)
    name, check = f"ck_{table}_{column}", f"{column} IN ({listed})"
    if is_postgresql():
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({check})")
    else:
        _remake(op.get_bind(), table, rf"(?<=CONSTRAINT {name} CHECK \(){column} IN \([^)]*\)", check)


def _remake(connection: sa.Connection, table: str, pattern: str, text: str) -> None:
    """SQLite cannot change a CHECK: the table is made anew, with its rows, indexes and triggers."""
    found = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type = 'table' DESC", (table,)
    )
    made, *others = found.scalars().all()
    changed, times = re.subn(pattern, text, made)
    assert times == 1, made
    new = f"{table}_anew"
    connection.exec_driver_sql(f"CREATE TABLE {new} {changed[changed.index('(') :]}")
    connection.exec_driver_sql(f"INSERT INTO {new} SELECT * FROM {table}")  # noqa: S608 - a table of ours
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE {new} RENAME TO {table}")
    for each in others:
        connection.exec_driver_sql(each)
