"""What each kind of database writes in its own way, as parts of statements that are otherwise the same for all.

How SQLite writes them is in :mod:`dialer.store.sqlite.expressions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Dialect, Float, Table
from sqlalchemy.dialects import sqlite as lite
from sqlalchemy.sql.functions import FunctionElement

from dialer.store.schema.columns import UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql as pg

    Upsert = lite.Insert | pg.Insert


class seconds_between(FunctionElement[float]):  # noqa: N801 - named as SQLAlchemy's functions are
    """From an earlier time to a later one."""

    name = "seconds_between"
    inherit_cache = True
    type = Float()


class ten_minutes_of(FunctionElement[datetime]):  # noqa: N801 - named as what it makes in SQL
    """When the ten minutes of the clock began in which a time lies."""

    name = "ten_minutes_of"
    inherit_cache = True
    type = UtcDateTime()


class thousandths_of(FunctionElement[int]):  # noqa: N801 - named as what it makes in SQL
    """A decimal number that is written out, as a whole number of thousandths; 0 for what is no number."""

    name = "thousandths_of"
    inherit_cache = True
    type = BigInteger()


def upsert(dialect: Dialect, table: Table, *, keep: Sequence[str] = ()) -> Upsert:
    """An insert that replaces the row of the same primary key, but for the columns in ``keep``."""
    statement = _insert(dialect, table)
    new = {c.name: statement.excluded[c.name] for c in table.c if not c.primary_key and c.name not in keep}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=new)


def insert_new(dialect: Dialect, table: Table) -> Upsert:
    """An insert that leaves out rows whose primary key is there already."""
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=list(table.primary_key))


def _insert(dialect: Dialect, table: Table) -> Upsert:
    if dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return lite.insert(table)
