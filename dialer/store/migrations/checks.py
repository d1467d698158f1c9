"""What a column may hold, changed: for a new result, a new disposition, a new kind of notice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alembic import op
from sqlalchemy import Connection


def allow(table: str, column: str, values: Sequence[str]) -> None:
    """From now on ``column``, made with ``one_of``, holds one of ``values``."""
    listed = ", ".join(f"'{value}'" for value in values)
    name, check = f"ck_{table}_{column}", f"{column} IN ({listed})"
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({check})")
    else:
        _remake(op.get_bind(), table, rf"(?<=CONSTRAINT {name} CHECK \(){column} IN \([^)]*\)", check)


def _remake(connection: Connection, table: str, pattern: str, text: str) -> None:
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
